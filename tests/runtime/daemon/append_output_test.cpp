// `-o append_output…` as Falco's command line takes it.
#include "runtime/daemon/append_output.h"

#include <doctest/doctest.h>

#include "runtime/daemon/options.h"
#include "runtime/daemon/setting_path.h"

using namespace falcod;
using falcoc::ir::OutputAddition;

namespace {

std::expected<Options, falcoc::Diagnostic> parse(const std::vector<const char*>& settings) {
  std::vector<const char*> arguments{"falcod"};
  for (const char* setting : settings) arguments.insert(arguments.end(), {"-o", setting});
  falcoc::Diagnostics warnings;
  return parse_options(static_cast<int>(arguments.size()), arguments.data(), warnings);
}

std::vector<OutputAddition> additions(const std::vector<const char*>& settings) {
  auto options = parse(settings);
  if (!options) FAIL(options.error().message);
  return options->output_additions;
}

}  // namespace

TEST_CASE("an entry in one setting, as JSON or as YAML") {
  for (const char* setting :
       {R"(append_output[]={"match": {"source": "syscall", "rule": "A rule", "tags": ["a", "b"]},)"
        R"( "extra_output": "on CPU %evt.cpu", "extra_fields": ["evt.hostname", {"who":)"
        R"( "%user.name"}], "suggested_output": true})",
        "append_output[]={match: {source: syscall, rule: A rule, tags: [a, b]}, extra_output: on "
        "CPU %evt.cpu, extra_fields: [evt.hostname, {who: '%user.name'}], suggested_output: yes}",
        "append_output=[{match: {source: syscall, rule: A rule, tags: [a, b]}, extra_output: on "
        "CPU %evt.cpu, extra_fields: [evt.hostname, {who: '%user.name'}], suggested_output: "
        "on}]"}) {
    CAPTURE(setting);
    const auto all = additions({setting});
    REQUIRE(all.size() == 1);
    const OutputAddition& one = all[0];
    CHECK(one.name == "append_output[0]");
    CHECK(one.source == "syscall");
    CHECK(one.rule == "A rule");
    CHECK(one.tags == std::vector<std::string>{"a", "b"});
    CHECK(one.extra_output == "on CPU %evt.cpu");
    CHECK(one.suggested_output);
    REQUIRE(one.extra_fields.size() == 2);
    CHECK(one.extra_fields[0].key == "evt.hostname");
    CHECK_FALSE(one.extra_fields[0].format);
    CHECK(one.extra_fields[1].key == "who");
    CHECK(one.extra_fields[1].format == "%user.name");
  }
}

TEST_CASE("an entry piece by piece") {
  const auto all = additions(
      {"append_output[].extra_output=first", "append_output[0].match.tags[]=a=b",
       "append_output[0].match.tags[1]=c", "append_output[0].extra_fields[]={key: \"%proc.pid\"}",
       "append_output[1].extra_output=second: {x}", "append_output[0].extra_output=changed"});
  REQUIRE(all.size() == 2);
  CHECK(all[0].extra_output == "changed");
  CHECK(all[0].tags == std::vector<std::string>{"a=b", "c"});
  CHECK(all[0].extra_fields.at(0).key == "key");
  CHECK(all[1].extra_output == "second: {x}");
}

TEST_CASE("-p comes behind the entries") {
  std::vector<const char*> arguments{"falcod", "-p", "last", "-o",
                                     "append_output[].extra_output=x"};
  falcoc::Diagnostics warnings;
  const auto options =
      parse_options(static_cast<int>(arguments.size()), arguments.data(), warnings);
  REQUIRE(options);
  REQUIRE(options->output_additions.size() == 2);
  CHECK(options->output_additions[1].extra_output == "last");
}

TEST_CASE("what is not known or of the wrong kind is an error that names the place") {
  struct Case {
    const char* setting;
    const char* message;
  };
  for (const auto& [setting, message] : {
           Case{"append_output=x", "append_output is of the wrong kind"},
           Case{"append_output[]=x", "append_output[0] is of the wrong kind"},
           Case{"append_output[]={extra: x}", "append_output[0].extra is not a known key"},
           Case{"append_output[]={match: {tag: x}}",
                "append_output[0].match.tag is not a known key"},
           Case{"append_output[]={match: x}", "append_output[0].match is of the wrong kind"},
           Case{"append_output[]={match: {tags: x}}",
                "append_output[0].match.tags is of the wrong kind"},
           Case{"append_output[]={match: {tags: [[x]]}}",
                "append_output[0].match.tags[0] is of the wrong kind"},
           Case{"append_output[]={match: {rule: [x]}}",
                "append_output[0].match.rule is of the wrong kind"},
           Case{"append_output[]={extra_output: [x]}",
                "append_output[0].extra_output is of the wrong kind"},
           Case{"append_output[]={suggested_output: maybe}",
                "append_output[0].suggested_output is of the wrong kind"},
           Case{"append_output[]={extra_fields: proc.pid}",
                "append_output[0].extra_fields is of the wrong kind"},
           Case{"append_output[]={extra_fields: [{a: b, c: d}]}",
                "append_output[0].extra_fields[0] is of the wrong kind"},
           Case{"append_output[]={extra_fields: [a, {a: b}]}",
                "append_output[0].extra_fields[1]: `a` is there twice"},
       }) {
    CAPTURE(setting);
    const auto options = parse({setting});
    REQUIRE_FALSE(options);
    CHECK(options.error().message == message);
    CHECK_FALSE(options.error().hint.empty());
  }
}

TEST_CASE("paths that lead nowhere are errors") {
  for (const char* setting :
       {"append_output[", "append_output[x]=1", "append_output[-1]=1", "append_output[1]=x",
        "append_output[]", "append_output.=x", "append_output[]x=1", "append_output]=1",
        "append_output[]={a: [}", "append_output.x=1", "append_outputs=1", "append_output_x[]=1"}) {
    CAPTURE(setting);
    CHECK_FALSE(parse({setting}));
  }
  CHECK_FALSE(parse({"append_output[].extra_output=x", "append_output[0].extra_output.y=z"}));
  CHECK_FALSE(parse({"append_output[].extra_output=x", "append_output[0].extra_output[]=z"}));
}

TEST_CASE("a backslash takes a separator into a key") {
  const auto setting = parse_setting(R"(a\.b\[\]\=.c\\=v=w)");
  REQUIRE(setting);
  REQUIRE(setting->path.size() == 2);
  CHECK(setting->path[0].key == "a.b[]=");
  CHECK(setting->path[1].key == "c\\");
  CHECK(setting->value == "v=w");
}

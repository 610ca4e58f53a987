// `-o`: paths, values, and places that there are not.
#include "runtime/config/setting.h"

#include "tests/runtime/config/loading.h"

using namespace falcod;
using namespace falcod::config;
using falcoc::Code;
using falcoc::ir::OutputAddition;

TEST_CASE("an entry of a list in one setting, as JSON or as YAML") {
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
    const Loaded loaded = load_settings({setting});
    CAPTURE(loaded.text());
    REQUIRE(loaded.config.append_output.size() == 1);
    const OutputAddition& one = loaded.config.append_output[0];
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
  const Loaded loaded = load_settings(
      {"append_output[].extra_output=first", "append_output[0].match.tags[]=a=b",
       "append_output[0].match.tags[1]=c", "append_output[0].extra_fields[]={key: \"%proc.pid\"}",
       "append_output[1].extra_output=second: {x}", "append_output[0].extra_output=changed"});
  CAPTURE(loaded.text());
  const auto& all = loaded.config.append_output;
  REQUIRE(all.size() == 2);
  CHECK(all[0].extra_output == "changed");
  CHECK(all[0].tags == std::vector<std::string>{"a=b", "c"});
  CHECK(all[0].extra_fields.at(0).key == "key");
  CHECK(all[1].extra_output == "second: {x}");
}

TEST_CASE("values are left without blanks and quotes around them") {
  CHECK(load_settings({" priority = 'error' "}).config.alerts.minimum_priority ==
        falcoc::Priority::ERROR);
}

TEST_CASE("what is of the wrong kind is an error that names the place") {
  struct Case {
    const char* setting;
    const char* message;
  };
  for (const auto& [setting, message] : {
           Case{"append_output=x", "append_output: `x` is not a value of this key"},
           Case{"append_output[]=x", "append_output[0]: `x` is not a value of this key"},
           Case{"append_output[]={match: {tags: x}}",
                "append_output[0].match.tags: `x` is not a value of this key"},
           Case{"append_output[]={match: {tags: [[x]]}}",
                "append_output[0].match.tags[0] is of the wrong kind"},
           Case{"append_output[]={match: {rule: [x]}}",
                "append_output[0].match.rule is of the wrong kind"},
           Case{"append_output[]={extra_output: [x]}",
                "append_output[0].extra_output is of the wrong kind"},
           Case{"append_output[]={suggested_output: maybe}",
                "append_output[0].suggested_output: `maybe` is not a value of this key"},
           Case{"append_output[]={extra_fields: proc.pid}",
                "append_output[0].extra_fields: `proc.pid` is not a value of this key"},
           Case{"append_output[]={extra_fields: [{a: b, c: d}]}",
                "append_output[0].extra_fields[0] is of the wrong kind"},
           Case{"append_output[]={extra_fields: [a, {a: b}]}",
                "append_output[0].extra_fields[1]: `a` is there twice"},
       }) {
    CAPTURE(setting);
    const Loaded loaded = load_settings({setting});
    REQUIRE(loaded.diagnostics.items().size() == 1);
    const falcoc::Diagnostic& error = loaded.diagnostics.items()[0];
    CHECK(error.code == Code::OPTION_VALUE);
    CHECK(error.message == message);
    CHECK_FALSE(error.hint.empty());
  }
}

TEST_CASE("a key that there is not is an error that suggests the likely one") {
  for (const char* setting :
       {"json_ouput=true", "append_output[]={extra: x}", "append_output[]={match: {tag: x}}",
        "append_outputs=1", "append_output_x[]=1", "webserver.port=1"}) {
    CAPTURE(setting);
    const Loaded loaded = load_settings({setting});
    CHECK(loaded.count(Code::OPTION_UNKNOWN) == 1);
  }
  const Loaded loaded = load_settings({"json_ouput=true"});
  CHECK(loaded.text().find("did you mean json_output?") != std::string::npos);
  CHECK(loaded.text().find("rule_matching") != std::string::npos);
}

TEST_CASE("paths that lead nowhere are errors") {
  for (const char* setting :
       {"append_output[", "append_output[x]=1", "append_output[-1]=1", "append_output[1]=x",
        "append_output[]", "append_output.=x", "append_output[]x=1", "append_output]=1",
        "append_output[]={a: [}", "append_output.x=1", "json_output", "stdout_output.enabled.x=1",
        "=x", "append_output[99999999999999999999]=1"}) {
    CAPTURE(setting);
    CHECK(load_settings({setting}).diagnostics.has_errors());
  }
  CHECK(load_settings({"append_output[].extra_output=x", "append_output[0].extra_output.y=z"})
            .diagnostics.has_errors());
  CHECK(load_settings({"append_output[].extra_output=x", "append_output[0].extra_output[]=z"})
            .diagnostics.has_errors());
}

TEST_CASE("a backslash takes a separator into a key") {
  const auto setting = parse_setting(R"(a\.b\[\]\=.c\\=v=w)");
  REQUIRE(setting);
  REQUIRE(setting->path.size() == 2);
  CHECK(setting->path[0].key == "a.b[]=");
  CHECK(setting->path[1].key == "c\\");
  CHECK(setting->value == "v=w");
}

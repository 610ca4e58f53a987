// Where names of fields end.
#include "compiler/ir/field_name.h"

#include <doctest/doctest.h>

using namespace falcoc;

TEST_CASE("a field name is the longest name of the catalog that begins the text") {
  const auto resolve = [](std::string_view text) {
    const auto name = ir::resolve_field_name(text);
    return name ? std::string(name->field->name) + '|' + std::string(name->rest) : std::string();
  };
  CHECK(resolve("proc.name") == "proc.name|");
  CHECK(resolve("proc.name.foo") == "proc.name|.foo");
  CHECK(resolve("proc.nameand") == "proc.name|and");
  CHECK(resolve("evt.arg.path") == "evt.arg|.path");
  CHECK(resolve("evt.args") == "evt.args|");
  CHECK(resolve("evt.type.is.open") == "evt.type.is|.open");
  CHECK(resolve("evt.time.s") == "evt.time.s|");
  CHECK(resolve("no.such") == "");
  CHECK(resolve("") == "");
  CHECK(resolve("proc.name" + std::string(10'000'000, 'x')).starts_with("proc.name|x"));
}

TEST_CASE("an argument behind a dot is as long as the longest name known for it") {
  const auto length = [](std::string_view field, std::string_view rest) {
    return ir::dotted_argument_length(*find_field(field), rest);
  };
  CHECK(length("evt.arg", ".path") == 5);
  CHECK(length("evt.arg", ".path.more") == 5);
  CHECK(length("evt.rawarg", ".flags") == 6);
  CHECK(length("evt.arg", ".bogus_name") == 0);
  CHECK(length("evt.arg", "path") == 0);
  CHECK(length("evt.arg", ".") == 0);
  CHECK(length("evt.type.is", ".open") == 5);
  CHECK(length("evt.abspath", ".src") == 4);
  CHECK(length("evt.abspath", ".other") == 0);
  CHECK(length("thread.cgroup", ".cpuacct.x") == 8);
  CHECK(length("proc.name", ".path") == 0);
}

TEST_CASE("fields take the arguments in brackets that their row allows") {
  const auto accepts = [](std::string_view field, std::string_view argument) {
    return ir::accepts_bracket_argument(*find_field(field), argument);
  };
  CHECK(accepts("proc.aname", "2"));
  CHECK(accepts("proc.aname", "+1"));
  CHECK_FALSE(accepts("proc.aname", "x"));
  CHECK_FALSE(accepts("proc.aname", "1x"));
  CHECK_FALSE(accepts("proc.aname", ""));
  CHECK(accepts("proc.env", "HOME"));
  CHECK(accepts("evt.arg", "0"));
  CHECK_FALSE(accepts("evt.rawarg", "0"));
  CHECK_FALSE(accepts("proc.name", "1"));
  CHECK(ir::accepts_no_argument(*find_field("proc.aname")));
  CHECK_FALSE(ir::accepts_no_argument(*find_field("evt.arg")));
}

// Loading of object files that are not what they should be.
#include "compiler/codegen/native/object.h"

#include "compiler/codegen/native/generate.h"
#include "tests/compiler/codegen/native_ruleset.h"

namespace falcoc::testing {
namespace {

std::string object_of(const ir::Program& program) {
  const auto made = native::generate(program, std::vector<bool>(program.fields.size(), true));
  REQUIRE(made.has_value());
  return made->object;
}

TEST_CASE("an object that is cut anywhere is refused") {
  const std::string object =
      object_of(program_of({"proc.name in (a, b) and fd.name contains /x/"}));
  REQUIRE(native::LoadedObject::load(object).has_value());
  for (size_t size = 0; size < object.size(); size += 1 + size / 40) {
    CAPTURE(size);
    const auto loaded = native::LoadedObject::load(std::string_view(object).substr(0, size));
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().code == Code::NATIVE_CODEGEN);
  }
}

TEST_CASE("an object for other rules is refused") {
  const ir::Program one = program_of({"proc.name = a"});
  const ir::Program two = program_of({"proc.name = a and fd.name = b"});
  const auto matcher = native::Matcher::load(two, BoundFacts::accessors(two), object_of(one));
  REQUIRE_FALSE(matcher.has_value());
  CHECK(matcher.error().code == Code::NATIVE_CODEGEN);
}

TEST_CASE("text that is no object is refused") {
  const auto loaded = native::LoadedObject::load(
      "not an object file, but long enough to be read as one"
      " by what does not look at its first bytes");
  REQUIRE_FALSE(loaded.has_value());
}

}  // namespace
}  // namespace falcoc::testing

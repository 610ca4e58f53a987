// The conformance cases in native code.
#include "compiler/codegen/native/native.h"

#include <doctest/doctest.h>

#include "tests/conformance/check_cases.h"

namespace falcoc::conformance {
namespace {

std::expected<bool, std::string> evaluate_natively(const ir::Program& program,
                                                   const testing::Facts& facts) {
  const std::optional<EventKind> kind = facts.event_kind();
  if (!kind) return std::unexpected("no event of type " + facts.event_type());
  testing::BoundFacts bound(facts, program);
  const std::vector<Accessor> accessors = testing::BoundFacts::accessors(program);
  const auto matcher = native::Matcher::compile(program, accessors);
  if (!matcher) return std::unexpected(matcher.error().message);
  std::vector<uint64_t> matched(matcher->words_per_result());
  ir::ValueArena arena;
  matcher->match(*kind, bound.context(), arena, matched);
  return (matched.at(0) & 1) != 0;
}

TEST_CASE("conditions mean the same in native code") {
  check_cases("native code", evaluate_natively);
}

TEST_CASE("recorded conditions mean the same in native code") {
  check_vectors("native code", evaluate_natively);
}

}  // namespace
}  // namespace falcoc::conformance

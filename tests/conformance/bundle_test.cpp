// The conformance cases after their programs went through a bundle.
#include "compiler/bundle/bundle.h"

#include <doctest/doctest.h>

#include "tests/conformance/check_cases.h"

namespace falcoc::conformance {
namespace {

std::expected<bool, std::string> evaluate_bundled(const ir::Program& program,
                                                  const testing::Facts& facts) {
  const auto copy = bundle::read(bundle::write(program), "case");
  if (!copy) return std::unexpected(copy.error().message);
  return evaluate_by_reference(*copy, facts);
}

TEST_CASE("conditions mean the same after a way through a bundle") {
  check_cases("bundle", evaluate_bundled);
}

TEST_CASE("recorded conditions mean the same after a way through a bundle") {
  check_vectors("bundle", evaluate_bundled);
}

}  // namespace
}  // namespace falcoc::conformance

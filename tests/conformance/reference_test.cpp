// The conformance cases in the reference evaluator.
#include <doctest/doctest.h>

#include "tests/conformance/check_cases.h"

TEST_CASE("conditions mean what the language says") {
  falcoc::conformance::check_cases("reference evaluator",
                                   falcoc::conformance::evaluate_by_reference);
}

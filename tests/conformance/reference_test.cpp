// The conformance cases in the reference evaluator.
#include <doctest/doctest.h>

#include "tests/conformance/check_cases.h"

TEST_CASE("conditions mean what the language says") {
  falcoc::conformance::check_cases("reference evaluator",
                                   falcoc::conformance::evaluate_by_reference);
}

TEST_CASE("recorded conditions mean what Falco makes of them, but for what we do on purpose") {
  falcoc::conformance::check_vectors("reference evaluator",
                                     falcoc::conformance::evaluate_by_reference);
}

// Runs every conformance case of this folder through one way of evaluating conditions. A new engine
// is a test file that calls check_cases() with its function.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "compiler/ir/fact_source.h"
#include "compiler/ir/program.h"

namespace falcoc::conformance {

/// Evaluates the only rule of `program`, which is enabled. The error says why the engine cannot,
/// which fails the case.
using EvaluateRule = std::expected<bool, std::string>(const ir::Program& program,
                                                      const testing::Facts& facts);

/// The definition all others are held against.
EvaluateRule evaluate_by_reference;

/// Checks all cases with doctest and reports their number.
void check_cases(std::string_view engine, EvaluateRule& evaluate);

/// The same for the specification's recorded vectors, where the specification is at hand.
void check_vectors(std::string_view engine, EvaluateRule& evaluate);

}  // namespace falcoc::conformance

// Limits of what a bundle may hold. They bound the memory and the stack that loading, evaluating
// and compiling a hostile bundle can take, and lie far above any ruleset met in the wild.
#pragma once

#include <cstddef>
#include <cstdint>

#include "compiler/ir/lower.h"
#include "compiler/ir/parse.h"

namespace falcoc::bundle {

inline constexpr size_t kMaxRules = 100'000;
inline constexpr size_t kMaxNodes = 2'000'000;
inline constexpr size_t kMaxOperands = 500'000;
inline constexpr size_t kMaxFields = 50'000;
inline constexpr size_t kMaxLiteralSets = 1'000'000;
inline constexpr size_t kMaxLiterals = 4'000'000;  ///< in all sets together
inline constexpr size_t kMaxPatterns = 20'000;     ///< each is compiled when loaded

/// Text of one literal, name or constant. Conditions limit literals to 255 bytes (RULE-LANGUAGE
/// 3.7); descriptions and condition texts are longer.
inline constexpr size_t kMaxTextBytes = size_t{4} << 20;
inline constexpr size_t kMaxLiteralBytes = 64 << 10;

/// Longest way from a rule to a check: what the compiler makes at most. Evaluators recurse.
inline constexpr uint32_t kMaxNodeDepth = ir::kMaxConditionDepth;
/// Deepest nesting of transformers; conditions have less (ir::kMaxNesting).
inline constexpr uint32_t kMaxOperandDepth = ir::kMaxNesting;
/// Operands that evaluating one operand visits, shared ones each time: sharing must not make a
/// small file take forever.
inline constexpr uint64_t kMaxOperandVisits = 100'000;

/// Widest output column; a format can otherwise ask for gigabytes of blanks.
inline constexpr uint32_t kMaxOutputWidth = 1 << 16;

/// Tables the FlatBuffers verifier walks at most, and their nesting (Bundle, Rule, Origin).
inline constexpr size_t kMaxTables = 16'000'000;
inline constexpr uint32_t kMaxTableDepth = 8;

}  // namespace falcoc::bundle

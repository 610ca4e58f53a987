// Checks as data and their evaluation without generated code: what generated code calls where it
// does not expand a check. Knows values and the program, not LLVM. Written apart from the reference
// evaluator on purpose, so that the differential test compares two readings of the language.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "compiler/ir/literals.h"
#include "compiler/ir/program.h"
#include "compiler/ir/text_match.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::native {

/// One check with everything that can be prepared before the first event.
struct Check {
  ir::Type type;  ///< of the left side
  ir::TypeTraits traits;
  ir::Operator op{};
  ir::Modifier modifier = ir::Modifier::NONE;
  std::span<const ir::Literal> literals;      ///< empty if the right side is an operand
  std::vector<ir::CompiledPattern> patterns;  ///< regex: parallel to literals
  /// Large sets of text, bytes or addresses; small ones are searched one by one.
  std::unordered_set<std::string_view> members;
};

/// The literals stay where they are in the program. The error is about a pattern.
std::expected<Check, Diagnostic> prepare_check(const ir::Program& program, const ir::Node& atom);

/// Whether the check holds for a present left value. `right` is the value of the right operand,
/// null if the right side is literals or nothing.
bool check_holds(const Check& check, const Value& left, const Value* right);

/// The same for one literal of a text check, `text` being cut at its first NUL already.
bool text_check_holds(const Check& check, size_t literal, std::string_view text);

/// Whether `needle` occurs in `text`; for the short texts of events faster than memmem().
bool contains_bytes(std::string_view text, std::string_view needle);

}  // namespace falcoc::native

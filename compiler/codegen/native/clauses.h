// Clauses: what has to hold of one operand for a condition to hold, as keys that a look-up can be
// made of. Knows the IR, not LLVM.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "compiler/codegen/native/plan.h"

namespace falcoc::native {

/// One alternative of a clause.
struct Key {
  enum class Kind : uint8_t { WHOLE, PREFIX, SUFFIX, PART, NUMBER };
  Kind kind = Kind::WHOLE;
  std::string_view text{};  ///< of the program's literals; not empty, NUL only in addresses
  uint64_t number = 0;      ///< NUMBER
};

/// If the condition holds, so does one of the keys: the operand equals it, begins or ends with it
/// or contains it. The converse need not be true.
struct Clause {
  ir::OperandId operand{};
  std::vector<Key> keys{};
  float chance = 0;  ///< that one of the keys holds, for an ordinary event
};

/// Keys that one look-up takes; a condition that needs more has no clause.
inline constexpr size_t kMaxClauseKeys = 4096;

/// The clauses of a node, at most one per operand.
std::vector<Clause> clauses_of(const ir::Program& program, const Plan& plan, ir::NodeId node);

}  // namespace falcoc::native

// One check over what the kernel knows of its field: in which events it may be true, and in which
// it may be false. Both over-approximate; where the kernel knows all, they are complements.
#pragma once

#include <span>

#include "compiler/ir/split/kernel_values.h"
#include "compiler/ir/split/split.h"

namespace falcoc::ir::split {

struct Bounds {
  GuardId may_be_true = KernelPlan::kTrue;
  GuardId may_be_false = KernelPlan::kTrue;

  bool operator==(const Bounds&) const = default;
  bool is_unknown() const { return *this == Bounds{}; }
};

struct AtomBounds {
  Bounds bounds;
  Reason reason = Reason::NONE;  ///< NONE: exact
};

/// What is known of any comparison while a value is what an alternative says.
Bounds bounds_of_text(const Node& atom, const TextValue& value, std::span<const Literal> literals,
                      GuardBuilder& guards);
Bounds bounds_of_number(const Node& atom, const Type& type, const KernelNumber& number,
                        std::span<const Literal> literals, GuardBuilder& guards);
Bounds bounds_of_decimal(const Node& atom, const KernelNumber& number,
                         std::span<const Literal> literals, GuardBuilder& guards);
Bounds bounds_of_address(const Node& atom, const Type& type, const AddressValue& address,
                         std::span<const Literal> literals, GuardBuilder& guards);
Bounds bounds_of_flags(const Node& atom, const FlagsValue& flags, std::span<const Literal> literals,
                       GuardBuilder& guards);

AtomBounds bounds_of_atom(const Program& program, const Node& atom, KernelValues& values,
                          GuardBuilder& guards, Mutation mutation);

}  // namespace falcoc::ir::split

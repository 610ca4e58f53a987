// Guards as plain code: what a kernel plan says of a call, read off its definition. The oracle for
// the generated programs, which must say exactly the same.
#pragma once

#include <optional>

#include "compiler/ir/split/kernel_plan.h"
#include "tests/law/stage.h"

namespace falcoc::law {

/// Whether the guard holds for the call; nothing if that depends on paths that only the kernel
/// knows.
struct Known {
  const fc_facts* facts = nullptr;    ///< of the process, null: unknown
  const fc_fd* descriptor = nullptr;  ///< of the event, null: unknown
};
std::optional<bool> holds(const ir::split::KernelPlan& plan, ir::split::GuardId guard,
                          const Call& call, const Known& known);

}  // namespace falcoc::law

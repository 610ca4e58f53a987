// See preemption.h. A kernel with PREEMPT_DYNAMIC keeps its choice in `preempt_dynamic_mode`
// (kernel/sched/core.c).
#include "runtime/capture/preemption.h"

#include <sys/utsname.h>

#include "runtime/capture/kernel_memory.h"

namespace falcod {

namespace {

/// Values of preempt_dynamic_mode; later ones preempt in some way.
constexpr uint32_t kModeNone = 0, kModeVoluntary = 1;

}  // namespace

Preemption built_preemption(std::string_view version) {
  if (version.find("PREEMPT_DYNAMIC") != std::string_view::npos) return Preemption::UNKNOWN;
  return version.find("PREEMPT") == std::string_view::npos ? Preemption::NO : Preemption::YES;
}

Preemption kernel_preemption() {
  utsname names{};
  if (uname(&names) != 0) return Preemption::UNKNOWN;
  const Preemption built = built_preemption(names.version);
  if (built != Preemption::UNKNOWN) return built;
  const auto address = kernel_address("preempt_dynamic_mode");
  const auto mode = address ? read_kernel(*address) : std::nullopt;
  if (!mode) return Preemption::UNKNOWN;
  return *mode == kModeNone || *mode == kModeVoluntary ? Preemption::NO : Preemption::YES;
}

}  // namespace falcod

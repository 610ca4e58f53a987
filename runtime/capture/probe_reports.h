// What the probe tells apart from events: its counters, and who runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "probe/abi.h"
#include "runtime/capture/event_source.h"

namespace falcod {

class Probe;

/// Events that were not delivered, and (the second) that were, but without what could not be read.
std::vector<LossCount> kernel_losses(const Probe& probe);
std::vector<LossCount> kernel_faults(const Probe& probe);

/// Events passed to the ring, and dropped by filters, by kind.
std::vector<uint64_t> submitted_events(const Probe& probe);
std::vector<uint64_t> rejected_events(const Probe& probe);

/// Exactly who runs now; empty if the kernel does not say.
std::vector<fc_identity> running_tasks(Probe& probe);

}  // namespace falcod

// What the probe tells apart from events: its counters, and who runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "probe/abi.h"
#include "runtime/capture/event_source.h"

struct falcoc_probe;

namespace falcod {

/// Events that were not delivered, and (the second) that were, but without what could not be read.
/// `cpus`: libbpf_num_possible_cpus().
std::vector<LossCount> kernel_losses(const falcoc_probe& probe, size_t cpus);
std::vector<LossCount> kernel_faults(const falcoc_probe& probe, size_t cpus);

/// Events passed to the ring, and dropped by filters, by kind.
std::vector<uint64_t> submitted_events(const falcoc_probe& probe, size_t cpus);
std::vector<uint64_t> rejected_events(const falcoc_probe& probe, size_t cpus);

/// Exactly who runs now; empty if the kernel does not say.
std::vector<fc_identity> running_tasks(const falcoc_probe& probe);

}  // namespace falcod

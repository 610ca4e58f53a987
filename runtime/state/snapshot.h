// What is now, as the head of a capture file: machine, interfaces, accounts, processes with their
// threads, and their descriptors.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/state/process_table.h"

namespace falcod {

/// Section header and all tables. Processes are those of the table; threads and descriptors are
/// read from /proc, which takes some milliseconds per hundred processes.
std::string snapshot(const ProcessTable& processes);

/// Events that a capture must hold for its reader to know processes and descriptors throughout.
falcoc::EventSet followed_events();

}  // namespace falcod

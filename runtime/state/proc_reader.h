// One process as /proc describes it. Knows procfs formats, not the process table.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/state/process_table.h"

namespace falcod {

uint64_t boot_now_ns();

/// Nothing if the process is gone. Parent link, `tracked` and named containers are the table's
/// work; engine-named containers are filled in. What /proc does not tell stays at its default:
/// whether the executable lies in an overlay layer.
std::optional<Process> read_proc_process(int64_t pid, uint64_t boot_to_epoch_ns);

/// Only the cgroups, empty if the process is gone.
CgroupPaths read_proc_cgroups(int64_t pid);

/// argv with argv[0], and environment; NUL-separated, cut as in events, empty if unreadable.
std::string read_proc_arguments(int64_t pid);
std::string read_proc_environment(int64_t pid);

/// Pids under /proc, ascending.
std::vector<int64_t> list_proc_pids();

/// Nanoseconds per clock tick of the times in /proc/PID/stat.
uint64_t proc_tick_ns();

/// Engine-named container of these paths.
std::shared_ptr<const Cgroups> make_cgroups(CgroupPaths paths);

}  // namespace falcod

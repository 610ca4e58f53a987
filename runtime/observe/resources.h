// What falcod and its host use of the machine, read from /proc when asked.
#pragma once

#include <cstdint>

namespace falcod {

/// Zero for what cannot be read.
struct Resources {
  double cpu_percent = 0;  ///< of one processor, since the start
  uint64_t rss_kb = 0, vsz_kb = 0, pss_kb = 0;
  uint64_t container_memory_bytes = 0;  ///< FALCO_CGROUP_MEM_PATH, else of the own cgroup
  double host_cpu_percent = 0;          ///< of all processors, since boot
  uint64_t host_memory_used_kb = 0;
  uint64_t host_procs_running = 0;
  uint64_t host_open_fds = 0;
};

Resources read_resources();
/// CLOCK_REALTIME of the boot, nanoseconds.
uint64_t boot_time_ns();

}  // namespace falcod

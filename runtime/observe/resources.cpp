// See resources.h.
#include "runtime/observe/resources.h"

#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace falcod {

namespace {

constexpr uint64_t kSecond = 1'000'000'000;

/// The number behind `key` in a file of lines "key: number unit".
uint64_t value_of(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    uint64_t value = 0;
    if (word == key && file >> value) return value;
    file.ignore(1 << 16, '\n');
  }
  return 0;
}

uint64_t first_number(const std::string& path) {
  std::ifstream file(path);
  uint64_t value = 0;
  file >> value;
  return value;
}

/// utime and stime of this process in ticks, and its start after boot.
void read_own_times(double& used_ticks, double& start_ticks) {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const size_t name_end = text.rfind(')');  // the name may hold blanks
  if (name_end == text.npos) return;
  std::istringstream fields(text.substr(name_end + 2));
  std::vector<std::string> all;
  for (std::string field; fields >> field;) all.push_back(field);
  if (all.size() < 20) return;
  used_ticks = std::strtod(all[11].c_str(), nullptr) + std::strtod(all[12].c_str(), nullptr);
  start_ticks = std::strtod(all[19].c_str(), nullptr);
}

double host_cpu() {
  std::ifstream file("/proc/stat");
  std::string cpu;
  file >> cpu;
  double total = 0;
  double idle = 0;
  for (int i = 0; i < 8; ++i) {
    double ticks = 0;
    file >> ticks;
    total += ticks;
    if (i == 3 || i == 4) idle += ticks;  // idle, iowait
  }
  return total > 0 ? 100 * (total - idle) / total : 0;
}

double uptime() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / kSecond;
}

}  // namespace

Resources read_resources() {
  Resources out;
  double used = 0;
  double start = 0;
  read_own_times(used, start);
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const double age = uptime() - start / ticks;
  if (age > 0) out.cpu_percent = 100 * used / ticks / age;
  out.rss_kb = value_of("/proc/self/status", "VmRSS:");
  out.vsz_kb = value_of("/proc/self/status", "VmSize:");
  out.pss_kb = value_of("/proc/self/smaps_rollup", "Pss:");
  if (const char* path = std::getenv("FALCO_CGROUP_MEM_PATH"); path != nullptr && *path != '\0') {
    out.container_memory_bytes = first_number(path);
  } else {
    out.container_memory_bytes = first_number("/sys/fs/cgroup/memory/memory.usage_in_bytes");
    if (out.container_memory_bytes == 0) {
      out.container_memory_bytes = first_number("/sys/fs/cgroup/memory.current");
    }
  }
  out.host_cpu_percent = host_cpu();
  const uint64_t total = value_of("/proc/meminfo", "MemTotal:");
  const uint64_t free = value_of("/proc/meminfo", "MemFree:") +
                        value_of("/proc/meminfo", "Buffers:") +
                        value_of("/proc/meminfo", "Cached:");
  out.host_memory_used_kb = total > free ? total - free : 0;
  out.host_procs_running = value_of("/proc/stat", "procs_running");
  out.host_open_fds = first_number("/proc/sys/fs/file-nr");
  return out;
}

uint64_t boot_time_ns() {
  timespec real{};
  timespec boot{};
  ::clock_gettime(CLOCK_REALTIME, &real);
  ::clock_gettime(CLOCK_BOOTTIME, &boot);
  const auto ns = [](const timespec& time) {
    return static_cast<uint64_t>(time.tv_sec) * kSecond + static_cast<uint64_t>(time.tv_nsec);
  };
  return ns(real) - ns(boot);
}

}  // namespace falcod

// The tables at the head of a capture: machine, network interfaces, users, processes, descriptors.
// Texts borrow from the block.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string_view>

#include "runtime/capture/scap/block_reader.h"

namespace falcod::scap {

struct Machine {
  uint32_t cpus = 0;
  uint64_t memory_bytes = 0;
  std::string_view hostname;
  uint64_t boot_time_ns = 0;  ///< since the epoch, 0 if unknown
};

struct Interface {
  uint8_t address_bytes = 0;  ///< 4 or 16
  std::array<char, 16> address{}, netmask{};
  std::string_view name;
};

struct UserEntry {
  bool is_group = false;
  uint32_t uid = 0, gid = 0;
  std::string_view name, home, shell;
};

struct ProcessEntry {
  uint64_t tid = 0, pid = 0;
  int64_t ptid = 0;
  int64_t sid = -1, vpgid = -1, pgid = -1, vtid = -1, vpid = -1;
  std::string_view comm, exe, exe_path, cwd, root;
  std::string_view args, env, cgroups;  ///< a NUL after each
  int64_t fd_limit = 0;
  uint32_t flags = 0;  ///< Falco's clone flags
  uint32_t uid = 0, gid = 0, login_uid = ~0u, tty = 0;
  uint32_t vm_size_kb = 0, vm_rss_kb = 0, vm_swap_kb = 0;
  uint64_t maj_faults = 0, min_faults = 0;
  uint64_t pidns_start_ns = 0;
  bool exe_writable = false, exe_upper_layer = false, exe_lower_layer = false, exe_memfd = false;
  uint64_t cap_inheritable = 0, cap_permitted = 0, cap_effective = 0;
  uint64_t exe_ino = 0, exe_ctime_ns = 0, exe_mtime_ns = 0;
};

/// Numbers of descriptor kinds (SCAP notes, section 2).
enum class FdKind : uint8_t {
  UNKNOWN = 0,
  FILE = 1,
  DIRECTORY = 2,
  IPV4_SOCKET = 3,
  IPV6_SOCKET = 4,
  IPV4_SERVER = 5,
  IPV6_SERVER = 6,
  FIFO = 7,
  UNIX_SOCKET = 8,
  EVENTFD = 9,
  UNSUPPORTED = 10,
  SIGNALFD = 11,
  EVENTPOLL = 12,
  INOTIFY = 13,
  TIMERFD = 14,
  NETLINK = 15,
  FILE_V2 = 16,
  BPF = 17,
  USERFAULTFD = 18,
  IO_URING = 19,
  MEMFD = 20,
  PIDFD = 21,
};
inline constexpr uint8_t kFdKinds = 22;

struct FdEntry {
  uint64_t tid = 0;
  int64_t fd = 0;
  uint64_t ino = 0;
  FdKind kind = FdKind::UNKNOWN;
  uint8_t raw_kind = 0;  ///< as stored; beyond kFdKinds the kind is UNSUPPORTED
  uint8_t l4 = 0;        ///< 0 unknown, 1 none, 2 tcp, 3 udp, 4 icmp, 5 raw
  std::array<char, 16> source{}, destination{};    ///< of servers the address is in `source`
  uint16_t source_port = 0, destination_port = 0;  ///< host order
  uint64_t unix_source = 0, unix_destination = 0;
  uint32_t open_flags = 0, dev = 0;
  std::string_view name;
};

/// Nothing if the block is not as it should be; `what` then says why.
std::optional<Machine> parse_machine(const Block& block, std::string& what);
bool parse_interfaces(const Block& block, const std::function<void(const Interface&)>& each,
                      std::string& what);
bool parse_users(const Block& block, const std::function<void(const UserEntry&)>& each,
                 std::string& what);
bool parse_fds(const Block& block, const std::function<void(const FdEntry&)>& each,
               std::string& what);

/// 1 to 9 for the block types of process lists, 0 for every other block.
int process_list_version(uint32_t type);
bool parse_processes(const Block& block, const std::function<void(const ProcessEntry&)>& each,
                     std::string& what);

}  // namespace falcod::scap

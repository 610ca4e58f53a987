#include "runtime/capture/scap/tables.h"

#include <fmt/format.h>

#include <algorithm>

namespace falcod::scap {
namespace {

constexpr size_t kMachineBytes = 180;
constexpr size_t kMaxNameBytes = 1024;  // interfaces, paths and names of processes and descriptors
constexpr size_t kMaxStringsBytes = 4096;    // arguments, environment, cgroups
constexpr size_t kMaxUserTextBytes = 65535;  // writers do not keep to the readers' 256
/// Process lists whose entries end with at most so many bytes after `root` lack two fields there.
constexpr size_t kShortTailBytes = 29;

enum InterfaceKind : uint16_t { IPV4 = 1, IPV6 = 2, IPV4_NO_SPEED = 3, IPV6_NO_SPEED = 4 };

std::string_view text_before_nul(std::string_view text) { return text.substr(0, text.find('\0')); }

template <size_t N>
void copy_address(std::string_view bytes, std::array<char, N>& out) {
  std::ranges::copy(bytes.substr(0, N), out.begin());
}

/// The bytes of one entry of a list whose entries say how long they are; `counts_itself` tells
/// whether the length includes its own four bytes. Nothing if it is too long.
std::optional<Reader> sized_entry(Reader& list, bool counts_itself) {
  const auto length = list.number<uint32_t>();
  const uint32_t own = counts_itself ? sizeof length : 0;
  if (length < own || length - own > list.left()) return std::nullopt;
  return Reader(list.bytes(length - own));
}

bool read_interface(Reader& in, Interface& out) {
  const auto kind = in.number<uint16_t>();
  const auto name_bytes = in.number<uint16_t>();
  if (kind < IPV4 || kind > IPV6_NO_SPEED) return false;
  out.address_bytes = kind == IPV4 || kind == IPV4_NO_SPEED ? 4 : 16;
  copy_address(in.bytes(out.address_bytes), out.address);
  copy_address(in.bytes(out.address_bytes), out.netmask);
  in.bytes(out.address_bytes);                              // broadcast address
  if (kind == IPV4 || kind == IPV6) in.number<uint64_t>();  // link speed
  out.name = in.bytes(name_bytes);
  return !in.failed() && name_bytes < kMaxNameBytes;
}

bool read_user(Reader& in, UserEntry& out) {
  out.is_group = in.number<uint8_t>() != 0;
  if (!out.is_group) out.uid = in.number<uint32_t>();
  out.gid = in.number<uint32_t>();
  out.name = in.text();
  if (!out.is_group) {
    out.home = in.text();
    out.shell = in.text();
  }
  return !in.failed() && out.name.size() <= kMaxUserTextBytes;
}

bool read_ip_socket(Reader& in, size_t address_bytes, FdEntry& out) {
  copy_address(in.bytes(address_bytes), out.source);
  copy_address(in.bytes(address_bytes), out.destination);
  out.source_port = in.number<uint16_t>();
  out.destination_port = in.number<uint16_t>();
  out.l4 = in.number<uint8_t>();
  return !in.failed();
}

bool read_ip_server(Reader& in, size_t address_bytes, FdEntry& out) {
  copy_address(in.bytes(address_bytes), out.source);
  out.source_port = in.number<uint16_t>();
  out.l4 = in.number<uint8_t>();
  return !in.failed();
}

/// The part after the kind. `sized`: the entry ends where `in` does, and what is unknown is
/// skipped.
bool read_fd_payload(Reader& in, bool sized, uint8_t kind, FdEntry& out) {
  switch (static_cast<FdKind>(kind)) {
    case FdKind::UNKNOWN:
      return true;
    case FdKind::IPV4_SOCKET:
      return read_ip_socket(in, 4, out);
    case FdKind::IPV6_SOCKET:
      return read_ip_socket(in, 16, out);
    case FdKind::IPV4_SERVER:
      return read_ip_server(in, 4, out);
    case FdKind::IPV6_SERVER:
      return read_ip_server(in, 16, out);
    case FdKind::UNIX_SOCKET:
      out.unix_source = in.number<uint64_t>();
      out.unix_destination = in.number<uint64_t>();
      out.name = in.text();
      return !in.failed();
    case FdKind::FILE_V2:
      out.open_flags = in.number<uint32_t>();
      out.name = in.text();
      if (sized && in.left() >= sizeof out.dev) out.dev = in.number<uint32_t>();
      return !in.failed();
    default:
      if (kind >= kFdKinds) {
        out.kind = FdKind::UNSUPPORTED;
        return sized;
      }
      out.name = in.text();
      return !in.failed();
  }
}

bool read_fd(Reader& in, bool sized, FdEntry& out) {
  out.fd = in.number<int64_t>();
  out.ino = in.number<uint64_t>();
  const auto kind = in.number<uint8_t>();
  if (in.failed()) return false;
  out.raw_kind = kind;
  out.kind = static_cast<FdKind>(kind);
  return read_fd_payload(in, sized, kind, out) && out.name.size() <= kMaxNameBytes;
}

/// A field of the tail: taken only while it fits whole.
template <typename Number>
bool take(Reader& in, Number& out) {
  if (in.left() < sizeof(Number)) return false;
  out = in.number<Number>();
  return true;
}

bool take(Reader& in, bool& out) {
  uint8_t value = 0;
  if (!take(in, value)) return false;
  out = value != 0;
  return true;
}

void read_process_tail(Reader& in, ProcessEntry& out) {
  if (in.left() > kShortTailBytes) {
    if (!take(in, out.pidns_start_ns) || !take(in, out.tty)) return;
  }
  (void)(take(in, out.login_uid) && take(in, out.exe_writable) && take(in, out.cap_inheritable) &&
         take(in, out.cap_permitted) && take(in, out.cap_effective) &&
         take(in, out.exe_upper_layer) && take(in, out.exe_ino) && take(in, out.exe_ctime_ns) &&
         take(in, out.exe_mtime_ns) && take(in, out.exe_memfd) && take(in, out.exe_lower_layer) &&
         take(in, out.pgid));
}

bool read_process(Reader& in, int version, ProcessEntry& out) {
  out.tid = in.number<uint64_t>();
  out.pid = in.number<uint64_t>();
  out.ptid = in.number<int64_t>();
  if (version >= 6) out.sid = in.number<int64_t>();
  if (version >= 8) out.vpgid = in.number<int64_t>();
  out.comm = in.text();
  out.exe = in.text();
  if (version >= 7) out.exe_path = in.text();
  out.args = in.text();
  out.cwd = in.text();
  out.fd_limit = in.number<int64_t>();
  out.flags = in.number<uint32_t>();
  out.uid = in.number<uint32_t>();
  out.gid = in.number<uint32_t>();
  if (version >= 2) {
    out.vm_size_kb = in.number<uint32_t>();
    out.vm_rss_kb = in.number<uint32_t>();
    out.vm_swap_kb = in.number<uint32_t>();
    out.maj_faults = in.number<uint64_t>();
    out.min_faults = in.number<uint64_t>();
  }
  if (version >= 3) out.env = in.text();
  if (version >= 4) {
    out.vtid = in.number<int64_t>();
    out.vpid = in.number<int64_t>();
    out.cgroups = in.text();
  }
  if (version >= 5) out.root = in.text();
  if (in.failed()) return false;
  if (version >= 9) read_process_tail(in, out);
  const auto names = {out.comm, out.exe, out.exe_path, out.cwd, out.root};
  const auto strings = {out.args, out.env, out.cgroups};
  return std::ranges::all_of(names, [](auto text) { return text.size() <= kMaxNameBytes; }) &&
         std::ranges::all_of(strings, [](auto text) { return text.size() <= kMaxStringsBytes; });
}

constexpr size_t kSmallestEntry = 4;  // what is left after the last entry is padding

std::string bad_entry(std::string_view list, size_t at) {
  return fmt::format(
      "an entry of the {} list, {} bytes into it, is longer than its block or not of "
      "a known form",
      list, at);
}

}  // namespace

std::optional<Machine> parse_machine(const Block& block, std::string& what) {
  if (block.body.size() < kMachineBytes) {
    what = fmt::format("machine information of {} bytes instead of {}", block.body.size(),
                       kMachineBytes);
    return std::nullopt;
  }
  Reader in(block.body);
  Machine machine;
  machine.cpus = in.number<uint32_t>();
  machine.memory_bytes = in.number<uint64_t>();
  in.number<uint64_t>();  // highest pid
  machine.hostname = text_before_nul(in.bytes(128));
  machine.boot_time_ns = in.number<uint64_t>();
  return machine;
}

bool parse_interfaces(const Block& block, const std::function<void(const Interface&)>& each,
                      std::string& what) {
  Reader in(block.body);
  while (in.left() >= kSmallestEntry) {
    const size_t at = in.used();
    Interface entry;
    bool good = false;
    if (block.type == INTERFACES_V2) {
      std::optional<Reader> sized = sized_entry(in, false);
      good = sized && read_interface(*sized, entry);
    } else {
      good = read_interface(in, entry);
    }
    if (!good) {
      what = bad_entry("interface", at);
      return false;
    }
    each(entry);
  }
  return true;
}

bool parse_users(const Block& block, const std::function<void(const UserEntry&)>& each,
                 std::string& what) {
  Reader in(block.body);
  while (in.left() >= kSmallestEntry) {
    const size_t at = in.used();
    UserEntry entry;
    bool good = false;
    if (block.type == USERS_V2) {
      std::optional<Reader> sized = sized_entry(in, true);
      good = sized && read_user(*sized, entry);
    } else {
      good = read_user(in, entry);
    }
    if (!good) {
      what = bad_entry("user", at);
      return false;
    }
    each(entry);
  }
  return true;
}

bool parse_fds(const Block& block, const std::function<void(const FdEntry&)>& each,
               std::string& what) {
  Reader in(block.body);
  const auto tid = in.number<uint64_t>();
  while (in.left() >= kSmallestEntry) {
    const size_t at = in.used();
    FdEntry entry;
    entry.tid = tid;
    bool good = false;
    if (block.type == FDS_V2) {
      std::optional<Reader> sized = sized_entry(in, true);
      good = sized && read_fd(*sized, true, entry);
    } else {
      good = read_fd(in, false, entry);
    }
    if (!good) {
      what = bad_entry("descriptor", at);
      return false;
    }
    each(entry);
  }
  return true;
}

int process_list_version(uint32_t type) {
  switch (type) {
    case 0x8000ABCD:
    case 0x202:
      return 1;
    case 0x8013ABCD:
    case 0x207:
      return 2;
    case 0x8014ABCD:
    case 0x209:
      return 3;
    default:
      return type >= 0x210 && type <= PROCESSES_V9 ? static_cast<int>(type - 0x210) + 4 : 0;
  }
}

bool parse_processes(const Block& block, const std::function<void(const ProcessEntry&)>& each,
                     std::string& what) {
  const int version = process_list_version(block.type);
  Reader in(block.body);
  while (in.left() >= kSmallestEntry) {
    const size_t at = in.used();
    ProcessEntry entry;
    bool good = false;
    if (version >= 9) {
      std::optional<Reader> sized = sized_entry(in, true);
      good = sized && read_process(*sized, version, entry);
    } else {
      good = read_process(in, version, entry);
    }
    if (!good) {
      what = bad_entry("process", at);
      return false;
    }
    each(entry);
  }
  return true;
}

}  // namespace falcod::scap

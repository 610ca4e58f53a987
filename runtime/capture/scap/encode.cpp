// See encode.h.
#include "runtime/capture/scap/encode.h"

#include <algorithm>

#include "runtime/capture/scap/format.h"
#include "runtime/capture/scap/old_readers.h"

namespace falcod::scap {
namespace {

// What readers accept (SCAP notes, section 2): longer texts make them give up on the file.
constexpr size_t kMaxUserText = 255;
constexpr size_t kMaxName = 1023;
constexpr size_t kMaxList = 4096;
constexpr size_t kMachineHostname = 128;

template <typename Number>
void put(std::string& out, Number value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  out.append(raw, sizeof value);
}

/// Text after its length in 16 bits.
void put_text(std::string& out, std::string_view text, size_t limit) {
  text = text.substr(0, limit);
  put(out, static_cast<uint16_t>(text.size()));
  out.append(text);
}

/// Texts with a NUL after each; what does not fit whole is cut, and ends in a NUL all the same.
void put_list(std::string& out, std::string_view list) {
  if (list.size() <= kMaxList) return put_text(out, list, kMaxList);
  put(out, static_cast<uint16_t>(kMaxList));
  out.append(list.substr(0, kMaxList - 1)).push_back('\0');
}

void set_length(std::string& out, size_t at, size_t length) {
  const auto value = static_cast<uint32_t>(length);
  std::memcpy(out.data() + at, &value, sizeof value);
}

/// Frames what is appended while it lives; its length includes itself and the padding.
class BlockFrame {
 public:
  BlockFrame(std::string& out, uint32_t type) : out_(out), begin_(out.size()) {
    put(out_, type);
    put(out_, uint32_t{0});
  }
  BlockFrame(const BlockFrame&) = delete;
  BlockFrame& operator=(const BlockFrame&) = delete;
  ~BlockFrame() {
    while ((out_.size() - begin_) % 4 != 0) out_.push_back('\0');
    const size_t length = out_.size() - begin_ + sizeof(uint32_t);
    put(out_, static_cast<uint32_t>(length));
    set_length(out_, begin_ + sizeof(uint32_t), length);
  }

 private:
  std::string& out_;
  size_t begin_;
};

/// An entry that begins with its own length.
class EntryFrame {
 public:
  explicit EntryFrame(std::string& out) : out_(out), begin_(out.size()) { put(out_, uint32_t{0}); }
  EntryFrame(const EntryFrame&) = delete;
  EntryFrame& operator=(const EntryFrame&) = delete;
  ~EntryFrame() { set_length(out_, begin_, out_.size() - begin_); }

 private:
  std::string& out_;
  size_t begin_;
};

void put_process(std::string& out, const ProcessEntry& process) {
  const EntryFrame frame(out);
  put(out, process.tid);
  put(out, process.pid);
  put(out, process.ptid);
  put(out, process.sid);
  put(out, process.vpgid);
  put_text(out, process.comm, kMaxName);
  put_text(out, process.exe, kMaxName);
  put_text(out, process.exe_path, kMaxName);
  put_list(out, process.args);
  put_text(out, process.cwd, kMaxName);
  put(out, process.fd_limit);
  put(out, process.flags);
  put(out, process.uid);
  put(out, process.gid);
  put(out, process.vm_size_kb);
  put(out, process.vm_rss_kb);
  put(out, process.vm_swap_kb);
  put(out, process.maj_faults);
  put(out, process.min_faults);
  put_list(out, process.env);
  put(out, process.vtid);
  put(out, process.vpid);
  put_list(out, process.cgroups);
  put_text(out, process.root, kMaxName);
  put(out, process.pidns_start_ns);
  put(out, process.tty);
  put(out, process.login_uid);
  put(out, static_cast<uint8_t>(process.exe_writable));
  put(out, process.cap_inheritable);
  put(out, process.cap_permitted);
  put(out, process.cap_effective);
  put(out, static_cast<uint8_t>(process.exe_upper_layer));
  put(out, process.exe_ino);
  put(out, process.exe_ctime_ns);
  put(out, process.exe_mtime_ns);
  put(out, static_cast<uint8_t>(process.exe_memfd));
  put(out, static_cast<uint8_t>(process.exe_lower_layer));
  put(out, process.pgid);
}

void put_address(std::string& out, const std::array<char, 16>& address, size_t bytes) {
  out.append(address.data(), bytes);
}

void put_socket(std::string& out, const FdEntry& fd, size_t address_bytes) {
  put_address(out, fd.source, address_bytes);
  put_address(out, fd.destination, address_bytes);
  put(out, fd.source_port);
  put(out, fd.destination_port);
  put(out, fd.l4);
}

void put_server(std::string& out, const FdEntry& fd, size_t address_bytes) {
  put_address(out, fd.source, address_bytes);
  put(out, fd.source_port);
  put(out, fd.l4);
}

/// Kinds that older readers do not know, and refuse the whole file for, are written as a kind
/// without a name of its own.
FdKind kind_to_write(FdKind kind) { return kind >= FdKind::BPF ? FdKind::UNSUPPORTED : kind; }

void put_fd(std::string& out, const FdEntry& fd) {
  const EntryFrame frame(out);
  const FdKind kind = kind_to_write(fd.kind);
  put(out, fd.fd);
  put(out, fd.ino);
  put(out, static_cast<uint8_t>(kind));
  switch (kind) {
    case FdKind::IPV4_SOCKET:
      return put_socket(out, fd, 4);
    case FdKind::IPV6_SOCKET:
      return put_socket(out, fd, 16);
    case FdKind::IPV4_SERVER:
      return put_server(out, fd, 4);
    case FdKind::IPV6_SERVER:
      return put_server(out, fd, 16);
    case FdKind::UNIX_SOCKET:
      put(out, fd.unix_source);
      put(out, fd.unix_destination);
      return put_text(out, fd.name, kMaxName);
    case FdKind::FILE_V2:
      put(out, fd.open_flags);
      put_text(out, fd.name, kMaxName);
      return put(out, fd.dev);
    default:
      return put_text(out, fd.name, kMaxName);
  }
}

/// Parameters of another event that belongs to `event` take its time, thread and processor.
void put_event(std::string& out, const Event& event, uint16_t code, std::span<const Param> params,
               bool state_only) {
  constexpr uint32_t kMaxParam = UINT16_MAX;
  const BlockFrame frame(out, state_only ? EVENT_FLAGS_V2 : EVENT_V2);
  size_t length = kEventHeaderV2Bytes;
  for (const Param& param : params) length += 2 + std::min(param.size, kMaxParam);
  put(out, event.cpu);
  if (state_only) put(out, kStateOnly);
  put(out, event.time_ns);
  put(out, event.tid);
  put(out, static_cast<uint32_t>(length));
  put(out, code);
  put(out, static_cast<uint32_t>(params.size()));
  for (const Param& param : params) {
    put(out, static_cast<uint16_t>(std::min(param.size, kMaxParam)));
  }
  for (const Param& param : params) {
    if (param.size != 0) out.append(param.data, std::min(param.size, kMaxParam));
  }
}

}  // namespace

void append_section_header(std::string& out) {
  const BlockFrame frame(out, SECTION_HEADER);
  put(out, kMagic);
  put(out, kMajorVersion);
  put(out, kMinorVersion);
  put(out, ~uint64_t{0});  // length of the section: not known
}

void append_machine(std::string& out, const Machine& machine) {
  const BlockFrame frame(out, MACHINE_INFO);
  put(out, machine.cpus);
  put(out, machine.memory_bytes);
  put(out, uint64_t{4'194'304});  // greatest pid of any kernel of 64 bits
  const std::string_view name = machine.hostname.substr(0, kMachineHostname - 1);
  out.append(name).append(kMachineHostname - name.size(), '\0');
  put(out, machine.boot_time_ns);
  for (int reserved = 0; reserved < 3; ++reserved) put(out, uint64_t{0});
}

void append_interfaces(std::string& out, std::span<const Interface> interfaces) {
  const BlockFrame frame(out, INTERFACES_V2);
  for (const Interface& interface : interfaces) {
    const size_t bytes = interface.address_bytes;
    const std::string_view name = interface.name.substr(0, kMaxName);
    // Unlike every other list its lengths do not count themselves.
    put(out, static_cast<uint32_t>(2 + 2 + 3 * bytes + 8 + name.size()));
    put(out, static_cast<uint16_t>(bytes == 4 ? 1 : 2));
    put(out, static_cast<uint16_t>(name.size()));
    put_address(out, interface.address, bytes);
    put_address(out, interface.netmask, bytes);
    put_address(out, {}, bytes);  // broadcast address: nobody asks
    put(out, uint64_t{0});        // link speed: likewise
    out.append(name);
  }
}

void append_users(std::string& out, std::span<const UserEntry> users) {
  const BlockFrame frame(out, USERS_V2);
  for (const UserEntry& user : users) {
    const EntryFrame entry(out);
    put(out, static_cast<uint8_t>(user.is_group));
    if (!user.is_group) put(out, user.uid);
    put(out, user.gid);
    put_text(out, user.name, kMaxUserText);
    if (user.is_group) continue;
    put_text(out, user.home, kMaxUserText);
    put_text(out, user.shell, kMaxUserText);
  }
}

void append_processes(std::string& out, std::span<const ProcessEntry> processes) {
  const BlockFrame frame(out, PROCESSES_V9);
  for (const ProcessEntry& process : processes) put_process(out, process);
}

void append_fds(std::string& out, uint64_t tid, std::span<const FdEntry> fds) {
  const BlockFrame frame(out, FDS_V2);
  put(out, tid);
  for (const FdEntry& fd : fds) {
    if (fd.kind != FdKind::UNKNOWN) put_fd(out, fd);
  }
}

void append_event(std::string& out, const Event& event) {
  const auto code = static_cast<uint16_t>(event.info->code);
  const auto unnamed = unnamed_generic_event(code, event.params);
  const std::span<const Param> params = unnamed ? unnamed->params() : event.params;
  if (const auto former = former_event(code, params)) {
    if (former->enter) put_event(out, event, former->enter->code, former->enter->params(), true);
    put_event(out, event, former->exit.code, former->exit.params(), true);
  }
  if (const auto enter = enter_event(code, params)) {
    put_event(out, event, enter->code, enter->params(), false);
  }
  put_event(out, event, code, params, false);
}

}  // namespace falcod::scap

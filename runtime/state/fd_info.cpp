// Descriptors of events: which parameter is meant, what kind of file it is, files and paths.
// Sockets are in fd_socket.cpp.
#include "runtime/state/fd_info.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "compiler/catalog/descriptors.h"
#include "runtime/capture/decode.h"
#include "runtime/state/captured_fds.h"
#include "runtime/state/fd_socket.h"
#include "runtime/state/params.h"
#include "runtime/state/paths.h"

namespace falcod {
namespace {

using falcoc::DescriptorMaker;
using falcoc::DescriptorType;
using falcoc::EventCode;
using falcoc::EventFlag;
using falcoc::file_type;

/// Falco's encodings of open flags that matter here (flags.def, file_flags and creat_flags).
constexpr uint64_t kOpenDirectory = 1024;
constexpr uint64_t kOpenUpperLayer = 32768;
constexpr uint64_t kOpenLowerLayer = 65536;
constexpr uint64_t kCreatUpperLayer = 1;
constexpr uint64_t kCreatLowerLayer = 2;

// fd.typechar and fd.type are the catalog's, by the numbers of the probe.
static_assert(falcoc::kClosedDescriptor == FC_FD_TYPE_CLOSED);
static_assert(falcoc::kDescriptorOfMode == FC_FD_TYPE_MODE);
static_assert(falcoc::kDescriptorOfSocket == FC_FD_TYPE_SOCKET);
static_assert(falcoc::kDescriptorCodes == FC_FD_TYPE_COUNT);

std::optional<fc_fd> fd_item(const Event& event, uint16_t tag, int index) {
  Item item;
  if (event.record == nullptr || !find_item(*event.record, tag, index, item)) {
    return std::nullopt;
  }
  fc_fd fd{};
  std::memcpy(&fd, item.bytes.data(), std::min(item.bytes.size(), sizeof fd));
  return fd;
}

std::string_view path_item(const Event& event, uint16_t tag, int index) {
  Item item;
  if (event.record == nullptr || !find_item(*event.record, tag, index, item)) return {};
  return item.bytes.substr(0, item.bytes.find('\0'));
}

DescriptorType type_of(const fc_fd& fd) {
  if (fd.anon_kind != FC_ANON_NONE) return falcoc::anonymous_type(fd.anon_kind);
  return fd.family != 0 ? falcoc::socket_type(fd.family) : falcoc::file_type(fd.mode);
}

void set_type(FdInfo& out, const DescriptorType& type) {
  out.type_char = type.letter;
  out.type = type.name;
}

/// What the kernel said of an open descriptor.
void apply_facts(const fc_fd& fd, std::string_view path, FdInfo& out) {
  set_type(out, type_of(fd));
  out.dev = fd.dev;
  out.ino = fd.ino;
  out.layer = fd.layer;
  out.real_path = path;
  out.has_name = out.type_char != 'o';
  if (fd.family != 0) {
    apply_socket_item(fd, out);
  } else if (out.is_file() || (out.type_char == 'p' && path.starts_with('/'))) {
    out.name = out.name_raw = path;
  } else if (out.type_char == 'm') {
    constexpr std::string_view kPrefix = "memfd:";
    out.name = path.starts_with(kPrefix) ? path.substr(kPrefix.size()) : path;
    out.name_raw = out.name;
  }
}

/// The descriptor of parameter `index`; false if it is not open.
bool apply_item(const Event& event, int index, FdInfo& out) {
  const std::optional<fc_fd> fd = fd_item(event, FC_ITEM_FD, index);
  if (!fd || fd->mode == 0) return false;
  apply_facts(*fd, path_item(event, FC_ITEM_FD_PATH, index), out);
  return true;
}

/// Name, layer and inode of a file that this event opened, or failed to open.
void describe_open(const Event& event, const Process& process, const DescriptorMaker& maker,
                   FdInfo& out) {
  const auto path_param = static_cast<size_t>(maker.path_param);
  out.name_raw = text_of(param_at(event, path_param));
  out.has_name = !out.name_raw.empty();
  if (maker.event == EventCode::MEMFD_CREATE) {
    out.name = out.name_raw;
    return;
  }
  // Unlike for descriptors used later, Falco goes by what was asked for, not by what was found.
  const uint64_t flags = unsigned_of(param_at(event, static_cast<size_t>(maker.flags_param)));
  const bool creat = maker.event == EventCode::CREAT;
  set_type(out, !creat && event.ret >= 0 && (flags & kOpenDirectory) != 0 ? file_type(S_IFDIR)
                                                                          : file_type(S_IFREG));
  absolute_param_path(event, process, path_param, out.name);
  if (out.layer == 0) {
    if ((flags & (creat ? kCreatUpperLayer : kOpenUpperLayer)) != 0) out.layer = 1;
    if ((flags & (creat ? kCreatLowerLayer : kOpenLowerLayer)) != 0) out.layer = 2;
  }
  if (event.ret < 0) return;
  if (const int dev = find_param(*event.info, "dev"); dev >= 0 && out.dev == 0) {
    out.dev = static_cast<uint32_t>(unsigned_of(param_at(event, static_cast<size_t>(dev))));
  }
  if (const int ino = find_param(*event.info, "ino"); ino >= 0 && out.ino == 0) {
    out.ino = unsigned_of(param_at(event, static_cast<size_t>(ino)));
  }
}

/// Empty again, but with the memory of its texts kept: this runs for every event.
void reset(FdInfo& out) {
  std::string name = std::move(out.name);
  std::string name_raw = std::move(out.name_raw);
  std::string real_path = std::move(out.real_path);
  out = FdInfo{};
  name.clear();
  name_raw.clear();
  real_path.clear();
  out.name = std::move(name);
  out.name_raw = std::move(name_raw);
  out.real_path = std::move(real_path);
}

}  // namespace

void FdTable::learn(const Event& event) {
  if (const auto fd = fd_item(event, FC_ITEM_FD, kAnyIndex)) listened_ports_.insert(fd->local_port);
}

void FdTable::describe(const Event& event, const Process& process, FdInfo& out) {
  reset(out);
  if (event.info != nullptr) tell(event, process, out);
  out.has_plain_names = !out.name.contains('\0') && !out.name_raw.contains('\0');
}

void FdTable::tell(const Event& event, const Process& process, FdInfo& out) {
  const DescriptorMaker* maker = falcoc::descriptor_maker(event.info->code);
  const int index = falcoc::descriptor_param(*event.info, event.ret < 0);
  if (index < 0 || static_cast<size_t>(index) >= event.info->params.size()) return;

  out.known = true;
  out.param = static_cast<int8_t>(index);
  bool seen = false;
  const bool failed_to_create = maker != nullptr && event.ret < 0;
  if (failed_to_create) {
    out.number = -1;
    set_type(out, maker->type);
  } else {
    const int64_t number = signed_of(param_at(event, static_cast<size_t>(index)));
    out.number = has(event.info->flags, EventFlag::CREATES_FD) && index == 0 ? event.ret : number;
    seen = event.captured != nullptr ? event.captured->describe(process.pid, out.number, out)
                                     : apply_item(event, index, out);
    if (!seen && maker != nullptr) {
      set_type(out, maker->type);
      out.has_name = maker->type.letter != 'o';
    }
  }
  if (seen && event.captured != nullptr) return;  // with all that the call said
  if (maker != nullptr && maker->path_param >= 0) {
    describe_open(event, process, *maker, out);
  } else if (maker != nullptr && maker->event == EventCode::PIDFD_OPEN && event.ret >= 0) {
    out.name = fmt::format("/proc/{}", signed_of(param_at(event, 1)));
  } else if (!failed_to_create && event.captured == nullptr && (!seen || out.family != 0)) {
    // what is there and no socket is none, whatever the call made: another thread was faster
    describe_socket(event, socket_cookie(event, index), out);
  }
}

bool FdTable::describe_item(const Event& event, uint16_t tag, int index, FdInfo& out) const {
  reset(out);
  if (event.captured != nullptr) {
    out.known = tag == FC_ITEM_STANDARD_FD && event.captured->describe(event.pid, index, out);
    out.number = index;
    return out.known;
  }
  const std::optional<fc_fd> fd = fd_item(event, tag, index);
  if (!fd || fd->mode == 0) return false;
  out.known = true;
  out.number = tag == FC_ITEM_STANDARD_FD ? index : fd->fd;
  apply_facts(*fd, path_item(event, static_cast<uint16_t>(tag + 1), index), out);
  recall_socket(fd->socket_cookie, out);
  return true;
}

char type_char(const fc_poll_fd& polled) {
  if (polled.mode == 0 && polled.anon_kind == FC_ANON_NONE) return '?';
  fc_fd fd{};
  fd.mode = polled.mode;
  fd.anon_kind = polled.anon_kind;
  fd.family = polled.family;
  return type_of(fd).letter;
}

std::optional<FdTableFacts> fd_table_of(const Event& event) {
  Item item;
  if (event.record == nullptr || !find_item(*event.record, FC_ITEM_FD_TABLE, kAnyIndex, item) ||
      item.bytes.size() < sizeof(fc_fd_table)) {
    return std::nullopt;
  }
  fc_fd_table table{};
  std::memcpy(&table, item.bytes.data(), sizeof table);
  return FdTableFacts{.limit = table.limit,
                      .open_count = table.open_count,
                      .types = item.bytes.substr(sizeof table)};
}

std::string_view fd_type_name(uint8_t code) { return falcoc::descriptor_type(code).name; }

bool polled_number(const Event& event, int index, int64_t& number) {
  if (const auto fd = fd_item(event, FC_ITEM_POLLED_FD, index)) {
    number = fd->fd;
    return true;
  }
  if (event.info == nullptr ||
      (event.info->code != EventCode::POLL && event.info->code != EventCode::PPOLL)) {
    return false;
  }
  // As captures have it: a count, then number and flags of each (SCAP notes).
  constexpr size_t kCountBytes = 2;
  constexpr size_t kEntryBytes = sizeof(int64_t) + sizeof(uint16_t);
  const Param list = param_at(event, 1);
  const size_t at = kCountBytes + static_cast<size_t>(index) * kEntryBytes;
  if (list.size < at + kEntryBytes) return false;
  std::memcpy(&number, list.data + at, sizeof number);
  return true;
}

bool describe_fd_param(const Event& event, size_t index, FdInfo& out) {
  reset(out);
  out.known = true;
  out.number = signed_of(param_at(event, index));
  if (event.captured != nullptr) return event.captured->describe(event.pid, out.number, out);
  if (apply_item(event, static_cast<int>(index), out)) {
    if (out.family != 0) name_socket(out);
    return true;
  }
  for (size_t i = 0; i < event.info->params.size(); ++i) {
    if (event.info->params[i].dirfd != static_cast<int>(index)) continue;
    const std::string_view path = path_item(event, FC_ITEM_DIR_PATH, static_cast<int>(i));
    if (path.empty() || out.number == AT_FDCWD) continue;
    set_type(out, file_type(S_IFDIR));
    out.has_name = true;
    out.name = path;
    return true;
  }
  return false;
}

}  // namespace falcod

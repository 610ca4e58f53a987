// Records to events: the walk over the items and the parameters of each family of sources.
#include "runtime/capture/decode.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <type_traits>

#include "compiler/catalog/flag_encoding.h"
#include "runtime/capture/record.h"
#include "runtime/capture/socket_encoding.h"

namespace falcod {
namespace {

using falcoc::creates_file;
using falcoc::encode_open_flags;
using falcoc::EventFlag;
using falcoc::FlagTableId;
using falcoc::kOpenCreated;
using falcoc::kOpenLowerLayer;
using falcoc::kOpenUpperLayer;
using falcoc::ParamType;

/// Structure of an item; nothing if it is too short.
template <typename Struct>
std::optional<Struct> structure_of(const Item& item) {
  static_assert(std::is_trivially_copyable_v<Struct>);
  if (item.bytes.size() < sizeof(Struct)) return std::nullopt;
  Struct value;
  std::memcpy(&value, item.bytes.data(), sizeof value);
  return value;
}

/// Bytes of a number of this type (SCAP section 3), 0 for what is no number.
constexpr size_t width_of(ParamType type) {
  switch (type) {
    case ParamType::INT8:
    case ParamType::UINT8:
    case ParamType::FLAGS8:
    case ParamType::ENUMFLAGS8:
    case ParamType::SIGTYPE:
    case ParamType::L4PROTO:
    case ParamType::SOCKFAMILY:
      return 1;
    case ParamType::INT16:
    case ParamType::UINT16:
    case ParamType::FLAGS16:
    case ParamType::ENUMFLAGS16:
    case ParamType::SYSCALLID:
    case ParamType::PORT:
      return 2;
    case ParamType::INT32:
    case ParamType::UINT32:
    case ParamType::FLAGS32:
    case ParamType::ENUMFLAGS32:
    case ParamType::UID:
    case ParamType::GID:
    case ParamType::MODE:
    case ParamType::SIGSET:
    case ParamType::FD32:
    case ParamType::PID32:
    case ParamType::BOOL:
      return 4;
    case ParamType::INT64:
    case ParamType::UINT64:
    case ParamType::ERRNO:
    case ParamType::FD:
    case ParamType::PID:
    case ParamType::RELTIME:
    case ParamType::ABSTIME:
    case ParamType::DOUBLE:
      return 8;
    default:
      return 0;
  }
}

/// Types wider than the int that a system call takes for them.
constexpr bool is_int_argument(ParamType type) {
  return type == ParamType::FD || type == ParamType::PID || type == ParamType::ERRNO;
}

uint64_t sign_extended(uint64_t value) {
  return static_cast<uint64_t>(int64_t{static_cast<int32_t>(value)});
}

}  // namespace

Decoder::Decoder(uint64_t boot_to_epoch_ns) : boot_to_epoch_ns_(boot_to_epoch_ns) {}

const Event* Decoder::decode(std::span<const std::byte> record) {
  if (!is_well_formed(record)) {
    ++malformed_;
    return nullptr;
  }
  record_ = reinterpret_cast<const fc_event*>(record.data());
  const falcoc::EventInfo* info = nullptr;
  if (record_->kind < FC_STATE_BASE) {
    info = falcoc::event_of_kind(record_->kind);
    if (info == nullptr) {
      ++malformed_;
      return nullptr;
    }
  }
  event_ = Event{.number = next_number_,
                 .time_ns = record_->time_ns + boot_to_epoch_ns_,
                 .kind = record_->kind,
                 .info = info,
                 .cpu = record_->cpu,
                 .flags = record_->flags,
                 .tid = record_->task.tid,
                 .pid = record_->task.pid,
                 .ret = record_->ret,
                 .params = {},
                 .record = record_};
  if (info != nullptr) {
    ++next_number_;  // records for the process table alone are not events
    index_items();
    build_params();
  }
  return &event_;
}

void Decoder::index_items() {
  has_item_ = 0;
  fd_.reset();
  exec_.reset();
  exit_.reset();
  args_ = env_ = {};
  built_used_ = 0;
  for_each_item(*record_, [this](const Item& item) {
    if (item.tag < kMaxParams) {
      items_[item.tag] = item;
      has_item_ |= 1u << item.tag;
    } else if (item.tag == FC_ITEM_FD && !fd_) {
      fd_ = structure_of<fc_fd>(item);
    } else if (item.tag == FC_ITEM_EXEC) {
      exec_ = structure_of<fc_exec>(item);
    } else if (item.tag == FC_ITEM_EXIT) {
      exit_ = structure_of<fc_exit>(item);
    } else if (item.tag == FC_ITEM_ARGS) {
      args_ = item.bytes;
    } else if (item.tag == FC_ITEM_ENV) {
      env_ = item.bytes;
    }
  });
}

void Decoder::build_params() {
  const auto sources = param_sources(event_.info->code);
  const size_t count = std::min(sources.size(), kMaxParams);
  for (size_t i = 0; i < count; ++i) {
    params_[i] = {};
    const Slot slot{event_.info->params[i], sources[i], i};
    (this->*builder_of(sources[i].kind))(slot);
  }
  event_.params = std::span(params_).first(count);
}

Decoder::Builder Decoder::builder_of(SourceKind kind) {
  static const auto kBuilders = [] {
    std::array<Builder, static_cast<size_t>(SourceKind::COUNT)> table;
    table.fill(&Decoder::build_number);
    const auto set = [&table](Builder builder, std::initializer_list<SourceKind> kinds) {
      for (const SourceKind each : kinds) table[static_cast<size_t>(each)] = builder;
    };
    using enum SourceKind;
    set(&Decoder::build_nothing, {UNSET});
    set(&Decoder::build_register, {ARG});
    set(&Decoder::build_item,
        {TEXT_OUT,     DATA,       DATA_IN,   DATA_OUT,      IOV_IN,      IOV_OUT,
         IOV_SIZE,     MSG_IN,     MSG_OUT,   MSG_SIZE,      MSG_CONTROL, USER32,
         USER64,       USER64_OUT, USER_LONG, RLIMIT_OUT,    TIMESPEC,    BACKLOG,
         CAPABILITIES, QUOTA_PATH, FSCONFIG,  FSCONFIG_TEXT, PRCTL_TEXT,  HOOK});
    set(&Decoder::build_open_flags, {OPEN_FLAGS, OPEN_HOW_FLAGS});
    set(&Decoder::build_open_mode, {OPEN_MODE, OPEN_HOW_MODE});
    set(&Decoder::build_descriptor,
        {FD_DEV, FD_INO, FD_LAYER, USER_FD, SOCKET_COOKIE, PEER_COOKIE});
    set(&Decoder::build_path, {FD_PATH, PROC_EXE_PATH, PROC_FILENAME, PROC_CWD});
    set(&Decoder::build_tuple, {TUPLE, TUPLE_TO, TUPLE_FROM, TUPLE_MSG});
    set(&Decoder::build_process_text, {PROC_EXE, PROC_ARGS, PROC_ENV, TASK_COMM});
    set(&Decoder::build_cgroups, {PROC_CGROUPS});
    set(&Decoder::build_ptrace, {PTRACE_ADDR, PTRACE_DATA});
    set(&Decoder::build_prctl_number, {PRCTL_NUMBER});
    set(&Decoder::build_sockopt, {SOCKOPT_NAME, SOCKOPT});
    set(&Decoder::build_sembuf, {SEMBUF});
    set(&Decoder::build_quota, {QUOTA});
    set(&Decoder::build_keyctl, {KEYCTL});
    set(&Decoder::build_poll_fds, {POLL_FDS});
    return table;
  }();
  return kBuilders[static_cast<size_t>(kind)];
}

void Decoder::build_nothing(const Slot&) {}

void Decoder::build_number(const Slot& slot) {
  if (const auto value = number(slot.source)) {
    put_number(slot, *value);
  } else if (slot.source.kind == SourceKind::MEMORY) {
    build_item(slot);
  }
}

void Decoder::build_register(const Slot& slot) {
  if (width_of(slot.info.type) == 0) return build_item(slot);
  const uint64_t value = argument(slot.source.a);
  if (slot.info.table != FlagTableId::none) return put_encoded(slot, static_cast<uint32_t>(value));
  put_number(slot, is_int_argument(slot.info.type) ? sign_extended(value) : value);
}

void Decoder::build_item(const Slot& slot) {
  if (width_of(slot.info.type) != 0) {
    const auto value = item_number(slot.index);
    if (value && slot.info.table != FlagTableId::none) return put_encoded(slot, *value);
    // what the kernel did not write or nobody can read is 0, a limit -1: Falco's drivers do so
    const bool is_limit = slot.source.kind == SourceKind::RLIMIT_OUT && event_.ret < 0;
    return put_number(slot, value.value_or(is_limit ? ~uint64_t{0} : 0));
  }
  if ((has_item_ >> slot.index & 1) == 0) return;
  const Item& item = items_[slot.index];
  switch (slot.info.type) {
    case ParamType::CHARBUF:
    case ParamType::FSPATH:
    case ParamType::FSRELPATH:
      return put_text(slot, item.bytes);
    case ParamType::SOCKADDR:
      return put_bytes(slot, keep(encode_address(SocketAddress::parse(item.bytes))));
    default:
      return put_bytes(slot, item.bytes);
  }
}

void Decoder::build_open_flags(const Slot& slot) {
  const uint64_t native = slot.source.kind == SourceKind::OPEN_FLAGS
                              ? argument(slot.source.a)
                              : item_number(slot.index).value_or(0);
  uint64_t flags = encode_open_flags(native);
  if (fd_ && fd_->created != 0) flags |= kOpenCreated;
  if (fd_ && fd_->layer == 1) flags |= kOpenUpperLayer;
  if (fd_ && fd_->layer == 2) flags |= kOpenLowerLayer;
  put_number(slot, flags);
}

void Decoder::build_open_mode(const Slot& slot) {
  constexpr uint64_t kPermissions = 07777;
  uint64_t flags = 0, mode = 0;
  if (slot.source.kind == SourceKind::OPEN_MODE) {
    flags = argument(slot.source.b);
    mode = argument(slot.source.a);
  } else {  // openat2: its flags are the parameter before
    flags = item_number(slot.index - 1).value_or(0);
    mode = item_number(slot.index).value_or(0);
  }
  put_number(slot, creates_file(flags) ? mode & kPermissions : 0);
}

void Decoder::build_descriptor(const Slot& slot) {
  if (slot.source.kind == SourceKind::USER_FD) {
    Item item;
    std::optional<fc_fd> fd;
    if (find_item(*record_, FC_ITEM_FD, static_cast<int>(slot.index), item)) {
      fd = structure_of<fc_fd>(item);
    }
    return put_number(slot, fd ? static_cast<uint64_t>(fd->fd) : ~uint64_t{0});
  }
  const fc_fd fd = fd_.value_or(fc_fd{});
  switch (slot.source.kind) {
    case SourceKind::FD_DEV: {
      // the kernel's major << 20 | minor as user space has it (new_encode_dev)
      const uint32_t major = fd.dev >> 20, minor = fd.dev & 0xfffff;
      return put_number(slot, (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12);
    }
    case SourceKind::FD_INO:
      return put_number(slot, fd.ino);
    case SourceKind::FD_LAYER:
      return put_number(slot, fd.layer <= 2 ? fd.layer : 0);  // creat_flags has the same numbers
    case SourceKind::SOCKET_COOKIE:
      return put_number(slot, fd.socket_cookie);
    default:
      return put_number(slot, fd.peer_cookie);
  }
}

void Decoder::build_path(const Slot& slot) {
  const uint16_t tag = slot.source.kind == SourceKind::FD_PATH         ? FC_ITEM_FD_PATH
                       : slot.source.kind == SourceKind::PROC_EXE_PATH ? FC_ITEM_EXE_PATH
                       : slot.source.kind == SourceKind::PROC_CWD      ? FC_ITEM_CWD
                                                                       : FC_ITEM_FILENAME;
  Item item;
  if (!find_item(*record_, tag, kAnyIndex, item) || item.bytes.empty()) return;
  // find_item left the terminator out; it is still there if the text had one
  const std::string_view rest(item.bytes.data(), item.bytes.size() + 1);
  const auto* end = reinterpret_cast<const char*>(record_) + record_->size;
  if (rest.data() + rest.size() <= end) put_text(slot, rest);
}

void Decoder::build_tuple(const Slot& slot) {
  if (!fd_) return;
  SocketAddress passed;
  if ((has_item_ >> slot.index & 1) != 0) passed = SocketAddress::parse(items_[slot.index].bytes);
  const falcoc::EventFlag flags = event_.info->flags;
  const bool accepts = has(flags, EventFlag::CREATES_FD);
  const bool receives = accepts || has(flags, EventFlag::READS_FROM_FD) ||
                        event_.info->code == falcoc::EventCode::RECVMMSG;
  const bool connects = event_.info->code == falcoc::EventCode::CONNECT;
  // a call that brought nothing tells of no peer
  if (accepts ? event_.ret < 0 : receives && event_.ret <= 0) return;
  if (connects && event_.ret != 0 && event_.ret != -EINPROGRESS) return;
  // unix: connect and send calls peer first, accept and receive calls the own socket
  put_bytes(
      slot,
      keep(encode_tuple(
          *fd_, passed,
          {.peer_first = receives, .prefer_socket = connects, .unix_peer_first = !receives})));
}

void Decoder::build_process_text(const Slot& slot) {
  const size_t name_end = args_.find('\0');
  switch (slot.source.kind) {
    case SourceKind::PROC_EXE:
      if (name_end != std::string_view::npos) put_text(slot, args_.substr(0, name_end + 1));
      return;
    case SourceKind::PROC_ARGS:
      if (name_end != std::string_view::npos) put_bytes(slot, args_.substr(name_end + 1));
      return;
    case SourceKind::PROC_ENV:
      return put_bytes(slot, env_);
    default: {
      const std::string_view comm(record_->task.comm, FC_COMM_LEN);
      const size_t end = comm.find('\0');
      if (end != std::string_view::npos) put_text(slot, comm.substr(0, end + 1));
      return;
    }
  }
}

void Decoder::build_cgroups(const Slot& slot) {
  const size_t begin = built_used_;
  for_each_item(*record_, [this](const Item& item) {
    if (item.tag == FC_ITEM_CGROUP && item.bytes.ends_with('\0')) keep(item.bytes);
  });
  put_bytes(slot, {built_.data() + begin, built_used_ - begin});
}

std::optional<uint64_t> Decoder::number(const ParamSource& source) const {
  constexpr uint64_t kMountMagic = 0xc0ed0000, kMountMagicMask = 0xffff0000;  // MS_MGC_VAL
  switch (source.kind) {
    case SourceKind::RET:
      return static_cast<uint64_t>(event_.ret);
    case SourceKind::ZERO:
      return 0;
    case SourceKind::RECEIVED:
      return static_cast<uint64_t>(std::max<int64_t>(event_.ret, 0));
    case SourceKind::INT_ARG:
      return sign_extended(argument(source.a));
    case SourceKind::WIDE_ARG:
      return argument(source.a) << 32 | static_cast<uint32_t>(argument(source.b));
    case SourceKind::ARG_IF:
      return static_cast<uint32_t>(argument(source.b)) == source.c ? argument(source.a) : 0;
    case SourceKind::MOUNT_FLAGS: {
      const uint64_t flags = argument(source.a);
      return (flags & kMountMagicMask) == kMountMagic ? flags & ~kMountMagicMask : flags;
    }
    case SourceKind::SYSCALL_CODE:
      return event_.kind >= falcoc::kGenericBase ? event_.kind - falcoc::kGenericBase : 0;
    case SourceKind::SYSCALL_NR:
      return record_->syscall_nr;
    case SourceKind::TASK_TID:
      return record_->task.tid;
    case SourceKind::TASK_PID:
      return record_->task.pid;
    case SourceKind::TASK_PPID:
      return record_->task.ppid;
    case SourceKind::TASK_VTID:
      return record_->task.vtid;
    case SourceKind::TASK_VPID:
      return record_->task.vpid;
    case SourceKind::TASK_UID:
      return record_->task.uid;
    case SourceKind::TASK_GID:
      return record_->task.gid;
    default:
      return process_number(source);
  }
}

std::optional<uint64_t> Decoder::process_number(const ParamSource& source) const {
  if (exit_) {
    // bits of a wait status: exit code in the second byte, signal below, core dump flag in between
    const uint64_t status = static_cast<uint64_t>(exit_->status);
    const bool signalled = (status & 0x7f) != 0;
    switch (source.kind) {
      case SourceKind::EXIT_STATUS:
        return status;
      case SourceKind::EXIT_CODE:
        return status >> 8 & 0xff;
      case SourceKind::EXIT_SIGNAL:
        return status & 0x7f;
      case SourceKind::EXIT_CORE:
        return signalled && (status & 0x80) != 0;
      case SourceKind::EXIT_REAPER:
        return exit_->reaper_tid;
      default:
        break;
    }
  }
  if (!exec_) return std::nullopt;
  switch (source.kind) {
    case SourceKind::PROC_FD_LIMIT:
      return exec_->fd_limit;
    case SourceKind::PROC_MAJ_FAULTS:
      return exec_->maj_faults;
    case SourceKind::PROC_MIN_FAULTS:
      return exec_->min_faults;
    case SourceKind::PROC_TTY:
      return exec_->tty;
    case SourceKind::PROC_VPGID:
      return exec_->vpgid;
    case SourceKind::PROC_PGID:
      return exec_->pgid;
    case SourceKind::PROC_LOGIN_UID:
      return exec_->loginuid;
    case SourceKind::PROC_EXE_FLAGS:
      return exec_->flags;
    case SourceKind::PROC_EXE_INO:
      return exec_->exe_ino;
    case SourceKind::PROC_EXE_CTIME:
      return exec_->exe_ctime_ns;
    case SourceKind::PROC_EXE_MTIME:
      return exec_->exe_mtime_ns;
    case SourceKind::PROC_PIDNS_START:
      return exec_->pidns_start_time_ns;
    case SourceKind::PROC_CAPABILITIES:
      return source.a == 0   ? exec_->cap_inheritable
             : source.a == 1 ? exec_->cap_permitted
                             : exec_->cap_effective;
    case SourceKind::MEMORY:
      return source.a == 0   ? exec_->vm_size_kb
             : source.a == 1 ? exec_->vm_rss_kb
                             : exec_->vm_swap_kb;
    default:
      return std::nullopt;
  }
}

std::optional<uint64_t> Decoder::item_number(size_t index) const {
  if (index >= kMaxParams || (has_item_ >> index & 1) == 0) return std::nullopt;
  return structure_of<uint64_t>(items_[index]);
}

uint64_t Decoder::argument(uint8_t index) const {
  return index < std::size(record_->args) ? record_->args[index] : 0;
}

void Decoder::put_number(const Slot& slot, uint64_t value) {
  const size_t width = width_of(slot.info.type);
  auto& bytes = scalars_[slot.index];
  std::memcpy(bytes.data(), &value, sizeof value);  // little endian: the low bytes come first
  params_[slot.index] = {bytes.data(), static_cast<uint32_t>(width)};
}

void Decoder::put_encoded(const Slot& slot, uint64_t native) {
  put_number(slot, encode_flags(slot.info.table, native));
}

void Decoder::put_text(const Slot& slot, std::string_view with_terminator) {
  if (with_terminator.ends_with('\0')) put_bytes(slot, with_terminator);
}

void Decoder::put_bytes(const Slot& slot, std::string_view bytes) {
  if (!bytes.empty()) params_[slot.index] = {bytes.data(), static_cast<uint32_t>(bytes.size())};
}

std::string_view Decoder::keep(std::string_view bytes) {
  if (bytes.size() > built_.size() - built_used_) return {};
  char* const at = built_.data() + built_used_;
  std::ranges::copy(bytes, at);
  built_used_ += bytes.size();
  return {at, bytes.size()};
}

}  // namespace falcod

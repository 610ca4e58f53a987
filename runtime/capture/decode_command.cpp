// Parameters whose kind depends on another argument: a command, an option, a count. What the probe
// reads for them is in probe/extract_command.h.
#include <linux/keyctl.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <linux/quota.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "compiler/catalog/flag_encoding.h"
#include "probe/keyctl.h"
#include "runtime/capture/decode.h"

namespace falcod {
namespace {

using falcoc::FlagTableId;

/// Alternatives of dynamic parameters, the byte before the value (SCAP section 3).
constexpr char kPtraceNumber = 0, kPtraceSignal = 1;
constexpr char kKeyctlNumber = 0, kKeyctlText = 1;
constexpr char kSockoptBytes = 0, kSockoptErrno = 1, kSockoptUint32 = 2, kSockoptUint64 = 3,
               kSockoptTime = 4;

/// A number behind the byte that says what it is.
struct Tagged {
  std::array<char, 1 + sizeof(uint64_t)> bytes{};
  size_t size;

  Tagged(char alternative, uint64_t value, size_t width = sizeof(uint64_t)) : size(1 + width) {
    bytes[0] = alternative;
    std::memcpy(bytes.data() + 1, &value, width);  // little endian: the low bytes come first
  }
  operator std::string_view() const { return {bytes.data(), size}; }
};

/// The number that begins `bytes`, as far as they go; the rest is 0.
template <typename Number>
Number leading(std::string_view bytes, size_t offset = 0) {
  Number value{};
  if (offset >= bytes.size()) return value;
  std::memcpy(&value, bytes.data() + offset, std::min(bytes.size() - offset, sizeof value));
  return value;
}

/// Options of SOL_SOCKET whose value is something else than an int or bytes.
bool is_time_option(uint64_t option) {
  return option == SO_RCVTIMEO_OLD || option == SO_SNDTIMEO_OLD || option == SO_RCVTIMEO_NEW ||
         option == SO_SNDTIMEO_NEW;
}

/// Options of SOL_SOCKET that are structures or text.
bool is_bytes_option(uint64_t option) {
  constexpr uint64_t kOptions[] = {SO_LINGER,     SO_PEERCRED, SO_ATTACH_FILTER, SO_PEERNAME,
                                   SO_ATTACH_BPF, SO_MEMINFO,  SO_PEERGROUPS};
  constexpr uint64_t kLastKnown = SO_COOKIE;  // younger ones are not looked into
  return option > kLastKnown || std::ranges::find(kOptions, option) != std::end(kOptions);
}

Tagged time_option(std::string_view value, uint64_t option, bool compat) {
  constexpr int64_t kSecondNs = 1'000'000'000, kMicrosecondNs = 1'000;
  const bool narrow = compat && (option == SO_RCVTIMEO_OLD || option == SO_SNDTIMEO_OLD);
  const int64_t seconds = narrow ? leading<int32_t>(value) : leading<int64_t>(value);
  const int64_t microseconds = narrow ? leading<int32_t>(value, 4) : leading<int64_t>(value, 8);
  const auto ns = static_cast<uint64_t>(seconds) * kSecondNs +
                  static_cast<uint64_t>(microseconds) * kMicrosecondNs;
  return {kSockoptTime, ns};
}

/// Where a parameter of quotactl is in the structure that the call reads or writes.
struct QuotaField {
  size_t param;
  bool is_info;  ///< of struct if_dqinfo, else of struct if_dqblk
  size_t offset;
  uint32_t valid;  ///< bit that says that the field is meant
};
constexpr QuotaField kQuotaFields[] = {
    {3, false, offsetof(if_dqblk, dqb_bhardlimit), QIF_BLIMITS},
    {4, false, offsetof(if_dqblk, dqb_bsoftlimit), QIF_BLIMITS},
    {5, false, offsetof(if_dqblk, dqb_curspace), QIF_SPACE},
    {6, false, offsetof(if_dqblk, dqb_ihardlimit), QIF_ILIMITS},
    {7, false, offsetof(if_dqblk, dqb_isoftlimit), QIF_ILIMITS},
    {8, false, offsetof(if_dqblk, dqb_btime), QIF_BTIME},
    {9, false, offsetof(if_dqblk, dqb_itime), QIF_ITIME},
    {10, true, offsetof(if_dqinfo, dqi_bgrace), IIF_BGRACE},
    {11, true, offsetof(if_dqinfo, dqi_igrace), IIF_IGRACE},
    {12, true, offsetof(if_dqinfo, dqi_flags), IIF_FLAGS},
};
constexpr size_t kQuotaStructure = 3, kQuotaFormatOut = 13, kQuotaCommand = 14, kQuotaType = 15,
                 kQuotaId = 16;  // parameters of the event; the format to switch on is the last
constexpr uint64_t kXfsGetQuota = 0x5803, kXfsSetLimits = 0x5804;  // linux/dqblk_xfs.h
constexpr uint64_t kNoQuotaFormat = 1;                             // QFMT_NOT_USED

uint64_t quota_format(uint64_t native) {
  constexpr uint64_t kKnown[] = {1, 2, 4};  // QFMT_VFS_OLD, QFMT_VFS_V0, QFMT_VFS_V1
  if (std::ranges::find(kKnown, native) == std::end(kKnown)) return kNoQuotaFormat;
  return encode_flags(FlagTableId::quotactl_quota_fmts, native);
}

}  // namespace

std::string_view Decoder::item_bytes(size_t index) const {
  return index < kMaxParams && (has_item_ >> index & 1) != 0 ? items_[index].bytes
                                                             : std::string_view{};
}

void Decoder::build_ptrace(const Slot& slot) {
  constexpr uint64_t kWithSignal[] = {PTRACE_CONT, PTRACE_SINGLESTEP, PTRACE_DETACH,
                                      PTRACE_SYSCALL};
  const uint64_t request = argument(0);
  if (event_.ret < 0) return put_bytes(slot, keep(Tagged(kPtraceNumber, 0)));
  if (slot.source.kind == SourceKind::PTRACE_DATA) {
    if (std::ranges::find(kWithSignal, request) != std::end(kWithSignal)) {
      return put_bytes(slot, keep(Tagged(kPtraceSignal, argument(slot.source.a), 1)));
    }
    if (request >= PTRACE_PEEKTEXT && request <= PTRACE_PEEKUSR) {
      return put_bytes(slot, keep(Tagged(kPtraceNumber, item_number(slot.index).value_or(0))));
    }
  }
  put_bytes(slot, keep(Tagged(kPtraceNumber, argument(slot.source.a))));
}

void Decoder::build_prctl_number(const Slot& slot) {
  const auto option = static_cast<uint32_t>(argument(slot.source.b));
  if (option == PR_SET_NAME || option == PR_GET_NAME) return put_number(slot, 0);
  if (option != PR_GET_CHILD_SUBREAPER) return put_number(slot, argument(slot.source.a));
  const int64_t value = static_cast<int32_t>(item_number(slot.index).value_or(0));
  put_number(slot, static_cast<uint64_t>(value));
}

void Decoder::build_sockopt(const Slot& slot) {
  constexpr uint8_t kLevel = 1, kOption = 2;  // arguments of setsockopt and getsockopt
  const auto option = static_cast<uint32_t>(argument(kOption));
  const bool of_socket = static_cast<uint32_t>(argument(kLevel)) == SOL_SOCKET;
  if (slot.source.kind == SourceKind::SOCKOPT_NAME) {
    return put_number(slot, of_socket ? encode_flags(slot.info.table, option) : 0);
  }
  const std::string_view value = item_bytes(slot.index);
  if (!of_socket || is_bytes_option(option)) {
    std::array<char, 1 + FC_DATA_BYTES> bytes{kSockoptBytes};
    const size_t size = std::min<size_t>(value.size(), FC_DATA_BYTES);
    std::copy_n(value.data(), size, bytes.data() + 1);
    return put_bytes(slot, keep({bytes.data(), 1 + size}));
  }
  if (option == SO_ERROR) {
    const int64_t error = -int64_t{leading<int32_t>(value)};
    return put_bytes(slot, keep(Tagged(kSockoptErrno, static_cast<uint64_t>(error))));
  }
  if (option == SO_COOKIE) {
    return put_bytes(slot, keep(Tagged(kSockoptUint64, leading<uint64_t>(value))));
  }
  if (is_time_option(option)) {
    const bool compat = (record_->flags & FC_EVENT_COMPAT32) != 0;
    return put_bytes(slot, keep(time_option(value, option, compat)));
  }
  put_bytes(slot, keep(Tagged(kSockoptUint32, leading<uint32_t>(value), sizeof(uint32_t))));
}

void Decoder::build_sembuf(const Slot& slot) {
  const size_t first = slot.index - slot.source.a / sizeof(uint16_t);  // parameter with the bytes
  const auto value = leading<uint16_t>(item_bytes(first), slot.source.a);
  if (slot.info.table != FlagTableId::none) return put_encoded(slot, value);
  put_number(slot, value);
}

void Decoder::build_quota(const Slot& slot) {
  const auto word = static_cast<uint32_t>(argument(0));
  const uint64_t command = word >> SUBCMDSHIFT;
  const uint64_t id = static_cast<uint32_t>(argument(2));
  const std::string_view bytes = item_bytes(kQuotaStructure);
  switch (slot.index) {
    case kQuotaFormatOut:
      return put_number(
          slot, command == Q_GETFMT ? quota_format(leading<uint32_t>(bytes)) : kNoQuotaFormat);
    case kQuotaCommand:
      return put_encoded(slot, command);
    case kQuotaType:
      return put_encoded(slot, word & SUBCMDMASK);
    case kQuotaId: {
      const bool has_id = command == Q_GETQUOTA || command == Q_SETQUOTA ||
                          command == kXfsGetQuota || command == kXfsSetLimits;
      return put_number(slot, has_id ? id : 0);
    }
    default:
      break;
  }
  const auto* field = std::ranges::find(kQuotaFields, slot.index, &QuotaField::param);
  if (field == std::end(kQuotaFields)) {
    return put_number(slot, command == Q_QUOTAON ? quota_format(id) : kNoQuotaFormat);
  }
  const bool is_block = command == Q_GETQUOTA || command == Q_SETQUOTA;
  const bool is_info = command == Q_GETINFO || command == Q_SETINFO;
  const size_t valid_at =
      field->is_info ? offsetof(if_dqinfo, dqi_valid) : offsetof(if_dqblk, dqb_valid);
  const bool is_there = (field->is_info ? is_info : is_block) &&
                        (leading<uint32_t>(bytes, valid_at) & field->valid) != 0;
  put_number(slot, is_there ? leading<uint64_t>(bytes, field->offset) : 0);
}

void Decoder::build_keyctl(const Slot& slot) {
  const auto operation = static_cast<uint32_t>(argument(0));
  const auto shape = operation < FC_KEYCTL_OPERATIONS ? fc_keyctl_shapes[operation]
                                                      : fc_keyctl_shape{.count = 0, .texts = 0};
  const uint8_t number = slot.source.a;
  if ((shape.texts & FC_KEYCTL_TEXT(number)) == 0) {
    const uint64_t value = number <= shape.count ? argument(number) : 0;
    return put_bytes(slot, keep(Tagged(kKeyctlNumber, value)));
  }
  const std::string_view text = item_bytes(slot.index);
  const std::string_view begin = keep({&kKeyctlText, 1});
  const std::string_view rest = keep(text.ends_with('\0') ? text : std::string_view("", 1));
  put_bytes(slot, {begin.data(), begin.size() + rest.size()});
}

void Decoder::build_poll_fds(const Slot& slot) {
  const std::string_view bytes = item_bytes(slot.index);
  const auto count = static_cast<uint16_t>(bytes.size() / sizeof(fc_poll_fd));
  const std::string_view begin = keep({reinterpret_cast<const char*>(&count), sizeof count});
  size_t size = begin.size();
  for (size_t i = 0; i < count; ++i) {
    const auto polled = leading<fc_poll_fd>(bytes, i * sizeof(fc_poll_fd));
    const auto flags = static_cast<int16_t>(encode_flags(FlagTableId::poll_flags, polled.returned));
    std::array<char, sizeof polled.fd + sizeof flags> entry{};
    std::memcpy(entry.data(), &polled.fd, sizeof polled.fd);
    std::memcpy(entry.data() + sizeof polled.fd, &flags, sizeof flags);
    size += keep({entry.data(), entry.size()}).size();
  }
  put_bytes(slot, {begin.data(), size});
}

}  // namespace falcod

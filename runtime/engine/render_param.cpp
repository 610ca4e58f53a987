// Event parameters as evt.arg and evt.args print them (RULE-LANGUAGE 6.3, rendering notes): the raw
// form and what it means in words.
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <iterator>

#include "compiler/catalog/flag_encoding.h"
#include "runtime/capture/decode.h"
#include "runtime/engine/render.h"
#include "runtime/state/captured_fds.h"
#include "runtime/state/fd_info.h"
#include "runtime/state/fd_socket.h"
#include "runtime/state/params.h"
#include "runtime/state/paths.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using falcoc::FlagTableId;
using falcoc::ParamInfo;
using falcoc::ParamType;
using falcoc::PrintFormat;

constexpr std::string_view kAbsent = "<NA>";
constexpr std::string_view kNull = "NULL";
constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint32_t kNobody = ~0u;

std::string_view name_in(FlagTableId table, uint64_t value) {
  const auto& flags = falcoc::flag_table(table).flags;
  const auto found = std::ranges::find(flags, value, &falcoc::FlagName::value);
  return found == flags.end() ? std::string_view{} : found->name;
}

std::string errno_name(int64_t result) {
  return std::string(name_in(FlagTableId::errors, static_cast<uint64_t>(-result)));
}

std::string printable(std::string_view bytes) {
  std::string text(bytes);
  std::ranges::replace_if(text, [](char c) { return c < 0x20 || c >= 0x7f; }, '.');
  return text;
}

/// Decimals of 32 and 64 bits print as signed, whatever the type says.
std::string number_text(const ParamInfo& info, const Param& param) {
  switch (info.format) {
    case PrintFormat::HEX:
      return fmt::format("{:X}", unsigned_of(param));
    case PrintFormat::OCT:
      return unsigned_of(param) == 0 ? "0" : fmt::format("0{:o}", unsigned_of(param));
    case PrintFormat::PADDED_DEC:
      return fmt::format("{:09}", unsigned_of(param));
    default:
      if (param.size >= 4 || is_signed_type(info.type)) return std::to_string(signed_of(param));
      return std::to_string(unsigned_of(param));
  }
}

std::string address_text(const SocketTuple& address) {
  if (address.family == AF_UNIX) return std::string(address.path);
  if (address.source.size != 0) return endpoint_text(address.source);
  return fmt::format("family {}", address.family);
}

std::string tuple_text(const SocketTuple& tuple) {
  if (tuple.family == AF_UNIX) {
    return fmt::format("{:x}->{:x} {}", tuple.unix_source, tuple.unix_destination, tuple.path);
  }
  if (tuple.source.size == 0) return fmt::format("family {}", tuple.family);
  return endpoint_text(tuple.source) + "->" + endpoint_text(tuple.destination);
}

/// Kind of the n-th descriptor of a list as a letter, as far as the event tells.
char listed_type_char(const Event& event, size_t index, size_t n, int64_t fd) {
  if (event.captured != nullptr) {
    FdInfo known;
    return event.captured->describe(event.pid, fd, known) ? known.type_char : '?';
  }
  Item item;
  if (event.record == nullptr ||
      !find_item(*event.record, static_cast<uint16_t>(index), kAnyIndex, item) ||
      (n + 1) * sizeof(fc_poll_fd) > item.bytes.size()) {
    return '?';
  }
  fc_poll_fd polled{};
  std::memcpy(&polled, item.bytes.data() + n * sizeof polled, sizeof polled);
  return type_char(polled);
}

/// `fd:Tflags` of each polled descriptor.
std::string fd_list_text(const Event& event, size_t index, std::string_view bytes) {
  constexpr size_t kEntry = sizeof(int64_t) + sizeof(int16_t);
  std::string text;
  for (size_t at = sizeof(uint16_t), n = 0; at + kEntry <= bytes.size(); at += kEntry, ++n) {
    const int64_t fd = signed_of({bytes.data() + at, sizeof(int64_t)});
    const uint64_t flags = unsigned_of({bytes.data() + at + sizeof(int64_t), sizeof(int16_t)});
    if (!text.empty()) text += ' ';
    fmt::format_to(std::back_inserter(text), "{}:{}{:x}", fd, listed_type_char(event, index, n, fd),
                   flags);
  }
  return text;
}

/// Names of the signals in a mask, which has 32 bits.
std::string signal_set_text(uint64_t mask) {
  constexpr uint64_t kSignals = 32;
  std::string text;
  for (uint64_t number = 1; number <= kSignals; ++number) {
    if ((mask >> (number - 1) & 1) == 0) continue;
    const std::string_view name = name_in(FlagTableId::signals, number);
    if (!text.empty() && !name.empty()) text += ' ';
    text += name;
  }
  return text;
}

/// `<T>name`, T the kind and for IP sockets the protocol of the descriptor.
std::string fd_text(const FdInfo& fd) {
  std::string kind(1, fd.type_char);
  if (fd.is_ip()) {
    if (fd.socket_type == SOCK_RAW) {
      kind += 'r';
    } else if (fd.protocol == IPPROTO_TCP) {
      kind += 't';
    } else if (fd.protocol == IPPROTO_UDP) {
      kind += 'u';
    } else if (fd.protocol == IPPROTO_ICMP) {
      kind += 'i';
    }
  }
  return fmt::format("<{}>{}", kind, fd.name);
}

std::string resolved_fd(const EventContext& context, size_t index, int64_t number) {
  if (number == AT_FDCWD) return "AT_FDCWD";
  if (number < 0) return errno_name(number);
  if (context.fd.known && context.fd.number == number) {
    return context.fd.type_char == 'o' && context.fd.name.empty() ? std::string{}
                                                                  : fd_text(context.fd);
  }
  FdInfo other;
  return describe_fd_param(*context.event, index, other) ? fd_text(other) : std::string{};
}

std::string local_date_text(uint64_t time_ns) {
  const auto seconds = static_cast<time_t>(time_ns / kSecondNs);
  tm parts{};
  localtime_r(&seconds, &parts);
  std::array<char, 32> date{}, zone{};
  strftime(date.data(), date.size(), "%Y-%m-%d %H:%M:%S", &parts);
  strftime(zone.data(), zone.size(), "%z", &parts);
  return fmt::format("{}.{:09} {}", date.data(), time_ns % kSecondNs, zone.data());
}

RenderedParam render_id(const EventContext& context, ParamType type, const Param& param) {
  const auto id = static_cast<uint32_t>(unsigned_of(param));
  if (id == kNobody) return {"-1", "<NONE>"};
  std::string name(kAbsent);
  if (type == ParamType::UID) {
    if (const User* user = context.users->user(id)) name = user->name;
  } else if (const std::string* group = context.users->group(id)) {
    name = *group;
  }
  return {std::to_string(id), std::move(name)};
}

/// The alternative that the leading byte of a DYN parameter chooses (rendering notes).
RenderedParam render_dynamic(EventCode event, const Param& param) {
  const auto alternative = static_cast<uint8_t>(param.data[0]);
  const Param value{param.data + 1, param.size - 1};
  if (event == EventCode::PTRACE) {
    if (alternative == 1) {
      return {std::to_string(unsigned_of(value)),
              std::string(name_in(FlagTableId::signals, unsigned_of(value)))};
    }
    return {fmt::format("{:X}", unsigned_of(value)), {}};
  }
  if (event == EventCode::KEYCTL) {
    if (alternative == 1) return {std::string(text_of(value)), {}};
    return {std::to_string(signed_of(value)), {}};
  }
  switch (alternative) {  // getsockopt, setsockopt
    case 1:
      return {std::to_string(signed_of(value)),
              signed_of(value) < 0 ? errno_name(signed_of(value)) : std::string{}};
    case 2:
    case 3:
      return {std::to_string(signed_of(value)), {}};
    case 4:
      return {std::to_string(unsigned_of(value)),
              fmt::format("{:g}s", static_cast<double>(unsigned_of(value)) / kSecondNs)};
    default: {
      std::string hex;
      for (uint32_t i = 0; i < value.size; ++i) {
        hex += fmt::format("{:02x}", static_cast<uint8_t>(value.data[i]));
      }
      return {std::move(hex), {}};
    }
  }
}

bool empties_to_null(ParamType type) {
  return type == ParamType::BYTEBUF || type == ParamType::SOCKTUPLE || type == ParamType::FDLIST ||
         type == ParamType::CHARBUFARRAY || type == ParamType::CHARBUF_PAIR_ARRAY ||
         type == ParamType::DYN;
}

RenderedParam render_present(const EventContext& context, size_t index, const ParamInfo& info,
                             const Param& param) {
  const Event& event = *context.event;
  const std::string_view bytes(param.data, param.size);
  switch (info.type) {
    case ParamType::CHARBUF:
      return {std::string(text_of(param)), {}};
    case ParamType::FSPATH:
    case ParamType::FSRELPATH: {
      const std::string_view path = text_of(param);
      if (path.empty() || path.starts_with('/')) return {std::string(path), {}};
      return {std::string(path), absolute_param_path(event, *context.process, index)};
    }
    case ParamType::BYTEBUF:
    case ParamType::CHARBUFARRAY:
    case ParamType::CHARBUF_PAIR_ARRAY:
      return {printable(bytes), {}};
    case ParamType::FD:
    case ParamType::FD32:
      return {number_text(info, param), resolved_fd(context, index, signed_of(param))};
    case ParamType::PID:
    case ParamType::PID32: {
      const ProcessPtr process = context.processes->find_thread(signed_of(param));
      return {number_text(info, param), process ? process->comm : std::string{}};
    }
    case ParamType::ERRNO:
      return {number_text(info, param),
              signed_of(param) < 0 ? errno_name(signed_of(param)) : std::string{}};
    case ParamType::SOCKADDR:
      return {address_text(parse_address(param)), {}};
    case ParamType::SOCKTUPLE: {
      const SocketTuple tuple = parse_tuple(param);
      return {tuple.family == 0 ? std::string(kNull) : tuple_text(tuple), {}};
    }
    case ParamType::FDLIST:
      return {fd_list_text(event, index, bytes), {}};
    case ParamType::SIGSET:
      return {signal_set_text(unsigned_of(param)), {}};
    case ParamType::SYSCALLID: {
      const auto code = static_cast<uint16_t>(unsigned_of(param));
      const auto syscalls = falcoc::syscalls();
      const auto found = std::ranges::find(syscalls, code, &falcoc::SyscallInfo::code);
      return {std::to_string(code),
              found == syscalls.end() ? std::string{} : std::string(found->name)};
    }
    case ParamType::SIGTYPE:
      return {std::to_string(unsigned_of(param)),
              std::string(name_in(FlagTableId::signals, unsigned_of(param)))};
    case ParamType::RELTIME:
      if (unsigned_of(param) == ~uint64_t{0}) return {"none", {}};
      return {std::to_string(unsigned_of(param)),
              fmt::format("{:g}s", static_cast<double>(unsigned_of(param)) / kSecondNs)};
    case ParamType::ABSTIME:
      return {local_date_text(unsigned_of(param)), {}};
    case ParamType::FLAGS8:
    case ParamType::FLAGS16:
    case ParamType::FLAGS32:
    case ParamType::ENUMFLAGS8:
    case ParamType::ENUMFLAGS16:
    case ParamType::ENUMFLAGS32:
      return {std::to_string(unsigned_of(param)),
              flag_names(falcoc::flag_table(info.table), unsigned_of(param))};
    case ParamType::MODE:
      return {number_text(info, param),
              flag_names(falcoc::flag_table(info.table), unsigned_of(param))};
    case ParamType::UID:
    case ParamType::GID:
      return render_id(context, info.type, param);
    case ParamType::BOOL:
      return {unsigned_of(param) != 0 ? "true" : "false", {}};
    case ParamType::DYN:
      return render_dynamic(event.info->code, param);
    default:
      return {number_text(info, param), {}};
  }
}

}  // namespace

RenderedParam render_param(const EventContext& context, size_t index) {
  const ParamInfo& info = context.event->info->params[index];
  const Param param = param_at(*context.event, index);
  if (param.size == 0) {
    return {std::string(empties_to_null(info.type) ? kNull : kAbsent), {}};
  }
  return render_present(context, index, info, param);
}

std::string render_params(const EventContext& context) {
  std::string text;
  const Event& event = *context.event;
  if (event.info == nullptr || event.kind >= falcoc::kGenericBase) return text;
  for (size_t i = 0; i < event.info->params.size(); ++i) {
    const RenderedParam param = render_param(context, i);
    if (!text.empty()) text += ' ';
    text.append(event.info->params[i].name).append(1, '=').append(param.raw);
    if (!param.resolved.empty()) text.append(1, '(').append(param.resolved).append(1, ')');
  }
  return text;
}

}  // namespace falcod

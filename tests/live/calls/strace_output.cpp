// See strace_output.h.
#include "tests/live/calls/strace_output.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <regex>

#include "compiler/catalog/flag_encoding.h"
#include "compiler/catalog/parameter_source.h"
#include "tests/live/calls/encode.h"
#include "tests/live/calls/report.h"

namespace calls {
namespace {

using falcoc::SourceKind;
using falcod::test::Seen;

/// Splits at commas outside of brackets and quotes.
std::vector<std::string> split_arguments(std::string_view text) {
  std::vector<std::string> parts;
  std::string part;
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      part += c;
      if (c == '\\' && i + 1 < text.size()) part += text[++i];
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '{' || c == '[' || c == '(') ++depth;
    if (c == '}' || c == ']' || c == ')') --depth;
    if (c == ',' && depth == 0) {
      parts.push_back(part);
      part.clear();
      while (i + 1 < text.size() && text[i + 1] == ' ') ++i;
    } else {
      part += c;
    }
  }
  if (!part.empty()) parts.push_back(part);
  return parts;
}

/// A number as strace prints it: decimal, hexadecimal, octal, also behind a name.
std::optional<int64_t> number_of(std::string_view text) {
  // "0x400 /* O_… */": what stands behind is a comment
  if (const size_t comment = text.find(" /*"); comment != std::string_view::npos) {
    text = text.substr(0, comment);
  }
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  int base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.front() == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return static_cast<int64_t>(negative ? ~value + 1 : value);
}

/// The bytes of a quoted text; nothing if it is none or was cut ("…"...).
std::optional<std::string> text_of(std::string_view quoted) {
  if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') return std::nullopt;
  std::string bytes;
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    if (quoted[i] != '\\') {
      bytes += quoted[i];
      continue;
    }
    if (quoted[i + 1] == 'x' && i + 3 < quoted.size()) {
      bytes += static_cast<char>(std::stoi(std::string(quoted.substr(i + 2, 2)), nullptr, 16));
      i += 3;
      continue;
    }
    static constexpr std::string_view kLetters = "ntrvfab\\\"", kBytes = "\n\t\r\v\f\a\b\\\"";
    const char c = quoted[++i];
    if (const size_t at = kLetters.find(c); at != std::string_view::npos) {
      bytes += kBytes[at];
      continue;
    }
    int value = 0, digits = 0;
    while (digits < 3 && i + 1 < quoted.size() && quoted[i] >= '0' && quoted[i] <= '7') {
      value = value * 8 + (quoted[i++] - '0');
      ++digits;
    }
    --i;
    bytes += static_cast<char>(value);
  }
  return bytes;
}

/// The number behind `name=`; from the n-th occurrence.
std::optional<int64_t> member(const std::string& text, const std::string& name) {
  const std::regex pattern("(?:^|[{ ])" + name + "=(-?[0-9a-fx]+)");
  std::smatch found;
  if (!std::regex_search(text, found, pattern)) return std::nullopt;
  return number_of(found[1].str());
}

/// "5", "0x7f…", "3 (Timeout)", "-1 ENOENT (No such file or directory)": of the last, -errno.
std::optional<int64_t> result_of(const std::string& text) {
  const auto number = number_of(text.substr(0, text.find(' ')));
  if (number != -1) return number;
  const std::string name = text.substr(std::min(text.size(), size_t{3}));
  for (const falcoc::FlagName& error : falcoc::flag_table(falcoc::FlagTableId::errors).flags) {
    if (name.starts_with(std::string(error.name) + ' ')) return -static_cast<int64_t>(error.value);
  }
  return std::nullopt;
}

/// PT_SOCKADDR of {sa_family=0x2, sin_port="…", sin_addr="…"}, both as bytes in network order, or
/// of {sa_family=0x1, sun_path="…"}.
std::optional<std::string> address_of(const std::string& text) {
  static const std::regex kIp4(R"re(sa_family=0x2, sin_port=("[^"]*"), sin_addr=("[^"]*")\})re");
  std::smatch found;
  if (std::regex_search(text, found, kIp4)) {
    const auto port = text_of(found[1].str()), address = text_of(found[2].str());
    if (!port || port->size() != 2 || !address) return std::nullopt;
    return std::string(1, AF_INET) + *address + (*port)[1] + (*port)[0];
  }
  static const std::regex kUnix(R"re(sa_family=0x1, sun_path="([^"]*)")re");
  if (std::regex_search(text, found, kUnix)) return unix_address(found[1].str());
  return std::nullopt;
}

/// The data of [{iov_base="…", iov_len=N}, …], and its length in all.
std::optional<std::pair<std::string, int64_t>> segments_of(const std::string& text) {
  static const std::regex kSegment(R"re(iov_base=("(?:[^"\\]|\\.)*"), iov_len=(\d+))re");
  std::string data;
  int64_t size = 0;
  auto at = std::sregex_iterator(text.begin(), text.end(), kSegment);
  if (at == std::sregex_iterator()) return std::nullopt;
  for (; at != std::sregex_iterator(); ++at) {
    const auto part = text_of((*at)[1].str());
    if (!part) return std::nullopt;
    data += *part;
    size += std::stoll((*at)[2].str());
  }
  return std::pair{data, size};
}

std::optional<int64_t> element(const std::string& text, size_t index) {
  if (text.size() < 2 || text.front() != '[') return std::nullopt;
  const auto parts = split_arguments(std::string_view(text).substr(1, text.size() - 2));
  return index < parts.size() ? number_of(parts[index]) : std::nullopt;
}

std::string to_hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  return text;
}

std::string little_endian(uint64_t value, size_t width) {
  return {reinterpret_cast<const char*>(&value), width};
}

/// What strace's text means for a parameter of this source, in its encoding; nothing if it does not
/// tell or is not understood. `width` is that of a number.
std::optional<std::string> expected_bytes(const TracedCall& traced,
                                          const falcoc::ParamSource& source,
                                          const falcoc::ParamInfo& info, size_t width) {
  const auto argument = [&](uint8_t index) {
    return index < traced.arguments.size() ? traced.arguments[index] : std::string{};
  };
  const auto as_number = [&](std::optional<int64_t> value) -> std::optional<std::string> {
    if (!value || width == 0) return std::nullopt;
    uint64_t native = static_cast<uint64_t>(*value);
    if (info.table != falcoc::FlagTableId::none) {
      native = falcoc::encode_flags(info.table, native & 0xffffffff);
    }
    return little_endian(native, width);
  };
  const std::string text = argument(source.a);
  switch (source.kind) {
    case SourceKind::RET:
      return as_number(result_of(traced.result));
    case SourceKind::ARG:
    case SourceKind::INT_ARG:
      if (info.type == falcoc::ParamType::SOCKADDR) return address_of(text);
      if (width != 0) return as_number(number_of(text));
      if (const auto bytes = text_of(text)) return *bytes + '\0';
      return std::nullopt;
    case SourceKind::OPEN_FLAGS:
      if (const auto flags = number_of(text)) {
        return little_endian(falcoc::encode_open_flags(static_cast<uint64_t>(*flags)), width);
      }
      return std::nullopt;
    case SourceKind::DATA:
    case SourceKind::DATA_IN:
    case SourceKind::DATA_OUT:
      if (const auto bytes = text_of(text)) return bytes->substr(0, FC_DATA_BYTES);
      return std::nullopt;
    case SourceKind::IOV_IN:
      if (traced.result.starts_with('-')) return std::string{};
      [[fallthrough]];
    case SourceKind::IOV_OUT:
      if (const auto data = segments_of(text)) return data->first.substr(0, FC_DATA_BYTES);
      return std::nullopt;
    case SourceKind::IOV_SIZE:
      if (const auto data = segments_of(text)) return as_number(data->second);
      return std::nullopt;
    case SourceKind::MSG_OUT:
      if (const auto data = segments_of(text)) return data->first.substr(0, FC_DATA_BYTES);
      return std::nullopt;
    case SourceKind::TEXT_OUT:
      if (const auto bytes = text_of(text)) return *bytes + '\0';
      return std::nullopt;
    case SourceKind::USER_FD:
      return as_number(element(text, source.b / sizeof(int)));
    case SourceKind::USER_LONG:
    case SourceKind::RLIMIT_OUT:
      return as_number(member(text, source.b == 0 ? "rlim_cur" : "rlim_max"));
    case SourceKind::TIMESPEC: {
      // what the kernel left of a time is what the event sees
      const size_t left = traced.result.find("left {");
      const std::string& time = left == std::string::npos ? text : traced.result;
      const auto seconds = member(time, "tv_sec"), nanoseconds = member(time, "tv_nsec");
      if (!seconds || !nanoseconds) return std::nullopt;
      return as_number(*seconds * 1'000'000'000 + *nanoseconds);
    }
    default:
      return std::nullopt;
  }
}

/// Open flags without what the kernel found out.
std::string as_passed(const std::string& flags) {
  uint64_t value = 0;
  std::memcpy(&value, flags.data(), std::min(flags.size(), sizeof value));
  value &= ~(falcoc::kOpenCreated | falcoc::kOpenUpperLayer | falcoc::kOpenLowerLayer);
  return little_endian(value, flags.size());
}

/// "THREAD NAME(…", or the rest of a call that another thread interrupted.
const std::regex kLine(R"re(^(\d+) +(?:<\.\.\. )?([a-z0-9_]+)(?: resumed>|\()(.*)$)re");

void finish_line(const std::string& whole, const std::string& name, TracedCall& out) {
  // "ARGUMENTS) = RESULT", and blanks before the sign
  static const std::regex kEnd(R"re(^(.*)\) += +(.*)$)re");
  std::smatch found;
  if (!std::regex_match(whole, found, kEnd)) return;
  out.name = name;
  out.text = name + "(" + whole;
  out.arguments = split_arguments(found[1].str());
  out.result = found[2].str();
}

/// Whether the call makes this event, and one event alone.
bool makes_event(const std::string& name, falcoc::EventCode event) {
  if (event == falcoc::EventCode::SENDMMSG || event == falcoc::EventCode::RECVMMSG) return false;
  const auto syscalls = falcoc::syscalls();
  const auto syscall = std::ranges::find(syscalls, name, &falcoc::SyscallInfo::name);
  return syscall != syscalls.end() && syscall->event == event;
}

}  // namespace

bool strace_works(const std::string& output) {
  const pid_t pid = fork();
  if (pid == 0) {
    execlp("strace", "strace", "-f", "-o", output.c_str(), "true", nullptr);
    _exit(127);
  }
  int status = 0;
  return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

std::map<int, TracedCall> read_strace(const std::string& path) {
  constexpr std::string_view kUnfinished = " <unfinished ...>";
  std::map<int, TracedCall> calls;
  std::map<std::string, std::string> begun;  // by thread
  std::map<std::string, int> marked;         // the mark that waits for its call
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::smatch found;
    if (!std::regex_match(line, found, kLine)) continue;
    const std::string thread = found[1].str(), name = found[2].str();
    std::string rest = found[3].str();
    if (line.find(" resumed>") != std::string::npos) rest = begun[thread] + rest;
    if (rest.ends_with(kUnfinished)) {
      begun[thread] = rest.substr(0, rest.size() - kUnfinished.size());
      continue;
    }
    TracedCall call;
    finish_line(rest, name, call);
    if (name == "getpriority" && call.arguments.size() > 1 &&
        number_of(call.arguments[0]) == kMarker) {
      marked[thread] = static_cast<int>(number_of(call.arguments[1]).value_or(0));
    } else if (const auto mark = marked.find(thread); mark != marked.end()) {
      calls[mark->second] = std::move(call);
      marked.erase(mark);
    }
  }
  return calls;
}

Comparison compare(const TracedCall& traced, const Seen& event) {
  Comparison comparison;
  const falcoc::EventInfo* info = falcoc::event_of_kind(event.kind());
  if (!makes_event(traced.name, info->code)) return comparison;
  const auto sources = falcoc::param_sources(info->code);
  for (size_t i = 0; i < info->params.size(); ++i) {
    const falcoc::ParamInfo& param = info->params[i];
    const std::string seen = event.bytes(param.name);
    const bool is_number =
        param.type != falcoc::ParamType::CHARBUF && param.type != falcoc::ParamType::FSPATH &&
        param.type != falcoc::ParamType::FSRELPATH && param.type != falcoc::ParamType::BYTEBUF &&
        param.type != falcoc::ParamType::SOCKADDR;
    const auto expected = expected_bytes(traced, sources[i], param, is_number ? seen.size() : 0);
    if (!expected) continue;
    ++comparison.compared;
    if (*expected == (sources[i].kind == SourceKind::OPEN_FLAGS ? as_passed(seen) : seen)) continue;
    comparison.disagreements.push_back(
        fmt::format("{} is {} by strace, {} here", param.name, to_hex(*expected), to_hex(seen)));
  }
  return comparison;
}

}  // namespace calls

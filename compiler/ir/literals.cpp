// Literals of conditions from text to binary form.
#include "compiler/ir/literals.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <limits>

#include "compiler/ir/text_match.h"

namespace falcoc::ir {
namespace {

constexpr TypeTraits number(uint8_t bits, bool is_signed) {
  return {.group = TypeGroup::NUMBER, .is_signed = is_signed, .bits = bits};
}

std::unexpected<Diagnostic> invalid(const ast::Literal& literal, std::string message,
                                    std::string hint = {}) {
  return std::unexpected(
      Diagnostic::at(Code::LITERAL_INVALID, literal.span, std::move(message), std::move(hint)));
}

std::unexpected<Diagnostic> out_of_range(const ast::Literal& literal, std::string message,
                                         std::string hint = {}) {
  return std::unexpected(Diagnostic::at(Code::LITERAL_OUT_OF_RANGE, literal.span,
                                        std::move(message), std::move(hint)));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view without_leading_space(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t\n\v\f\r"), text.size()));
}

/// What to advise for text that is a number elsewhere, but not here.
std::string integer_hint(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) {
    uint64_t value = 0;
    const auto [end, error] =
        std::from_chars(text.data() + 2, text.data() + text.size(), value, 16);
    if (error == std::errc{} && end == text.data() + text.size()) {
      return fmt::format("hexadecimal numbers are not supported, write {}", value);
    }
  }
  return "write a decimal integer without unit or fraction";
}

/// Optional blanks, optional sign, decimal digits. Negative numbers of unsigned types wrap.
std::expected<Literal, Diagnostic> convert_integer(const TypeTraits& type,
                                                   const ast::Literal& literal) {
  std::string_view digits = without_leading_space(literal.text);
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.empty() || !std::ranges::all_of(digits, is_digit)) {
    return invalid(literal, fmt::format("'{}' is not an integer", literal.text),
                   integer_hint(digits));
  }
  const uint64_t highest = ~uint64_t{0} >> (64 - type.bits + (type.is_signed ? 1 : 0));
  const uint64_t lowest_magnitude = uint64_t{1} << (type.bits - 1);
  uint64_t magnitude = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), magnitude);
  if (error != std::errc{} || magnitude > (negative ? lowest_magnitude : highest)) {
    return out_of_range(literal,
                        fmt::format("{} does not fit into {} {} bits", literal.text,
                                    type.is_signed ? "signed" : "unsigned", type.bits),
                        type.is_signed
                            ? fmt::format("the range is -{} to {}", lowest_magnitude, highest)
                            : fmt::format("the range is 0 to {}", highest));
  }
  uint64_t value = negative ? uint64_t{0} - magnitude : magnitude;
  if (!type.is_signed) value &= ~uint64_t{0} >> (64 - type.bits);
  return Literal{.number = value};
}

std::expected<Literal, Diagnostic> convert_double(const ast::Literal& literal) {
  std::string_view text = without_leading_space(literal.text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // from_chars also reads a second sign, "inf" and "nan", which no rule means.
  if (text.empty() || !is_digit(text.front()) || error == std::errc::invalid_argument ||
      end != text.data() + text.size()) {
    return invalid(literal, fmt::format("'{}' is not a number", literal.text),
                   "write a decimal number, such as 5 or 1.5");
  }
  if (error == std::errc::result_out_of_range) {
    return out_of_range(literal, fmt::format("{} does not fit into a double", literal.text));
  }
  return Literal{.number = std::bit_cast<uint64_t>(negative ? -value : value)};
}

std::expected<Literal, Diagnostic> convert_bool(const ast::Literal& literal) {
  if (literal.text == "true") return Literal{.number = 1};
  if (literal.text == "false") return Literal{.number = 0};
  return invalid(literal, fmt::format("'{}' is not a boolean", literal.text),
                 "write true or false, in lower case");
}

/// Port of a service in the host's services database, whatever the protocol.
std::optional<uint16_t> service_port(const std::string& name) {
  std::array<char, 4096> buffer{};  // one services entry with its aliases
  servent entry{};
  servent* found = nullptr;
  if (getservbyname_r(name.c_str(), nullptr, &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr) {
    return std::nullopt;
  }
  return ntohs(static_cast<uint16_t>(found->s_port));
}

std::expected<Literal, Diagnostic> convert_port(const ast::Literal& literal) {
  constexpr uint64_t kHighestPort = 65535;
  const std::string& text = literal.text;
  if (text.empty()) return Literal{};
  if (std::ranges::all_of(text, is_digit)) {
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || value > kHighestPort) {
      return out_of_range(literal, fmt::format("{} is not a port", text),
                          fmt::format("ports are 0 to {}", kHighestPort));
    }
    return Literal{.number = value};
  }
  const std::optional<uint16_t> port =
      text.find('\0') == std::string::npos ? service_port(text) : std::nullopt;
  if (!port) {
    return invalid(literal, fmt::format("'{}' is neither a port nor a known service", text),
                   "write the port as a number: service names depend on the host");
  }
  return Literal{.number = *port};
}

/// Text with a dot is IPv4, any other IPv6. Nothing if malformed.
std::optional<std::string> parse_address(const std::string& text) {
  std::array<char, sizeof(in6_addr)> bytes{};
  const int family = text.find('.') != std::string::npos ? AF_INET : AF_INET6;
  if (text.find('\0') != std::string::npos || inet_pton(family, text.c_str(), bytes.data()) != 1) {
    return std::nullopt;
  }
  return std::string(bytes.data(), family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr));
}

/// True if an address of `size` bytes can be compared with `type`.
bool family_fits(ParamType type, size_t size) {
  switch (type) {
    case ParamType::IPV4ADDR:
    case ParamType::IPV4NET:
      return size == sizeof(in_addr);
    case ParamType::IPV6ADDR:
    case ParamType::IPV6NET:
      return size == sizeof(in6_addr);
    default:
      return true;
  }
}

std::expected<Literal, Diagnostic> convert_address(ParamType type, const ast::Literal& literal) {
  std::optional<std::string> bytes = parse_address(literal.text);
  if (!bytes || !family_fits(type, bytes->size())) {
    return invalid(literal, fmt::format("'{}' is not an IP address", literal.text),
                   "write four decimal numbers, such as 10.0.0.1, or an IPv6 address without dots");
  }
  return Literal{.bytes = *std::move(bytes)};
}

void mask_host_bits(std::string& bytes, uint8_t prefix_bits) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const size_t first_bit = i * 8;
    if (prefix_bits >= first_bit + 8) continue;
    const size_t kept = prefix_bits > first_bit ? prefix_bits - first_bit : 0;
    bytes[i] = static_cast<char>(static_cast<uint8_t>(bytes[i]) & (0xff00U >> kept));
  }
}

std::expected<Literal, Diagnostic> convert_network(ParamType type, const ast::Literal& literal) {
  const size_t slash = literal.text.find('/');
  if (slash == std::string::npos) {
    return invalid(
        literal, fmt::format("'{}' has no prefix length", literal.text),
        fmt::format("write {}/32 for one IPv4 address, /128 for one IPv6 address", literal.text));
  }
  std::optional<std::string> bytes = parse_address(literal.text.substr(0, slash));
  if (!bytes || !family_fits(type, bytes->size())) {
    return invalid(literal, fmt::format("'{}' is not a network", literal.text),
                   "write an address and a prefix length, such as 10.0.0.0/8 or fd00::/8");
  }
  const std::string_view digits = std::string_view(literal.text).substr(slash + 1);
  const size_t highest = bytes->size() * 8;
  unsigned prefix_bits = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), prefix_bits);
  if (error == std::errc::invalid_argument || end != digits.data() + digits.size()) {
    return invalid(literal, fmt::format("'{}' is not a prefix length", digits),
                   fmt::format("prefix lengths are 0 to {}", highest));
  }
  if (error != std::errc{} || prefix_bits > highest) {
    return out_of_range(literal, fmt::format("prefix length {} is too long", digits),
                        fmt::format("prefix lengths are 0 to {}", highest));
  }
  mask_host_bits(*bytes, static_cast<uint8_t>(prefix_bits));
  return Literal{.bytes = *std::move(bytes), .prefix_bits = static_cast<uint8_t>(prefix_bits)};
}

std::expected<Literal, Diagnostic> convert_text(Operator op, const ast::Literal& literal) {
  if (literal.text.find('\0') != std::string::npos) {
    return invalid(literal, "text cannot hold a NUL byte",
                   "only byte buffers can be compared with it");
  }
  if (op == Operator::REGEX) {
    if (const auto pattern = compile_regex(literal.text); !pattern) {
      return std::unexpected(Diagnostic::at(
          Code::REGEX_INVALID, literal.span,
          fmt::format("invalid regular expression: {}", pattern.error()),
          "the syntax is RE2's POSIX syntax: [0-9] instead of \\d, no (?…), no back-references"));
    }
  }
  return Literal{.bytes = literal.text};
}

std::expected<Literal, Diagnostic> convert_buffer(Operator op, const ast::Literal& literal) {
  if (op != Operator::BCONTAINS && op != Operator::BSTARTSWITH) {
    return Literal{.bytes = literal.text};
  }
  std::optional<std::string> bytes = decode_hex(literal.text);
  if (!bytes) {
    return invalid(literal, fmt::format("'{}' is not hexadecimal", literal.text),
                   "write an even number of hex digits, without 0x and blanks");
  }
  return Literal{.bytes = *std::move(bytes)};
}

}  // namespace

TypeTraits type_traits(ParamType type) {
  switch (type) {
    case ParamType::INT8:
      return number(8, true);
    case ParamType::INT16:
      return number(16, true);
    case ParamType::INT32:
      return number(32, true);
    case ParamType::INT64:
    case ParamType::ERRNO:
    case ParamType::FD:
    case ParamType::PID:
      return number(64, true);
    case ParamType::FD32:
    case ParamType::PID32:
      return number(32, true);
    case ParamType::UINT8:
    case ParamType::SIGTYPE:
    case ParamType::FLAGS8:
    case ParamType::ENUMFLAGS8:
      return number(8, false);
    case ParamType::UINT16:
    case ParamType::PORT:
    case ParamType::SYSCALLID:
    case ParamType::FLAGS16:
    case ParamType::ENUMFLAGS16:
      return number(16, false);
    case ParamType::UINT32:
    case ParamType::FLAGS32:
    case ParamType::ENUMFLAGS32:
    case ParamType::MODE:
      return number(32, false);
    case ParamType::UINT64:
    case ParamType::RELTIME:
    case ParamType::ABSTIME:
      return number(64, false);
    case ParamType::DOUBLE:
      return {.group = TypeGroup::NUMBER, .is_double = true};
    case ParamType::BOOL:
      return {.group = TypeGroup::BOOLEAN};
    case ParamType::IPV4ADDR:
    case ParamType::IPV6ADDR:
    case ParamType::IPADDR:
      return {.group = TypeGroup::ADDRESS};
    case ParamType::IPV4NET:
    case ParamType::IPV6NET:
    case ParamType::IPNET:
      return {.group = TypeGroup::ADDRESS, .is_network = true};
    case ParamType::CHARBUF:
    case ParamType::FSPATH:
    case ParamType::FSRELPATH:
      return {.group = TypeGroup::TEXT};
    case ParamType::BYTEBUF:
      return {.group = TypeGroup::BUFFER};
    default:
      return {};
  }
}

std::expected<Literal, Diagnostic> convert_literal(ParamType type, Operator op,
                                                   const ast::Literal& literal) {
  const TypeTraits traits = type_traits(type);
  switch (traits.group) {
    case TypeGroup::NUMBER:
      if (type == ParamType::PORT) return convert_port(literal);
      return traits.is_double ? convert_double(literal) : convert_integer(traits, literal);
    case TypeGroup::BOOLEAN:
      return convert_bool(literal);
    case TypeGroup::ADDRESS:
      return traits.is_network ? convert_network(type, literal) : convert_address(type, literal);
    case TypeGroup::TEXT:
      return convert_text(op, literal);
    case TypeGroup::BUFFER:
      return convert_buffer(op, literal);
    case TypeGroup::OPAQUE:
      break;
  }
  return invalid(literal, "values of this type cannot be compared, only tested with exists");
}

}  // namespace falcoc::ir

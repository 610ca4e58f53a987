// Matching and transforming of text and bytes. Globs have their own file, glob_match.cpp.
#include "compiler/ir/text_match.h"

#include <re2/re2.h>

#include <algorithm>

namespace falcoc::ir {
namespace {

constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";  // U+FFFD

/// Bytes of the well-formed UTF-8 sequence at the start of `text`; 0 if there is none, and then
/// `ill_formed` is the length of what one U+FFFD stands for: the longest start of a sequence.
size_t utf8_sequence_size(std::string_view text, size_t& ill_formed) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  ill_formed = 1;
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  for (size_t i = 1; i < size; ++i) {
    // The second byte also decides over-long forms, surrogates and what is above U+10FFFF.
    const uint8_t low = i > 1 ? 0x80 : lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const uint8_t high = i > 1 ? 0xBF : lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (i >= text.size() || byte(i) < low || byte(i) > high) {
      ill_formed = i;
      return 0;
    }
  }
  return size;
}

std::optional<uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<uint8_t> base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<uint8_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<uint8_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<uint8_t>(c - '0' + 52);
  if (c == '+') return uint8_t{62};
  if (c == '/') return uint8_t{63};
  return std::nullopt;
}

/// Takes the next non-empty component off the front of `path`; empty at the end.
std::string_view next_component(std::string_view& path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  const std::string_view component = path.substr(0, path.find('/'));
  path.remove_prefix(component.size());
  return component;
}

bool option_is_known(std::string_view options, char letter, bool& takes_argument) {
  const size_t at = letter == ':' ? std::string_view::npos : options.find(letter);
  takes_argument =
      at != std::string_view::npos && at + 1 < options.size() && options[at + 1] == ':';
  return at != std::string_view::npos;
}

}  // namespace

std::string_view until_nul(std::string_view text) { return text.substr(0, text.find('\0')); }

std::string_view without_trailing_nuls(std::string_view text) {
  while (text.ends_with('\0')) text.remove_suffix(1);
  return text;
}

char to_lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char to_upper_ascii(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool contains_ignoring_case(std::string_view text, std::string_view needle) {
  return !std::ranges::search(text, needle, {}, to_lower_ascii, to_lower_ascii).empty() ||
         needle.empty();
}

bool path_has_prefix(std::string_view path, std::string_view prefix) {
  while (true) {
    const std::string_view wanted = next_component(prefix);
    if (wanted.empty()) return true;
    const std::string_view component = next_component(path);
    if (component.empty()) return false;
    const bool is_glob = wanted.find_first_of("?*[") != std::string_view::npos;
    if (is_glob ? !glob_match(wanted, component, false) : wanted != component) return false;
  }
}

CompiledPattern::CompiledPattern(std::unique_ptr<re2::RE2> regex) : regex_(std::move(regex)) {}
CompiledPattern::CompiledPattern(CompiledPattern&&) noexcept = default;
CompiledPattern& CompiledPattern::operator=(CompiledPattern&&) noexcept = default;
CompiledPattern::~CompiledPattern() = default;

bool CompiledPattern::matches(std::string_view text) const {
  size_t ill_formed = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t size = utf8_sequence_size(rest, ill_formed);
    if (size == 0) {
      const std::string repaired = replace_invalid_utf8(text);
      return re2::RE2::FullMatch({repaired.data(), repaired.size()}, *regex_);
    }
    rest.remove_prefix(size);
  }
  return re2::RE2::FullMatch({text.data(), text.size()}, *regex_);
}

std::expected<CompiledPattern, std::string> compile_regex(std::string_view pattern) {
  re2::RE2::Options options(re2::RE2::POSIX);
  options.set_log_errors(false);
  options.set_max_mem(kMaxRegexMemoryBytes);
  auto regex =
      std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!regex->ok()) return std::unexpected(regex->error());
  return CompiledPattern(std::move(regex));
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    size_t ill_formed = 0;
    const size_t size = utf8_sequence_size(text, ill_formed);
    out += size > 0 ? text.substr(0, size) : kReplacementCharacter;
    text.remove_prefix(size > 0 ? size : ill_formed);
  }
  return out;
}

std::optional<std::string> decode_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (size_t i = 0; i < text.size(); i += 2) {
    const std::optional<uint8_t> high = hex_digit(text[i]);
    const std::optional<uint8_t> low = hex_digit(text[i + 1]);
    if (!high || !low) return std::nullopt;
    out += static_cast<char>(*high << 4 | *low);
  }
  return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
  const size_t digits = text.find_last_not_of('=') + 1;
  const size_t padding = text.size() - digits;
  if (padding > 2 || digits % 4 == 1 || (padding > 0 && (digits + padding) % 4 != 0)) {
    return std::nullopt;
  }
  std::string out;
  out.reserve(digits * 3 / 4);
  uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const char c : text.substr(0, digits)) {
    const std::optional<uint8_t> digit = base64_digit(c);
    if (!digit) return std::nullopt;
    bits = bits << 6 | *digit;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      out += static_cast<char>(bits >> bit_count);
      bits &= (1U << bit_count) - 1;
    }
  }
  if (bits != 0) return std::nullopt;
  return out;
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::vector<ParsedOption> parse_options(const std::vector<std::string_view>& arguments,
                                        std::string_view options) {
  std::vector<ParsedOption> found;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument.size() < 2 || argument.front() != '-' || argument == "--") break;
    if (argument[1] == '-') continue;
    for (size_t at = 1; at < argument.size(); ++at) {
      bool takes_argument = false;
      if (!option_is_known(options, argument[at], takes_argument)) {
        found.push_back({'?', std::nullopt});
        continue;
      }
      ParsedOption option{argument[at], std::nullopt};
      if (takes_argument) {
        option.argument = argument.substr(at + 1);
        if (option.argument->empty() && i + 1 < arguments.size()) option.argument = arguments[++i];
        at = argument.size();
      }
      found.push_back(option);
    }
  }
  return found;
}

}  // namespace falcoc::ir

// Matching and transforming of text and bytes: what the text operators and transformers mean, as
// pure functions. The reference evaluator and the helpers that generated code calls share them.
// Knows nothing of programs. Everything is byte-wise, as in the C locale (RULE-LANGUAGE 3.3).
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace falcoc::ir {

/// Memory one compiled regex may use for program and state cache, RE2's own default. Above it RE2
/// rejects the pattern, or matches more slowly; matching time stays linear.
inline constexpr int64_t kMaxRegexMemoryBytes = 8 << 20;

/// A text value as scalar operators and transformers see it: up to the first NUL.
std::string_view until_nul(std::string_view text);
/// A text value as set membership (`in`, `intersects`) sees it: without trailing NULs.
std::string_view without_trailing_nuls(std::string_view text);

char to_lower_ascii(char c);
char to_upper_ascii(char c);
bool contains_ignoring_case(std::string_view text, std::string_view needle);

/// fnmatch() of the whole text without flags, or with FNM_CASEFOLD: `*` and `?` match any byte, a
/// leading dot and `/` are not special, backslash quotes, no braces. Time is at most proportional
/// to the product of the lengths.
bool glob_match(std::string_view pattern, std::string_view text, bool fold_case);

/// `pmatch` of one path of the list: components of `prefix`, each a glob if it holds any of ?*[,
/// match the first components of `path`. Empty components do not count, so "" and "/" match all.
bool path_has_prefix(std::string_view path, std::string_view prefix);

/// A compiled regex of the rule language: POSIX syntax, matches whole values (RULE-LANGUAGE 3.4).
/// Matching is thread-safe.
class CompiledPattern {
 public:
  CompiledPattern(CompiledPattern&&) noexcept;
  CompiledPattern& operator=(CompiledPattern&&) noexcept;
  ~CompiledPattern();

  /// `text` need not be valid UTF-8.
  bool matches(std::string_view text) const;

 private:
  friend std::expected<CompiledPattern, std::string> compile_regex(std::string_view pattern);
  explicit CompiledPattern(std::unique_ptr<re2::RE2> regex);
  std::unique_ptr<re2::RE2> regex_;
};

/// The error is RE2's message.
std::expected<CompiledPattern, std::string> compile_regex(std::string_view pattern);

/// `text` with every ill-formed UTF-8 sequence replaced by U+FFFD.
std::string replace_invalid_utf8(std::string_view text);

/// Even number of hex digits to bytes, nothing if malformed.
std::optional<std::string> decode_hex(std::string_view text);
/// Standard alphabet, padding optional; nothing if malformed, non-zero trailing bits included.
std::optional<std::string> decode_base64(std::string_view text);

/// Text after the last slash.
std::string_view base_name(std::string_view path);

/// One option that `getopt` found: its letter ('?' if unknown) and, if it takes one, its argument.
struct ParsedOption {
  char letter = 0;
  std::optional<std::string_view> argument;
};
/// Scans short options as POSIX getopt does (RULE-LANGUAGE section 2). `options` is an option
/// string as in "vo:". Views point into `arguments`.
std::vector<ParsedOption> parse_options(const std::vector<std::string_view>& arguments,
                                        std::string_view options);

}  // namespace falcoc::ir

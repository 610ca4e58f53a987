// Globs with the meaning of glibc's fnmatch() in the C locale, without its exponential worst case
// and its need for terminated strings.
#include <array>
#include <cctype>

#include "compiler/ir/text_match.h"

namespace falcoc::ir {
namespace {

/// Longest name fnmatch() looks at in [:name:].
constexpr size_t kMaxClassName = 32;

/// Own tests and not isalpha() and its like, which follow the locale of the process.
struct CharacterClass {
  std::string_view name;
  bool (*holds)(unsigned char c);
};
bool is_upper(unsigned char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(unsigned char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
bool is_alpha(unsigned char c) { return is_upper(c) || is_lower(c); }
bool is_alnum(unsigned char c) { return is_alpha(c) || is_digit(c); }
bool is_graph(unsigned char c) { return c > ' ' && c < 0x7f; }
constexpr std::array<CharacterClass, 12> kClasses = {{
    {"alnum", is_alnum},
    {"alpha", is_alpha},
    {"blank", [](unsigned char c) { return c == ' ' || c == '\t'; }},
    {"cntrl", [](unsigned char c) { return c < ' ' || c == 0x7f; }},
    {"digit", is_digit},
    {"graph", is_graph},
    {"lower", is_lower},
    {"print", [](unsigned char c) { return c >= ' ' && c < 0x7f; }},
    {"punct", [](unsigned char c) { return is_graph(c) && !is_alnum(c); }},
    {"space", [](unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }},
    {"upper", is_upper},
    {"xdigit",
     [](unsigned char c) {
       return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
     }},
}};

enum class Outcome : uint8_t {
  MATCHED,
  FAILED,
  LITERAL,  ///< not a bracket expression: '[' stands for itself
};

/// Matches one byte against the bracket expression at `at`, just after '['. On MATCHED `at` is just
/// after ']'.
class Bracket {
 public:
  Bracket(std::string_view pattern, size_t at, char c, bool fold_case)
      : pattern_(pattern), at_(at), c_(c), fold_case_(fold_case) {}

  Outcome match() {
    const bool negated = peek() == '!' || peek() == '^';
    if (negated) ++at_;
    const size_t first = at_;
    while (!(peek() == ']' && at_ > first)) {
      if (at_ >= pattern_.size()) return Outcome::LITERAL;
      if (!item()) return Outcome::FAILED;
    }
    ++at_;
    return matched_ != negated ? Outcome::MATCHED : Outcome::FAILED;
  }
  size_t end() const { return at_; }

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0';
  }
  unsigned char fold(char c) const {
    return static_cast<unsigned char>(fold_case_ ? to_lower_ascii(c) : c);
  }

  /// One class, range or character. False if the whole pattern cannot match because of it.
  bool item() {
    if (peek() == '[' && peek(1) == ':') {
      if (const std::optional<bool> result = character_class()) return *result;
    } else if (peek() == '[' && peek(1) == '=') {
      if (peek(2) != '\0' && peek(3) == '=' && peek(4) == ']') {
        matched_ |= peek(2) == c_;
        at_ += 5;
        return true;
      }
      if (matched_) return false;  // else fnmatch() takes it for ordinary characters
    }
    char low = 0;
    if (!character(low)) return false;
    if (peek() != '-' || peek(1) == ']' || peek(1) == '\0') {
      matched_ |= fold(low) == fold(c_);
      return true;
    }
    ++at_;
    char high = 0;
    if (!character(high)) return false;
    matched_ |= fold(low) <= fold(c_) && fold(c_) <= fold(high);
    return true;
  }

  /// [:name:]. Nothing if it is no class but ordinary characters; false if there is no such class.
  std::optional<bool> character_class() {
    const size_t begin = at_ + 2;
    const size_t end = pattern_.find_first_not_of("abcdefghijklmnopqrstuvwxyz", begin);
    if (end == std::string_view::npos || pattern_.substr(end, 2) != ":]") return std::nullopt;
    const std::string_view name = pattern_.substr(begin, end - begin);
    if (name.size() > kMaxClassName) return false;
    at_ = end + 2;
    for (const CharacterClass& character_class : kClasses) {
      if (character_class.name != name) continue;
      matched_ |= character_class.holds(static_cast<unsigned char>(c_));
      return true;
    }
    return matched_;  // fnmatch() looks names up only until something has matched
  }

  /// A character, quoted by a backslash or written [.c.]: without collation, a symbol of several
  /// characters names nothing, which fnmatch() minds only until something has matched.
  bool character(char& out) {
    if (peek() == '[' && peek(1) == '.') {
      const size_t begin = at_ + 2;
      const size_t end = pattern_.find(".]", begin);
      if (end == std::string_view::npos || (end - begin != 1 && !matched_)) return false;
      out = pattern_[begin];
      at_ = end + 2;
      return true;
    }
    if (peek() == '\\') ++at_;
    if (at_ >= pattern_.size()) return false;
    out = pattern_[at_++];
    return true;
  }

  std::string_view pattern_;
  size_t at_;
  char c_;
  bool fold_case_;
  bool matched_ = false;
};

/// Matches one byte of text against the pattern element at `at`, which is no star, and moves `at`
/// behind it.
bool match_one(std::string_view pattern, size_t& at, char c, bool fold_case) {
  const auto equal = [&](char a) {
    return fold_case ? to_lower_ascii(a) == to_lower_ascii(c) : a == c;
  };
  switch (pattern[at]) {
    case '?':
      ++at;
      return true;
    case '\\':
      if (at + 1 >= pattern.size()) return false;
      at += 2;
      return equal(pattern[at - 1]);
    case '[': {
      Bracket bracket(pattern, at + 1, c, fold_case);
      const Outcome outcome = bracket.match();
      if (outcome == Outcome::LITERAL) break;
      at = bracket.end();
      return outcome == Outcome::MATCHED;
    }
    default:
      break;
  }
  return equal(pattern[at++]);
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text, bool fold_case) {
  // A star that matched too little is retried with one byte more; only the last star needs it,
  // because the earlier ones already found their leftmost place.
  constexpr size_t kNone = std::string_view::npos;
  size_t in_pattern = 0;
  size_t in_text = 0;
  size_t after_star = kNone;
  size_t star_end = 0;  // end of what the last star covers
  while (in_text < text.size() || in_pattern < pattern.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      after_star = ++in_pattern;
      star_end = in_text;
      continue;
    }
    if (in_pattern < pattern.size() && in_text < text.size() &&
        match_one(pattern, in_pattern, text[in_text], fold_case)) {
      ++in_text;
      continue;
    }
    if (after_star == kNone || star_end >= text.size()) return false;
    in_pattern = after_star;
    in_text = ++star_end;
  }
  return true;
}

}  // namespace falcoc::ir

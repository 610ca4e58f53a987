#include "compiler/diff/text_values.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "compiler/diff/questions.h"
#include "compiler/ir/literals.h"

namespace falcoc::diff {

using ir::Literal;
using ir::Operator;
using ir::TypeGroup;

namespace {

/// Before: /a*/[bc]?.  After: /a/bx, one of the texts that the glob matches.
std::string text_of_glob(std::string_view glob) {
  std::string text;
  for (size_t i = 0; i < glob.size(); ++i) {
    if (glob[i] == '*') continue;
    if (glob[i] == '?') {
      text += 'x';
    } else if (glob[i] == '\\' && i + 1 < glob.size()) {
      text += glob[++i];
    } else if (const size_t end = glob.find(']', i + 2); glob[i] == '[' && end != glob.npos) {
      text += glob[i + 1] == '!' || glob[i + 1] == '^' ? '~' : glob[i + 1];
      i = end;
    } else {
      text += glob[i];
    }
  }
  return text;
}

/// A text that a simple regex matches: of alternatives the first, of repetitions the least. What it
/// gets wrong is found out when the text is tried.
class RegexText {
 public:
  explicit RegexText(std::string_view pattern) : pattern_(pattern) {}

  std::string alternatives() {
    std::string first = sequence();
    while (at_ < pattern_.size() && pattern_[at_] == '|') {
      ++at_;
      sequence();
    }
    return first;
  }

 private:
  std::string sequence() {
    std::string text;
    while (at_ < pattern_.size() && pattern_[at_] != '|' && pattern_[at_] != ')') {
      std::string one = element();
      if (at_ < pattern_.size() && std::string_view("*?").contains(pattern_[at_])) {
        one.clear();
        ++at_;
      } else if (at_ < pattern_.size() && pattern_[at_] == '+') {
        ++at_;
      } else if (at_ < pattern_.size() && pattern_[at_] == '{') {
        one = repeated(one);
      }
      text += one;
    }
    return text;
  }

  std::string element() {
    const char c = pattern_[at_++];
    if (c == '(') {
      std::string text = alternatives();
      if (at_ < pattern_.size()) ++at_;
      return text;
    }
    if (c == '[') return bracket();
    if (c == '\\' && at_ < pattern_.size()) return {pattern_[at_++]};
    if (c == '.') return "x";
    return c == '^' || c == '$' ? "" : std::string(1, c);
  }

  std::string bracket() {
    const size_t end = pattern_.find(']', at_ + 1);
    if (end == pattern_.npos) return {};
    const std::string_view inside = pattern_.substr(at_, end - at_);
    at_ = end + 1;
    if (inside.starts_with("[:")) {
      if (at_ < pattern_.size() && pattern_[at_] == ']') ++at_;
      return inside.contains("digit") ? "1" : inside.contains("space") ? " " : "a";
    }
    return inside[0] == '^' ? "~" : std::string(1, inside[0]);
  }

  std::string repeated(const std::string& one) {
    const size_t end = std::min(pattern_.find('}', at_), pattern_.size() - 1);
    constexpr size_t kMost = 100;
    size_t count = 0;
    for (size_t i = at_ + 1; i < end && pattern_[i] >= '0' && pattern_[i] <= '9'; ++i)
      count = std::min(count * 10 + static_cast<size_t>(pattern_[i] - '0'), kMost);
    at_ = end + 1;
    std::string text;
    while (count-- > 0) text += one;
    return text;
  }

  std::string_view pattern_;
  size_t at_ = 0;
};

void keep_longer(std::string& text, const std::string& other) {
  if (other.size() > text.size()) text = other;
}

/// Texts that begin, end and go on as wanted.
std::vector<std::string> text_candidates(const Wanted& wanted) {
  static constexpr std::array<std::string_view, 6> kFillers = {"", "x", "/x", "/x/y", "-z", " q"};
  std::vector<std::string> texts;
  std::string front, back, middle;
  for (const Question* question : wanted.yes) {
    const std::string& literal = question->literal.bytes;
    switch (question->op) {
      case Operator::STARTSWITH:
        keep_longer(front, literal);
        break;
      case Operator::PMATCH:
        keep_longer(front, text_of_glob(literal));
        break;
      case Operator::ENDSWITH:
        keep_longer(back, literal);
        break;
      case Operator::CONTAINS:
      case Operator::ICONTAINS:
        middle += literal;
        break;
      case Operator::GLOB:
      case Operator::IGLOB:
        texts.push_back(text_of_glob(literal));
        break;
      case Operator::REGEX:
        texts.push_back(RegexText(literal).alternatives());
        break;
      default:
        texts.push_back(literal);
        texts.push_back(literal + "0");
    }
  }
  const bool is_open = texts.empty();
  for (const std::string_view before : kFillers) {
    if (!is_open) break;
    for (const std::string_view behind : kFillers) {
      texts.push_back(fmt::format("{}{}{}{}{}", front, before, middle, behind, back));
    }
    texts.push_back(fmt::format("{}{}{}", front, before, back));
  }
  // Empty texts are rare; one is an example only if nothing else is.
  std::ranges::stable_partition(texts, [](const std::string& text) { return !text.empty(); });
  return texts;
}

std::vector<Literal> candidates(ParamType type, const Wanted& wanted) {
  std::vector<Literal> values;
  const ir::TypeTraits traits = ir::type_traits(type);
  const auto add_asked = [&](const std::vector<const Question*>& questions) {
    for (const Question* question : questions) {
      values.push_back(question->literal);
      values.push_back({.bytes = question->literal.bytes, .number = question->literal.number + 1});
      values.push_back({.bytes = question->literal.bytes, .number = question->literal.number - 1});
    }
  };
  if (traits.group == TypeGroup::TEXT || traits.group == TypeGroup::BUFFER) {
    for (std::string& text : text_candidates(wanted)) values.push_back({.bytes = std::move(text)});
    return values;
  }
  add_asked(wanted.yes);
  if (traits.group == TypeGroup::ADDRESS) {  // of documentation (RFC 5737, RFC 3849), and private
    values.push_back({.bytes = {"\xc0\x00\x02\x01", 4}});
    values.push_back({.bytes = {"\xc6\x33\x64\x07", 4}});
    values.push_back({.bytes = {"\x0a\x01\x02\x03", 4}});
    values.push_back({.bytes = {"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16}});
    return values;
  }
  for (const uint64_t number : {uint64_t{1}, uint64_t{0}, uint64_t{1000}})
    values.push_back(
        {.number = traits.is_double ? std::bit_cast<uint64_t>(double(number)) : number});
  add_asked(wanted.no);
  return values;
}

}  // namespace

std::optional<Literal> find_value(ParamType type, const Wanted& wanted,
                                  const std::optional<Literal>& first) {
  const auto is_wanted = [&](const Literal& value) {
    const auto is_yes = [&](const Question* question) { return answers(type, *question, value); };
    return std::ranges::all_of(wanted.yes, is_yes) && std::ranges::none_of(wanted.no, is_yes);
  };
  if (first && is_wanted(*first)) return first;
  for (const Question* question : wanted.yes) {
    if (!is_point(type, *question)) continue;
    return is_wanted(question->literal) ? std::optional(question->literal) : std::nullopt;
  }
  for (Literal& value : candidates(type, wanted)) {
    if (is_wanted(value)) return std::move(value);
  }
  return std::nullopt;
}

std::string fact_text(ParamType type, const Literal& value) {
  const ir::TypeTraits traits = ir::type_traits(type);
  switch (traits.group) {
    case TypeGroup::TEXT:
    case TypeGroup::BUFFER:
      return value.bytes;
    case TypeGroup::BOOLEAN:
      return value.number != 0 ? "true" : "false";
    case TypeGroup::ADDRESS: {
      std::array<char, INET6_ADDRSTRLEN> text{};
      inet_ntop(value.bytes.size() == 4 ? AF_INET : AF_INET6, value.bytes.data(), text.data(),
                text.size());
      return text.data();
    }
    default:
      break;
  }
  if (traits.is_double) return fmt::format("{}", std::bit_cast<double>(value.number));
  return traits.is_signed ? fmt::format("{}", static_cast<int64_t>(value.number))
                          : fmt::format("{}", value.number);
}

}  // namespace falcoc::diff

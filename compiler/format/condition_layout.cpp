#include "compiler/format/condition_layout.h"

#include <algorithm>

#include "compiler/ir/condition_tokens.h"
#include "compiler/ir/parse.h"

namespace falcoc::format {

namespace {

using ir::ConditionToken;
using Kind = ConditionToken::Kind;

/// Stands in front of what is appended, so that it parses.
constexpr std::string_view kAbsentFirst = "a ";

/// Groups that begin further right have their lines here.
constexpr size_t kRightmostGroup = 60;

constexpr size_t kNot = 4;  // "not "
constexpr size_t kAnd = 5;  // " and "
constexpr size_t kOr = 4;   // " or "

/// The words of a condition that parses, as a tree. Depth is bounded by ir::kMaxNesting.
class TreeReader {
 public:
  explicit TreeReader(const std::vector<ConditionToken>& tokens) : tokens_(tokens) {}

  Disjunction disjunction() {
    Disjunction out;
    do {
      out.parts.push_back(conjunction());
      out.width += out.parts.back().width + (out.parts.size() > 1 ? kOr : 0);
    } while (take(Kind::OR));
    return out;
  }

 private:
  bool at_end() const { return at_ == tokens_.size(); }
  bool at(Kind kind) const { return !at_end() && tokens_[at_].kind == kind; }
  bool take(Kind kind) {
    const bool here = at(kind);
    if (here) ++at_;
    return here;
  }

  Conjunction conjunction() {
    Conjunction out;
    do {
      out.terms.push_back(term());
      out.width += out.terms.back().width + (out.terms.size() > 1 ? kAnd : 0);
    } while (take(Kind::AND));
    return out;
  }

  Term term() {
    Term out;
    while (take(Kind::NOT)) ++out.negations;
    out.width = out.negations * kNot;
    if (take(Kind::OPEN)) {
      out.group.push_back(disjunction());
      take(Kind::CLOSE);
      out.width += out.group.front().width + 2;
      return out;
    }
    check(out);
    out.width += out.text.size();
    for (const std::string& item : out.items) out.width += item.size() + 1;
    if (!out.items.empty()) --out.width;
    return out;
  }

  /// Items keep the comma, or the closing parenthesis, behind them.
  void check(Term& out) {
    bool in_list = false;
    while (!at_end() && !at(Kind::AND) && !at(Kind::OR) && !at(Kind::CLOSE)) {
      const ConditionToken& token = tokens_[at_++];
      const bool starts_item = in_list && !token.joins_before;
      if (starts_item || (in_list && out.items.empty())) out.items.emplace_back();
      std::string& to = in_list ? out.items.back() : out.text;
      if (!token.joins_before && !to.empty()) to += ' ';
      to += token.text;
      if (token.kind == Kind::LIST_OPEN) in_list = true;
    }
  }

  const std::vector<ConditionToken>& tokens_;
  size_t at_ = 0;
};

class Writer {
 public:
  explicit Writer(size_t indent) : limit_(indent < kColumns ? kColumns - indent : 0) {}

  /// `begin` is the column of further lines; `behind` what must follow in the last one.
  void write(const Disjunction& condition, size_t begin, size_t behind) {
    if (fits(condition.width, behind)) return flat(condition);
    const bool several = condition.parts.size() > 1;
    bool absent = condition.no_first;
    for (size_t i = 0; i < condition.parts.size(); ++i) {
      if (i > 0) {
        new_line(begin);
        put("or ");
      }
      const bool last = i + 1 == condition.parts.size();
      write(condition.parts[i], several ? begin + 2 : begin, last ? behind : 0, absent);
      absent = false;
    }
  }

  void flat(const Disjunction& condition) {
    for (size_t i = 0; i < condition.parts.size(); ++i) {
      if (i > 0) connective("or ");
      flat(condition.parts[i], i == 0 && condition.no_first);
    }
  }

  std::vector<std::string> take() { return std::move(lines_); }

 private:
  bool fits(size_t width, size_t behind) const {
    return lines_.back().size() + width + behind <= limit_;
  }
  void put(std::string_view text) { lines_.back() += text; }
  void new_line(size_t column) {
    if (!lines_.back().empty()) lines_.emplace_back(column, ' ');
  }
  void connective(std::string_view word) {
    if (!lines_.back().empty()) put(" ");
    put(word);
  }

  void write(const Conjunction& part, size_t begin, size_t behind, bool absent) {
    if (fits(part.width, behind)) return flat(part, absent);
    for (size_t i = absent ? 1 : 0; i < part.terms.size(); ++i) {
      if (i > 0) {
        new_line(begin);
        put("and ");
      }
      write(part.terms[i], i + 1 == part.terms.size() ? behind : 0);
    }
  }

  void flat(const Conjunction& part, bool absent) {
    for (size_t i = absent ? 1 : 0; i < part.terms.size(); ++i) {
      if (i > 0) connective("and ");
      flat(part.terms[i]);
    }
  }

  void write(const Term& term, size_t behind) {
    if (fits(term.width, behind)) return flat(term);
    negate(term);
    if (term.group.empty()) return wrap(term, behind);
    put("(");
    write(term.group.front(), std::min(lines_.back().size(), kRightmostGroup), behind + 1);
    put(")");
  }

  void flat(const Term& term) {
    negate(term);
    if (!term.group.empty()) {
      put("(");
      flat(term.group.front());
      return put(")");
    }
    put(term.text);
    for (size_t i = 0; i < term.items.size(); ++i) {
      if (i > 0) put(" ");
      put(term.items[i]);
    }
  }

  void negate(const Term& term) {
    for (size_t i = 0; i < term.negations; ++i) put("not ");
  }

  /// A list over several lines, which begin behind its parenthesis.
  void wrap(const Term& term, size_t behind) {
    put(term.text);
    const size_t begin = std::min(lines_.back().size(), kRightmostGroup);
    for (size_t i = 0; i < term.items.size(); ++i) {
      const bool last = i + 1 == term.items.size();
      if (i > 0) {
        if (fits(term.items[i].size() + 1, last ? behind : 0)) {
          put(" ");
        } else {
          new_line(begin);
        }
      }
      put(term.items[i]);
    }
  }

  size_t limit_;
  std::vector<std::string> lines_{1};
};

bool parses(std::string_view text) {
  return ir::parse_condition(MappedText(std::string(text), Span{})).has_value();
}

}  // namespace

std::optional<Disjunction> read_condition(std::string_view text, bool appended) {
  std::string whole(text);
  const bool complete = parses(whole);
  if (!complete) {
    whole.insert(0, kAbsentFirst);
    if (!appended || !parses(whole)) return std::nullopt;
  }
  const std::vector<ConditionToken> tokens = ir::condition_tokens(whole);
  const bool over_lines = std::ranges::any_of(tokens, [](const ConditionToken& token) {
    return token.text.find_first_of("\r\n") != token.text.npos;
  });
  if (over_lines) return std::nullopt;
  Disjunction condition = TreeReader(tokens).disjunction();
  condition.no_first = !complete;
  return condition;
}

std::string one_line(const Disjunction& condition) {
  Writer writer(0);
  writer.flat(condition);
  return std::move(writer.take().front());
}

std::vector<std::string> broken_lines(const Disjunction& condition, size_t indent) {
  Writer writer(indent);
  writer.write(condition, 0, 0);
  return writer.take();
}

}  // namespace falcoc::format

// Text to tree. Actions are cut into words first; blanks count only as ends of words.
#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "runtime/route/template.h"
#include "runtime/route/template_tree.h"

namespace falcod::route {

namespace {

constexpr size_t kMaxDepth = 64;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<signed char>(c) < 0;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Word {
  enum class Kind : uint8_t {
    NAME,      ///< of a function, or a keyword
    FIELD,     ///< `.name`
    DOT,       ///< a dot alone
    VARIABLE,  ///< `$name`, without the dollar sign
    LITERAL,
    OPEN,
    CLOSE,
    PIPE,
    DECLARE,  ///< :=
    ASSIGN,   ///< =
    COMMA,
  };
  Kind kind{};
  std::string text{};
  nlohmann::json literal{};
  bool glued = false;  ///< no blank before it
};

struct Error {
  std::string text;
};

[[noreturn]] void fail(std::string text) { throw Error{std::move(text)}; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  /// The text up to the next action, or all that is left.
  std::string text_before_action() {
    const size_t end = std::min(text_.find("{{", at_), text_.size());
    std::string_view piece = text_.substr(at_, end - at_);
    if (trims_) {
      while (!piece.empty() && is_blank(piece.front())) piece.remove_prefix(1);
    }
    trims_ = false;
    at_ = end;
    const bool trims_before =
        text_.substr(at_).starts_with("{{-") && at_ + 3 < text_.size() && is_blank(text_[at_ + 3]);
    if (trims_before) {
      while (!piece.empty() && is_blank(piece.back())) piece.remove_suffix(1);
    }
    return std::string(piece);
  }

  bool at_end() const { return at_ >= text_.size(); }

  /// The words of the action that begins here; nothing if it is a comment.
  std::optional<std::vector<Word>> action() {
    at_ += 2;
    if (text_.substr(at_).starts_with("-") && at_ + 1 < text_.size() && is_blank(text_[at_ + 1]))
      ++at_;
    skip_blanks();
    if (text_.substr(at_).starts_with("/*")) return comment();
    std::vector<Word> words;
    while (true) {
      const size_t before = at_;
      skip_blanks();
      if (at_end()) fail("`{{` without `}}`");
      if (ends_action(before != at_)) return words;
      words.push_back(word());
      words.back().glued = before == at_before_;
    }
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  bool ends_action(bool blank_before) {
    if (text_.substr(at_).starts_with("}}")) {
      at_ += 2;
      return true;
    }
    if (!blank_before || !text_.substr(at_).starts_with("-}}")) return false;
    at_ += 3;
    trims_ = true;
    return true;
  }

  std::optional<std::vector<Word>> comment() {
    const size_t end = text_.find("*/", at_);
    if (end == text_.npos) fail("`/*` without `*/`");
    at_ = end + 2;
    const size_t before = at_;
    skip_blanks();
    if (!ends_action(before != at_)) fail("a comment has to be an action of its own");
    return std::nullopt;
  }

  Word word() {
    at_before_ = at_;
    const char c = text_[at_];
    if (c == '"' || c == '`' || c == '\'') return quoted(c);
    if (is_digit(c) ||
        ((c == '-' || c == '+') && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])))
      return number();
    if (c == '.') {
      ++at_;
      std::string name = take_name();
      return {.kind = name.empty() ? Word::Kind::DOT : Word::Kind::FIELD, .text = std::move(name)};
    }
    if (c == '$') {
      ++at_;
      return {.kind = Word::Kind::VARIABLE, .text = take_name()};
    }
    if (is_letter(c)) return name();
    return sign(c);
  }

  Word sign(char c) {
    if (text_.substr(at_).starts_with(":=")) {
      at_ += 2;
      return {.kind = Word::Kind::DECLARE};
    }
    ++at_;
    switch (c) {
      case '(':
        return {.kind = Word::Kind::OPEN};
      case ')':
        return {.kind = Word::Kind::CLOSE};
      case '|':
        return {.kind = Word::Kind::PIPE};
      case '=':
        return {.kind = Word::Kind::ASSIGN};
      case ',':
        return {.kind = Word::Kind::COMMA};
      default:
        fail(fmt::format("`{}` has no place in an action", c));
    }
  }

  std::string take_name() {
    const size_t begin = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  Word name() {
    std::string text = take_name();
    if (text == "true" || text == "false")
      return {.kind = Word::Kind::LITERAL, .literal = text == "true"};
    if (text == "nil") return {.kind = Word::Kind::LITERAL};
    return {.kind = Word::Kind::NAME, .text = std::move(text)};
  }

  Word number() {
    const size_t begin = at_;
    if (text_[at_] == '+') ++at_;
    const char* const first = text_.data() + at_;
    const char* const last = text_.data() + text_.size();
    int64_t integer = 0;
    const auto whole = std::from_chars(first, last, integer);
    double real = 0;
    const auto any = std::from_chars(first, last, real);
    const bool is_integer = whole.ec == std::errc{} && whole.ptr == any.ptr;
    if (any.ec != std::errc{}) fail("a number that is too large");
    at_ = static_cast<size_t>(any.ptr - text_.data());
    if (at_ < text_.size() && is_letter(text_[at_])) {
      fail(fmt::format("`{}` is no number", text_.substr(begin, at_ + 1 - begin)));
    }
    return {.kind = Word::Kind::LITERAL,
            .literal = is_integer ? nlohmann::json(integer) : nlohmann::json(real)};
  }

  Word quoted(char quote) {
    std::string out;
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      out += quote != '`' && text_[at_] == '\\' ? escaped() : text_[at_];
    }
    if (at_end()) fail("a text without its closing quote");
    ++at_;
    if (quote != '\'') return {.kind = Word::Kind::LITERAL, .literal = std::move(out)};
    if (out.size() != 1) fail("in single quotes stands one letter; texts stand in double ones");
    return {.kind = Word::Kind::LITERAL, .literal = static_cast<int>(out[0])};
  }

  char escaped() {
    if (++at_ >= text_.size()) fail("a text without its closing quote");
    switch (text_[at_]) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case '\\':
      case '"':
      case '\'':
        return text_[at_];
      default:
        fail(fmt::format("`\\{}` is not understood in a text", text_[at_]));
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t at_before_ = 0;
  bool trims_ = false;  ///< the last action trims what follows
};

/// The words of one action.
class ActionParser {
 public:
  explicit ActionParser(const std::vector<Word>& words, size_t begin = 0)
      : words_(words), at_(begin) {}

  TemplatePipeline whole_pipeline() {
    TemplatePipeline out = pipeline(0);
    if (at_ != words_.size()) fail("`)` without `(`");
    return out;
  }

 private:
  bool is(Word::Kind kind, size_t ahead = 0) const {
    return at_ + ahead < words_.size() && words_[at_ + ahead].kind == kind;
  }

  void variables(TemplatePipeline& out) {
    using enum Word::Kind;
    const bool one = is(VARIABLE) && (is(DECLARE, 1) || is(ASSIGN, 1));
    const bool two = is(VARIABLE) && is(COMMA, 1) && is(VARIABLE, 2) && is(DECLARE, 3);
    if (!one && !two) return;
    out.variables.push_back(words_[at_].text);
    if (two) out.variables.push_back(words_[at_ + 2].text);
    out.assigns = one && is(ASSIGN, 1);
    at_ += two ? 4 : 2;
  }

  TemplatePipeline pipeline(size_t depth) {
    if (depth > kMaxDepth) fail("parentheses are nested too deeply");
    TemplatePipeline out;
    if (depth == 0) variables(out);
    while (true) {
      out.commands.push_back(command(depth));
      if (!is(Word::Kind::PIPE)) return out;
      ++at_;
    }
  }

  TemplateCommand command(size_t depth) {
    TemplateCommand out;
    while (at_ < words_.size() && !is(Word::Kind::PIPE) && !is(Word::Kind::CLOSE)) {
      out.words.push_back(operand(depth, out.words.empty()));
    }
    if (out.words.empty()) fail("a value is missing");
    const bool calls = out.words.front().kind == TemplateOperand::Kind::FUNCTION;
    if (!calls && out.words.size() > 1) fail("only functions take arguments");
    return out;
  }

  TemplateOperand operand(size_t depth, bool is_first) {
    using Kind = TemplateOperand::Kind;
    const Word& word = words_[at_++];
    TemplateOperand out;
    switch (word.kind) {
      case Word::Kind::LITERAL:
        out.literal = word.literal;
        return out;
      case Word::Kind::DOT:
        out.kind = Kind::DOT;
        return out;
      case Word::Kind::FIELD:
        out.kind = Kind::DOT;
        out.path.push_back(word.text);
        break;
      case Word::Kind::VARIABLE:
        out.kind = Kind::VARIABLE;
        out.name = word.text;
        break;
      case Word::Kind::OPEN:
        out.kind = Kind::PIPELINE;
        out.pipeline = std::make_shared<const TemplatePipeline>(pipeline(depth + 1));
        if (!is(Word::Kind::CLOSE)) fail("`(` without `)`");
        ++at_;
        break;
      case Word::Kind::NAME:
        if (!is_template_function(word.text))
          fail(fmt::format("there is no function `{}`", word.text));
        out.kind = Kind::FUNCTION;
        out.name = word.text;
        if (!is_first) fail(fmt::format("put `{}` and its arguments in parentheses", word.text));
        return out;
      default:
        fail("a value is missing");
    }
    while (is(Word::Kind::FIELD) && words_[at_].glued) out.path.push_back(words_[at_++].text);
    return out;
  }

  const std::vector<Word>& words_;
  size_t at_;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  std::vector<TemplateNode> whole() {
    std::string end;
    std::vector<TemplateNode> nodes = list(0, end);
    if (!end.empty()) fail(fmt::format("`{{{{ {} }}}}` without if, with or range", end));
    return nodes;
  }

 private:
  /// Up to the action that ends the list, `end` or `else`, whose words are in `last_`.
  std::vector<TemplateNode> list(size_t depth, std::string& end) {
    if (depth > kMaxDepth) fail("blocks are nested too deeply");
    std::vector<TemplateNode> nodes;
    while (true) {
      std::string text = lexer_.text_before_action();
      if (!text.empty())
        nodes.push_back({.kind = TemplateNode::Kind::TEXT, .text = std::move(text)});
      if (lexer_.at_end()) return nodes;
      auto words = lexer_.action();
      if (!words) continue;
      if (words->empty()) fail("an action is empty");
      const std::string keyword =
          words->front().kind == Word::Kind::NAME ? words->front().text : "";
      if (keyword == "end" || keyword == "else") {
        end = keyword;
        last_ = std::move(*words);
        return nodes;
      }
      nodes.push_back(node(keyword, *words, depth));
    }
  }

  TemplateNode node(const std::string& keyword, const std::vector<Word>& words, size_t depth) {
    using Kind = TemplateNode::Kind;
    if (keyword == "if") return block(Kind::IF, words, 1, depth);
    if (keyword == "with") return block(Kind::WITH, words, 1, depth);
    if (keyword == "range") return block(Kind::RANGE, words, 1, depth);
    TemplateNode out{.kind = Kind::ACTION};
    out.pipeline = ActionParser(words).whole_pipeline();
    if (out.pipeline.variables.size() > 1) fail("two variables belong to range");
    return out;
  }

  /// `words` from `begin` on are its pipeline.
  TemplateNode block(TemplateNode::Kind kind, const std::vector<Word>& words, size_t begin,
                     size_t depth) {
    TemplateNode out{.kind = kind};
    out.pipeline = ActionParser(words, begin).whole_pipeline();
    if (out.pipeline.variables.size() > 1 && kind != TemplateNode::Kind::RANGE)
      fail("two variables belong to range");
    std::string end;
    out.body = list(depth + 1, end);
    if (end == "else") otherwise(out, end, depth);
    if (end != "end") fail("`{{ end }}` is missing");
    return out;
  }

  void otherwise(TemplateNode& out, std::string& end, size_t depth) {
    const std::vector<Word> words = std::move(last_);
    if (words.size() == 1) {
      out.otherwise = list(depth + 1, end);
      return;
    }
    const std::string keyword = words[1].kind == Word::Kind::NAME ? words[1].text : "";
    if (keyword != "if" && keyword != "with") fail("behind else stands if or with, or nothing");
    // its end is the end of both
    out.otherwise.push_back(block(
        keyword == "if" ? TemplateNode::Kind::IF : TemplateNode::Kind::WITH, words, 2, depth + 1));
    end = "end";
  }

  Lexer lexer_;
  std::vector<Word> last_;
};

}  // namespace

std::expected<Template, std::string> Template::parse(std::string_view text) {
  try {
    Template out;
    out.nodes_ = std::make_shared<const std::vector<TemplateNode>>(Parser(text).whole());
    return out;
  } catch (Error& error) {
    return std::unexpected(std::move(error.text));
  }
}

}  // namespace falcod::route

// Output formats: the format's own grammar finds the tokens, the condition grammar reads them, the
// catalog says where a token without brackets ends.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "compiler/ir/field_name.h"
#include "compiler/ir/parse.h"
#include "compiler/ir/syntax_reader.h"
#include "grammar/OutputFormatLexer.h"
#include "grammar/OutputFormatParser.h"

namespace falcoc::ir {

namespace {

using grammar::OutputFormatLexer;
using grammar::OutputFormatParser;

/// Widest padding. Falco has no limit; a line of terminal or log is far below, a typing error that
/// would fill the memory far above.
constexpr uint32_t kMaxWidth = 65536;

struct OutputError {
  Diagnostic diagnostic;
};

bool is_name_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
         (byte >= '0' && byte <= '9');
}

/// How to write the argument of a field that needs one.
std::string_view argument_form(const FieldInfo& field) {
  switch (field.argument) {
    case ArgumentRule::SUFFIX_REQUIRED:
      return "write a name behind a dot, as in `%evt.rawarg.flags`";
    case ArgumentRule::INDEX_OR_SUFFIX_REQUIRED:
      return "write a number in brackets or a name behind a dot, as in `%evt.arg[0]` or "
             "`%evt.arg.flags`";
    default:
      return "write it in brackets behind the name";
  }
}

struct Reading {
  ast::Operand operand;
  size_t end = 0;  ///< offset behind it
};

/// Finds and keeps the operand behind each %.
class FormatLexer : public OutputFormatLexer {
 public:
  FormatLexer(const MappedText& text, const StaticFields* static_fields,
              antlr4::ANTLRInputStream& input)
      : OutputFormatLexer(&input), text_(text), static_fields_(static_fields), input_(input) {}

  /// Operands in the order of their tokens.
  std::vector<ast::Operand>& operands() { return operands_; }

 protected:
  size_t operand_end(size_t begin) override;

 private:
  std::optional<Reading> as_known(const LocatedOperand& read, size_t begin) const;
  std::optional<Reading> known_name(size_t begin, size_t end) const;
  size_t static_name_length(std::string_view text) const;
  Reading plain_field(size_t begin, size_t end) const;
  Diagnostic refusal(size_t begin) const;
  std::optional<Reading> read_operand(size_t begin);
  std::string_view slice(size_t begin, size_t end) const {
    return std::string_view(text_.text()).substr(begin, end - begin);
  }
  Span span(size_t begin, size_t end) const {
    return text_.span(static_cast<uint32_t>(begin), static_cast<uint32_t>(end));
  }
  size_t name_end(size_t begin) const;

  const MappedText& text_;
  const StaticFields* static_fields_;
  antlr4::ANTLRInputStream& input_;
  std::vector<ast::Operand> operands_;
};

/// End of letters, digits, underscores and dots: no name of a field reaches further.
size_t FormatLexer::name_end(size_t begin) const {
  const std::string& bytes = text_.text();
  size_t end = begin;
  while (end < bytes.size() && (is_name_byte(bytes[end]) || bytes[end] == '.')) ++end;
  return end;
}

/// Of the longest static field whose name `text` begins with; 0: none.
size_t FormatLexer::static_name_length(std::string_view text) const {
  size_t longest = 0;
  if (static_fields_ == nullptr || !text.starts_with(kStaticPrefix)) return longest;
  for (const auto& [name, value] : *static_fields_) {
    if (text.starts_with(name)) longest = std::max(longest, name.size());
  }
  return longest;
}

Reading FormatLexer::plain_field(size_t begin, size_t end) const {
  Reading reading{.operand = {}, .end = end};
  reading.operand.kind = ast::Operand::Kind::FIELD;
  reading.operand.name = slice(begin, end);
  reading.operand.span = span(begin, end);
  return reading;
}

/// The longest prefix of text[begin, end) that names a field with all the argument it needs.
std::optional<Reading> FormatLexer::known_name(size_t begin, size_t end) const {
  const size_t own = static_name_length(slice(begin, end));
  if (own > 0) return plain_field(begin, begin + own);
  // A shorter name may be complete where a longer one lacks its argument.
  for (std::string_view candidate = slice(begin, end); !candidate.empty();) {
    const auto name = resolve_field_name(candidate);
    if (!name) return std::nullopt;
    const size_t size = candidate.size() - name->rest.size();
    const size_t argument = dotted_argument_length(*name->field, name->rest);
    if (argument > 0 || accepts_no_argument(*name->field)) {
      return plain_field(begin, begin + size + argument);
    }
    candidate = candidate.substr(0, size - 1);
  }
  return std::nullopt;
}

/// What was parsed, without brackets that it does not take; of a plain field the known part.
std::optional<Reading> FormatLexer::as_known(const LocatedOperand& read, size_t begin) const {
  const ast::Operand& operand = read.operand;
  if (operand.kind == ast::Operand::Kind::TRANSFORMER) {
    const bool selects = operand.transformer == Transformer::GETOPT && operand.argument &&
                         operand.argument->size() == 1;
    if (selects || !operand.argument) return Reading{.operand = operand, .end = read.end};
    Reading call{.operand = operand, .end = read.bracket};
    call.operand.argument.reset();
    call.operand.span = span(begin, read.bracket);
    return call;
  }
  if (operand.argument) {
    const FieldInfo* field = find_field(operand.name);
    if (field != nullptr && accepts_bracket_argument(*field, *operand.argument)) {
      return Reading{.operand = operand, .end = read.end};
    }
  }
  return known_name(begin, name_end(begin));
}

Diagnostic FormatLexer::refusal(size_t begin) const {
  const size_t end = name_end(begin);
  const std::string_view name = slice(begin, end);
  if (name.empty()) {
    return Diagnostic::at(Code::OUTPUT_TOKEN_INVALID, span(begin - 1, begin + 1),
                          "`%` must be followed by a field or a transformer",
                          "an output cannot show a percent sign as text");
  }
  const size_t candidate_end = name.ends_with('.') ? end - 1 : end;
  if (const FieldInfo* field = find_field(slice(begin, candidate_end))) {
    return Diagnostic::at(Code::OUTPUT_TOKEN_INVALID, span(begin, candidate_end),
                          fmt::format("`{}` needs an argument", field->name),
                          std::string(argument_form(*field)));
  }
  if (const auto known = resolve_field_name(slice(begin, candidate_end))) {
    return Diagnostic::at(
        Code::OUTPUT_TOKEN_INVALID, span(begin, candidate_end),
        fmt::format("`{}` is no argument of `{}`", known->rest, known->field->name),
        std::string(argument_form(*known->field)));
  }
  std::vector<std::string_view> names;
  for (const FieldInfo& field : fields()) names.push_back(field.name);
  if (static_fields_ != nullptr) {
    for (const auto& [own, value] : *static_fields_) names.push_back(own);
  }
  const std::string_view closest = closest_name(slice(begin, candidate_end), names);
  return Diagnostic::at(
      Code::OUTPUT_TOKEN_INVALID, span(begin, candidate_end),
      fmt::format("`%` must be followed by a field or a transformer, and `{}` is neither",
                  slice(begin, candidate_end)),
      closest.empty() ? std::string() : fmt::format("did you mean `%{}`?", closest));
}

std::optional<Reading> FormatLexer::read_operand(size_t begin) {
  const size_t stop = name_end(begin);
  const char next = stop < text_.text().size() ? text_.text()[stop] : '\0';
  // Without brackets and parentheses the catalog alone decides; most tokens are such.
  if (next != '[' && next != '(') return known_name(begin, stop);

  auto read = SyntaxReader(text_, input_, begin, nullptr).left_side();
  if (read) return as_known(*read, begin);
  // Brackets that do not parse are text behind the field; in a call they are errors.
  auto reading = known_name(begin, stop);
  if (!reading && next == '(' && stop > begin) {
    read.error().code = Code::OUTPUT_TOKEN_INVALID;
    throw OutputError{std::move(read.error())};
  }
  return reading;
}

size_t FormatLexer::operand_end(size_t begin) {
  auto reading = read_operand(begin);
  if (!reading) throw OutputError{refusal(begin)};
  operands_.push_back(std::move(reading->operand));
  return reading->end;
}

uint32_t parse_width(const MappedText& text, const antlr4::Token& token) {
  const size_t begin = token.getStartIndex();
  const size_t end = token.getStopIndex() + 1;
  uint32_t width = 0;
  const auto [rest, error] =
      std::from_chars(text.text().data() + begin, text.text().data() + end, width);
  if (error != std::errc() || width > kMaxWidth) {
    throw OutputError{
        Diagnostic::at(Code::OUTPUT_WIDTH_TOO_LARGE,
                       text.span(static_cast<uint32_t>(begin), static_cast<uint32_t>(end)),
                       fmt::format("an output field can be at most {} bytes wide", kMaxWidth))};
  }
  return width;
}

std::vector<OutputToken> build(const MappedText& text, OutputFormatParser::FormatContext& tree,
                               std::vector<ast::Operand>& operands) {
  std::vector<OutputToken> result;
  size_t next_operand = 0;
  for (antlr4::tree::ParseTree* child : tree.children) {
    auto* piece = dynamic_cast<antlr4::ParserRuleContext*>(child);
    if (piece == nullptr) continue;  // the end of the text
    const auto begin = static_cast<uint32_t>(piece->start->getStartIndex());
    const auto end = static_cast<uint32_t>(piece->stop->getStopIndex() + 1);
    OutputToken token;
    token.span = text.span(begin, end);
    auto* field = dynamic_cast<OutputFormatParser::TokenContext*>(piece);
    token.is_text = field == nullptr;
    const auto text_begin = static_cast<uint32_t>(piece->stop->getStartIndex());
    token.text = text.text().substr(text_begin, end - text_begin);
    if (field != nullptr) {
      token.operand = std::move(operands[next_operand++]);
      if (field->WIDTH() != nullptr) token.width = parse_width(text, *field->WIDTH()->getSymbol());
    }
    result.push_back(std::move(token));
  }
  return result;
}

}  // namespace

std::expected<std::vector<OutputToken>, Diagnostic> parse_output(
    const MappedText& text, const StaticFields* static_fields) {
  if (text.empty()) {
    return std::unexpected(Diagnostic::at(Code::OUTPUT_EMPTY, text.whole(), "the output is empty"));
  }
  grammar::ByteStream input(text.text());
  FormatLexer lexer(text, static_fields, input);
  antlr4::CommonTokenStream tokens(&lexer);
  OutputFormatParser parser(&tokens);
  lexer.removeErrorListeners();
  parser.removeErrorListeners();
  parser.setErrorHandler(std::make_shared<FirstErrorStrategy>());
  try {
    return build(text, *parser.format(), lexer.operands());
  } catch (const OutputError& error) {
    return std::unexpected(error.diagnostic);
  } catch (const SyntaxError&) {
    // The only thing the grammar itself refuses: the text ends behind `%` or its width.
    const auto end = static_cast<uint32_t>(text.text().size());
    const auto percent = static_cast<uint32_t>(text.text().rfind('%'));
    return std::unexpected(Diagnostic::at(Code::OUTPUT_TOKEN_INVALID, text.span(percent, end),
                                          "the output ends where a field must follow `%`",
                                          "an output cannot show a percent sign as text"));
  }
}

}  // namespace falcoc::ir

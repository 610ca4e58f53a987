// Entry points for conditions and for operands alone.

#include <fmt/format.h>

#include <algorithm>

#include "compiler/ir/parse.h"
#include "compiler/ir/syntax_reader.h"

namespace falcoc::ir {

namespace {

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\b' || byte == '\r' || byte == '\n';
}

/// What is refused before any parsing. Falco takes a NUL for the end of the text; what is behind it
/// would silently not count.
std::optional<Diagnostic> refuse(const MappedText& text, std::string_view what) {
  const std::string& bytes = text.text();
  if (std::ranges::all_of(bytes, is_blank)) {
    return Diagnostic::at(Code::CONDITION_EMPTY, text.whole(),
                          fmt::format("the {} is empty", what));
  }
  if (const size_t nul = bytes.find('\0'); nul != std::string::npos) {
    const auto at = static_cast<uint32_t>(nul);
    return Diagnostic::at(Code::NUL_BYTE, text.span(at, at + 1),
                          fmt::format("the {} contains a NUL byte", what),
                          "write `\\x00` inside quotes where a byte buffer is compared");
  }
  return std::nullopt;
}

}  // namespace

std::expected<ast::Expr, Diagnostic> parse_condition(const MappedText& text,
                                                     Diagnostics* warnings) {
  if (auto refused = refuse(text, "condition")) return std::unexpected(std::move(*refused));
  grammar::ByteStream input(text.text());
  return SyntaxReader(text, input, 0, warnings).condition();
}

std::expected<ast::Operand, Diagnostic> parse_operand(const MappedText& text) {
  if (auto refused = refuse(text, "field")) return std::unexpected(std::move(*refused));
  grammar::ByteStream input(text.text());
  return SyntaxReader(text, input, 0, nullptr).left_side_only();
}

}  // namespace falcoc::ir

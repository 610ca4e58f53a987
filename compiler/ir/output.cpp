// Tokens of an output format, typed.
#include "compiler/ir/output.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/ir/parse.h"

namespace falcoc::ir {
namespace {

/// Once printed a summary of the container; Falco takes it out of every output.
constexpr std::string_view kContainerInfo = "%container.info";

/// Every plain field of the operand, those inside transformers included.
template <typename Visit>
void for_each_field(const ast::Operand& operand, const Visit& visit) {
  if (operand.kind == ast::Operand::Kind::FIELD) visit(operand);
  for (const ast::Operand& argument : operand.arguments) for_each_field(argument, visit);
}

/// Reports as Falco does: everything wrong in an output is an error of the output.
Diagnostic as_output_error(Diagnostic diagnostic) {
  const bool unknown =
      diagnostic.code == Code::FIELD_UNKNOWN || diagnostic.code == Code::EVENT_TYPE_UNKNOWN;
  diagnostic.code = unknown ? Code::OUTPUT_FIELD_UNKNOWN : Code::OUTPUT_OPERAND;
  return diagnostic;
}

void warn_of_deprecated(const ast::Operand& field, Diagnostics& warnings) {
  const FieldInfo* info = field_prefix(field.name);
  if (!info || !has(info->flags, FieldFlag::DEPRECATED) || info->field_class != "evt") return;
  warnings.add(Diagnostic::at(Code::OUTPUT_DEPRECATED, field.span,
                              fmt::format("field `{}` is deprecated", info->name)));
}

}  // namespace

MappedText output_text(const MappedText& output, Diagnostics& warnings) {
  const std::string& text = output.text();
  MappedText result;
  size_t kept = 0;
  const auto keep_until = [&](size_t end) {
    if (end == kept) return;
    result.append(std::string_view(text).substr(kept, end - kept),
                  output.span(static_cast<uint32_t>(kept), static_cast<uint32_t>(end)));
  };
  for (size_t at = text.find(kContainerInfo); at != std::string::npos;
       at = text.find(kContainerInfo, kept)) {
    keep_until(at);
    kept = at + kContainerInfo.size();
    warnings.add(
        Diagnostic::at(Code::OUTPUT_DEPRECATED,
                       output.span(static_cast<uint32_t>(at), static_cast<uint32_t>(kept)),
                       "`%container.info` is no longer a field and is removed from the output",
                       "name the container fields that you want, or leave it out"));
  }
  if (kept == 0) return output;
  keep_until(text.size());
  return result;
}

std::expected<OutputFormat, Diagnostic> lower_output(const MappedText& text, Lowering& lowering,
                                                     Diagnostics& warnings) {
  auto tokens = parse_output(text, lowering.static_fields());
  if (!tokens) return std::unexpected(std::move(tokens.error()));
  OutputFormat format;
  for (OutputToken& token : *tokens) {
    OutputPiece piece{.is_text = token.is_text, .text = token.text, .width = token.width};
    if (!token.is_text) {
      auto operand = lowering.operand(token.operand, FieldPlace::OUTPUT);
      if (!operand) return std::unexpected(as_output_error(std::move(operand.error())));
      piece.operand = *operand;
      for_each_field(token.operand, [&](const ast::Operand& field) {
        warn_of_deprecated(field, warnings);
        // A lone field keeps the spelling of its argument, quotes included.
        std::string key = &field == &token.operand ? token.text : field_text(field);
        if (std::ranges::find(format.fields, key, &OutputField::key) != format.fields.end()) return;
        if (auto plain = lowering.operand(field, FieldPlace::OUTPUT)) {
          format.fields.push_back({std::move(key), *plain});
        }
      });
    }
    format.pieces.push_back(std::move(piece));
  }
  return format;
}

}  // namespace falcoc::ir

// Each text is compiled once, however many rules it is added to.
#include "compiler/ir/output_additions.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/ir/output.h"

namespace falcoc::ir {
namespace {

/// An addition with its texts compiled.
struct Compiled {
  std::string text;  ///< what is put behind Rule::output_text
  OutputFormat output;
};

bool matches(const OutputAddition& addition, const Rule& rule) {
  return (addition.rule.empty() || addition.rule == rule.name) &&
         (addition.source.empty() || addition.source == rule.source) &&
         std::ranges::all_of(addition.tags, [&](const std::string& tag) {
           return std::ranges::find(rule.tags, tag) != rule.tags.end();
         });
}

/// ` container_id=%container.id …`: what the tables of fields propose for every output, and the
/// fields of the configuration.
std::string suggested_output(const StaticFields& static_fields) {
  std::string text;
  const auto add = [&text](std::string_view field) {
    std::string key(field);
    std::ranges::replace(key, '.', '_');
    text += fmt::format(" {}=%{}", key, field);
  };
  for (const FieldInfo& field : fields()) {
    if (has(field.flags, FieldFlag::SUGGESTED_OUTPUT)) add(field.name);
  }
  for (const auto& [name, value] : static_fields) add(name);
  return text;
}

template <typename Items>
void remove_key(Items& items, const std::string& key) {
  std::erase_if(items, [&](const auto& item) { return item.key == key; });
}

/// Keys that the output has already keep their place.
void add_field(OutputFormat& output, const OutputField& field) {
  remove_key(output.texts, field.key);
  const auto same = std::ranges::find(output.fields, field.key, &OutputField::key);
  if (same == output.fields.end()) {
    output.fields.push_back(field);
  } else {
    same->operand = field.operand;
  }
}

void add_text(OutputFormat& output, const OutputText& text) {
  remove_key(output.fields, text.key);
  remove_key(output.texts, text.key);
  output.texts.push_back(text);
}

class Additions {
 public:
  Additions(ProgramBuilder& builder, const StaticFields& static_fields, SourceMap& sources,
            Diagnostics& diagnostics)
      : static_fields_(static_fields),
        sources_(sources),
        diagnostics_(diagnostics),
        lowering_(builder, diagnostics, {.static_fields = &static_fields}) {}

  Compiled compile(const OutputAddition& addition);

 private:
  MappedText source(const std::string& name, const std::string& text) const;
  std::optional<OutputFormat> lower(const MappedText& text);
  void extra_output(const std::string& name, const std::string& text, Compiled& out);
  void extra_field(const std::string& name, const OutputAddition::Field& field, Compiled& out);

  const StaticFields& static_fields_;
  SourceMap& sources_;
  Diagnostics& diagnostics_;
  Lowering lowering_;
};

/// A text of the configuration as a file of its own, so that findings can underline it.
MappedText Additions::source(const std::string& name, const std::string& text) const {
  const FileId file = sources_.add(name, text);
  return {text, Span{.file = file, .begin = 0, .end = static_cast<uint32_t>(text.size())}};
}

std::optional<OutputFormat> Additions::lower(const MappedText& text) {
  auto output = lower_output(text, lowering_, diagnostics_);
  if (output) return std::move(*output);
  diagnostics_.add(std::move(output.error()));
  return std::nullopt;
}

void Additions::extra_output(const std::string& name, const std::string& text, Compiled& out) {
  const MappedText kept = output_text(source(name, text), diagnostics_);
  if (kept.empty()) return;
  auto output = lower(kept);
  if (!output) return;
  out.text += " " + kept.text();
  out.output.pieces.push_back({.is_text = true, .text = " "});
  std::ranges::move(output->pieces, std::back_inserter(out.output.pieces));
  for (const OutputField& field : output->fields) add_field(out.output, field);
}

void Additions::extra_field(const std::string& name, const OutputAddition::Field& field,
                            Compiled& out) {
  const std::string place = fmt::format("{}.extra_fields.{}", name, field.key);
  if (field.format) {
    // A leading star says what we do anyway: absent fields print <NA>.
    std::string format = *field.format;
    if (format.starts_with('*')) format.erase(0, 1);
    if (auto output = lower(source(place, format))) {
      add_text(out.output, {field.key, std::move(output->pieces)});
    }
    return;
  }
  const MappedText key = source(place, field.key);
  MappedText text;
  text.append("%", key.span(0, 0));
  text.append(key);
  auto output = lower(text);
  if (!output) return;
  if (output->pieces.size() != 1 || output->pieces.front().width != 0) {
    diagnostics_.add(Diagnostic::at(
        Code::OUTPUT_TOKEN_INVALID, key.whole(), fmt::format("`{}` is not one field", field.key),
        "name a field, or give the text a key: `{key: \"text with %fields\"}`"));
    return;
  }
  add_field(out.output, {field.key, output->pieces.front().operand});
}

Compiled Additions::compile(const OutputAddition& addition) {
  Compiled out;
  if (!addition.extra_output.empty()) {
    extra_output(addition.name + ".extra_output", addition.extra_output, out);
  }
  if (addition.suggested_output) {
    const std::string text = suggested_output(static_fields_).substr(1);
    extra_output(addition.name + ".suggested_output", text, out);
  }
  for (const OutputAddition::Field& field : addition.extra_fields) {
    extra_field(addition.name, field, out);
  }
  return out;
}

void apply(const Compiled& addition, Rule& rule) {
  rule.output_text += addition.text;
  std::ranges::copy(addition.output.pieces, std::back_inserter(rule.output.pieces));
  for (const OutputField& field : addition.output.fields) add_field(rule.output, field);
  for (const OutputText& text : addition.output.texts) add_text(rule.output, text);
}

/// Falco says nothing when a name is misspelt, and the addition is silently missing.
void warn_of_missing_rule(const OutputAddition& addition, const Program& program,
                          Diagnostics& diagnostics) {
  if (addition.rule.empty()) return;
  if (std::ranges::find(program.rules, addition.rule, &Rule::name) != program.rules.end()) return;
  std::vector<std::string_view> names;
  for (const Rule& rule : program.rules) names.push_back(rule.name);
  const std::string_view close = closest_name(addition.rule, names);
  diagnostics.add(Diagnostic::global(
      Code::ADDITION_UNUSED,
      fmt::format("{} is for the rule `{}`, which is not loaded", addition.name, addition.rule),
      close.empty() ? std::string() : fmt::format("did you mean `{}`?", close)));
}

}  // namespace

Program add_to_outputs(Program program, std::span<const OutputAddition> additions,
                       const StaticFields& static_fields, SourceMap& sources,
                       Diagnostics& diagnostics) {
  if (additions.empty()) return program;
  for (const OutputAddition& addition : additions) {
    warn_of_missing_rule(addition, program, diagnostics);
  }
  std::vector<Rule> rules = std::move(program.rules);
  program.rules.clear();
  ProgramBuilder builder(std::move(program));
  Additions compiler(builder, static_fields, sources, diagnostics);
  for (const OutputAddition& addition : additions) {
    const Compiled compiled = compiler.compile(addition);
    for (Rule& rule : rules) {
      if (matches(addition, rule)) apply(compiled, rule);
    }
  }
  for (Rule& rule : rules) builder.rule(std::move(rule));
  return std::move(builder).finish();
}

}  // namespace falcoc::ir

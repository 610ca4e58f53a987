#include "compiler/lint/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/catalog/catalog.h"
#include "compiler/ir/text_match.h"
#include "compiler/rules/map_reader.h"

namespace falcoc::lint {

namespace {

constexpr std::array<std::string_view, 6> kKeys = {
    "disable", "rule_name", "required_tags", "priorities", "required_output", "forbidden_fields"};

Diagnostic wrong(Span span, std::string message, std::string hint) {
  return Diagnostic::at(Code::LINT_CONFIG, span, std::move(message), std::move(hint));
}

/// Reads one key after the other; keeps the first error.
class Reader {
 public:
  explicit Reader(const rules::YamlNode& map) : map_(map) {}

  std::expected<Policy, Diagnostic> read() {
    for (const auto& [key, value] : map_.entries) {
      if (error_) break;
      read_key(*key, *value);
    }
    if (error_) return std::unexpected(std::move(*error_));
    return std::move(policy_);
  }

 private:
  void fail(Span span, std::string message, std::string hint) {
    if (!error_) error_ = wrong(span, std::move(message), std::move(hint));
  }

  void read_key(const rules::YamlNode& key, const rules::YamlNode& value) {
    const std::string& name = key.text.text();
    if (name == "disable") {
      for (const rules::Text& text : texts(value)) disable(text);
    } else if (name == "rule_name") {
      if (!value.is_scalar())
        return fail(value.span, "`rule_name` is a regular expression", "write one text");
      policy_.rule_name = pattern({value.text, value.span});
    } else if (name == "required_tags") {
      for (const rules::Text& text : texts(value)) policy_.required_tags.push_back(pattern(text));
    } else if (name == "priorities") {
      for (const rules::Text& text : texts(value)) priority(text);
    } else if (name == "required_output") {
      for (const rules::Text& text : texts(value)) policy_.required_outputs.push_back(field(text));
    } else if (name == "forbidden_fields") {
      for (const rules::Text& text : texts(value)) policy_.forbidden_fields.push_back(field(text));
    } else {
      const std::string_view closest = closest_name(name, kKeys);
      fail(key.span, fmt::format("no setting of lints is called `{}`", name),
           closest.empty() ? fmt::format("there are {}", fmt::join(kKeys, ", "))
                           : fmt::format("did you mean `{}`?", closest));
    }
  }

  std::vector<rules::Text> texts(const rules::YamlNode& value) {
    std::vector<rules::Text> result;
    if (value.kind == rules::YamlNode::Kind::EMPTY) return result;
    if (value.kind != rules::YamlNode::Kind::SEQUENCE) {
      fail(value.span, "a sequence of texts belongs here", "write [A, B]");
      return result;
    }
    for (const rules::YamlNode* item : value.items) {
      if (!item->is_scalar()) {
        fail(item->span, "a text belongs here", "write [A, B]");
        return {};
      }
      result.push_back(rules::text_of(*item));
    }
    return result;
  }

  void disable(const rules::Text& text) {
    if (const auto code = find_code(text.str())) {
      policy_.disabled.insert(*code);
    } else {
      fail(text.span, fmt::format("no lint has the code `{}`", text.str()),
           "`falcoc list lints` shows them");
    }
  }

  std::string pattern(const rules::Text& text) {
    if (const auto compiled = ir::compile_regex(text.str()); !compiled) {
      fail(text.span, fmt::format("not a regular expression: {}", compiled.error()),
           "POSIX syntax, the whole text has to match");
    }
    return text.str();
  }

  void priority(const rules::Text& text) {
    if (const auto parsed = parse_priority(text.str())) {
      policy_.priorities.push_back(*parsed);
    } else {
      fail(text.span, fmt::format("no priority is called `{}`", text.str()), "EMERGENCY to DEBUG");
    }
  }

  std::string field(const rules::Text& text) {
    const std::string name = text.str().substr(0, text.str().find('['));
    if (find_field(name) == nullptr) {
      fail(text.span, fmt::format("no field is called `{}`", text.str()),
           "`falcoc list fields` shows them");
    }
    return text.str();
  }

  const rules::YamlNode& map_;
  Policy policy_;
  std::optional<Diagnostic> error_;
};

}  // namespace

std::expected<Policy, Diagnostic> read_policy(FileId file, const SourceMap& sources) {
  auto stream = rules::read_yaml(file, sources.file(file));
  if (!stream) return std::unexpected(std::move(stream.error()));
  if (stream->documents.empty() || stream->documents[0]->kind == rules::YamlNode::Kind::EMPTY)
    return Policy{};
  const rules::YamlNode& map = *stream->documents[0];
  if (map.kind != rules::YamlNode::Kind::MAP) {
    return std::unexpected(wrong(map.span, "settings of lints are a map",
                                 fmt::format("keys are {}", fmt::join(kKeys, ", "))));
  }
  return Reader(map).read();
}

}  // namespace falcoc::lint

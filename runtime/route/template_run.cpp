// Tree and data to text: scopes of variables, the dot, and Go's functions.
#include <fmt/format.h>

#include <array>

#include "runtime/route/template.h"
#include "runtime/route/template_functions.h"
#include "runtime/route/template_tree.h"

namespace falcod::route {

namespace {

using nlohmann::json;

/// Nested ranges over what an alert holds; a template that needs more is a mistake.
constexpr size_t kMaxSteps = 100'000;

class Run {
 public:
  explicit Run(const json& data) : variables_{{"", data}} {}

  void nodes(const std::vector<TemplateNode>& list, const json& dot) {
    const size_t scope = variables_.size();
    for (const TemplateNode& node : list) {
      if (++steps_ > kMaxSteps || out_.size() > Template::kMaxText) break;
      one(node, dot);
    }
    // an action's own variables last to the end of its block
    variables_.resize(scope);
  }

  std::string take() && {
    if (out_.size() > Template::kMaxText) out_.resize(Template::kMaxText);
    return std::move(out_);
  }

 private:
  void one(const TemplateNode& node, const json& dot) {
    using Kind = TemplateNode::Kind;
    if (node.kind == Kind::TEXT) {
      out_ += node.text;
      return;
    }
    if (node.kind == Kind::ACTION) {
      const json value = pipeline(node.pipeline, dot, true);
      if (node.pipeline.variables.empty()) out_ += template_text(value);
      return;
    }
    const size_t scope = variables_.size();
    const bool is_range = node.kind == Kind::RANGE;
    const json value = pipeline(node.pipeline, dot, !is_range);
    if (is_range) {
      range(node, value, dot);
    } else if (template_truth(value)) {
      nodes(node.body, node.kind == Kind::WITH ? value : dot);
    } else {
      nodes(node.otherwise, dot);
    }
    variables_.resize(scope);
  }

  void range(const TemplateNode& node, const json& value, const json& dot) {
    if ((!value.is_array() && !value.is_object()) || value.empty())
      return nodes(node.otherwise, dot);
    const std::vector<std::string>& names = node.pipeline.variables;
    const auto round = [&](json key, const json& item) {
      const size_t scope = variables_.size();
      if (names.size() == 2) variables_.emplace_back(names[0], std::move(key));
      if (!names.empty()) variables_.emplace_back(names.back(), item);
      nodes(node.body, item);
      variables_.resize(scope);
    };
    if (value.is_array()) {
      for (size_t i = 0; i < value.size(); ++i) round(i, value[i]);
    } else {
      for (const auto& [key, item] : value.items()) round(key, item);
    }
  }

  json pipeline(const TemplatePipeline& pipeline, const json& dot, bool keeps) {
    std::optional<json> value;
    for (const TemplateCommand& command : pipeline.commands) {
      value = this->command(command, dot, std::move(value));
    }
    if (keeps && !pipeline.variables.empty()) keep(pipeline, *value);
    return std::move(*value);
  }

  void keep(const TemplatePipeline& pipeline, const json& value) {
    const std::string& name = pipeline.variables.front();
    if (pipeline.assigns) {
      if (json* known = variable(name)) *known = value;
      return;
    }
    variables_.emplace_back(name, value);
  }

  json* variable(const std::string& name) {
    for (size_t i = variables_.size(); i > 0; --i) {
      if (variables_[i - 1].first == name) return &variables_[i - 1].second;
    }
    return nullptr;
  }

  /// `last`: what the command before it in the pipeline gave.
  json command(const TemplateCommand& command, const json& dot, std::optional<json> last) {
    const TemplateOperand& first = command.words.front();
    if (first.kind != TemplateOperand::Kind::FUNCTION) return operand(first, dot);
    std::vector<json> arguments;
    for (size_t i = 1; i < command.words.size(); ++i)
      arguments.push_back(operand(command.words[i], dot));
    if (last) arguments.push_back(std::move(*last));
    return call_template_function(first.name, arguments);
  }

  json operand(const TemplateOperand& operand, const json& dot) {
    using Kind = TemplateOperand::Kind;
    json value;
    switch (operand.kind) {
      case Kind::LITERAL:
        return operand.literal;
      case Kind::FUNCTION:
        return call_template_function(operand.name, {});
      case Kind::DOT:
        value = dot;
        break;
      case Kind::VARIABLE:
        if (const json* known = variable(operand.name)) value = *known;
        break;
      case Kind::PIPELINE:
        value = pipeline(*operand.pipeline, dot, false);
        break;
    }
    for (const std::string& name : operand.path) {
      const auto found = value.is_object() ? value.find(name) : value.end();
      if (!value.is_object() || found == value.end()) return nullptr;
      value = json(*found);
    }
    return value;
  }

  std::vector<std::pair<std::string, json>> variables_;  ///< innermost last; "" is the data
  std::string out_;
  size_t steps_ = 0;
};

}  // namespace

std::string Template::render(const json& data) const {
  if (nodes_ == nullptr) return {};
  Run run(data);
  run.nodes(*nodes_, data);
  return std::move(run).take();
}

}  // namespace falcod::route

// See describe.h.
#include "compiler/describe/describe.h"

#include <map>
#include <optional>
#include <set>
#include <string>

#include "compiler/describe/names.h"
#include "compiler/ir/compile.h"
#include "compiler/ir/print.h"

namespace falcoc::describe {

namespace {

using nlohmann::json;

/// What a condition is made of once macros and lists are expanded.
struct Parts {
  std::set<std::string> operators;
  std::set<std::string> fields;
};

class PartCollector {
 public:
  explicit PartCollector(const ir::Program& program) : program_(program) {}

  Parts of(ir::NodeId root) {
    seen_.clear();
    parts_ = {};
    node(root);
    return parts_;
  }

 private:
  void node(ir::NodeId id) {
    if (!seen_.insert(id).second) return;
    const ir::Node& node = program_.node(id);
    for (const ir::NodeId child : node.children) this->node(child);
    if (node.kind == ir::Node::Kind::NOT) parts_.operators.insert("not");
    if (node.kind != ir::Node::Kind::ATOM) return;
    parts_.operators.emplace(ir::spelling(node.op));
    operand(node.left);
    if (node.right_side == ir::Node::RightSide::OPERAND) operand(node.right);
  }

  void operand(ir::OperandId id) {
    const ir::Operand& operand = program_.operand(id);
    if (operand.kind == ir::Operand::Kind::FIELD) {
      parts_.fields.insert(ir::print_field(program_.field(operand.field)));
    }
    for (const ir::OperandId argument : operand.arguments) this->operand(argument);
  }

  const ir::Program& program_;
  std::set<ir::NodeId> seen_;
  Parts parts_;
};

std::set<std::string> event_names(const EventSet& kinds) {
  std::set<std::string> names;
  for (size_t kind = 0; kind < kEventKinds; ++kind) {
    if (!kinds.test(kind)) continue;
    if (const std::string_view name = event_kind_name(static_cast<EventKind>(kind));
        !name.empty()) {
      names.emplace(name);
    }
  }
  return names;
}

/// Of rules and macros alike.
void add_condition(json& details, const ir::Program& program, ir::NodeId condition) {
  const Parts parts = PartCollector(program).of(condition);
  details["condition_operators"] = parts.operators;
  details["condition_fields"] = parts.fields;
  details["events"] = event_names(program.node_info(condition).may_be_true);
  details["condition_compiled"] = ir::print_condition(program, condition);
  details["plugins"] = json::array();
}

void add_names(json& details, const Names& names) {
  details["macros"] = names.macros;
  details["lists"] = names.lists;
}

json rule_info(const ir::Rule& rule) {
  return {{"name", rule.name},
          {"condition", rule.condition_text},
          {"priority", priority_name(rule.priority)},
          {"output", rule.output_text},
          {"description", rule.description},
          {"enabled", rule.enabled},
          {"source", rule.source},
          {"capture", rule.capture},
          {"capture_duration", rule.capture_duration_ms},
          {"tags", rule.tags}};
}

std::string compiled_output(const ir::OutputFormat& output) {
  std::string text;
  for (const ir::OutputPiece& piece : output.pieces) {
    if (!piece.is_text) text += '%';
    if (!piece.is_text && piece.width != 0) text += std::to_string(piece.width);
    text += piece.text;
  }
  return text;
}

void add_exceptions(json& details, const rules::Rule& rule) {
  std::set<std::string> names;
  std::set<std::string> fields;
  std::set<std::string> operators;
  for (const rules::Exception& exception : rule.exceptions) {
    names.insert(exception.name.str());
    for (const rules::Text& field : exception.fields) fields.insert(field.str());
    for (const rules::Text& comparison : exception.comps) operators.insert(comparison.str());
  }
  details["exception_names"] = names;
  details["exception_fields"] = fields;
  details["exception_operators"] = operators;
}

/// The description of one program, with or without what it was compiled from.
class Describer {
 public:
  Describer(const ir::Program& program, const rules::RuleSet* set) : program_(program), set_(set) {
    if (set == nullptr) return;
    names_.emplace(*set);
    for (const rules::Rule& rule : set->rules) written_.emplace(rule.name.str(), &rule);
  }

  json rule(const ir::Rule& rule) const {
    json details;
    add_condition(details, program_, rule.condition);
    std::vector<std::string> fields;
    for (const ir::OutputField& field : rule.output.fields) fields.push_back(field.key);
    details["output_fields"] = fields;
    details["output_compiled"] = compiled_output(rule.output);
    std::vector<std::string> texts;
    for (const ir::OutputText& text : rule.output.texts) texts.push_back(text.key);
    details["extra_output_formatted_fields"] = texts;
    if (const auto written = written_.find(rule.name); written != written_.end()) {
      add_names(details, names_->in_condition(written->second->condition));
      add_exceptions(details, *written->second);
    }
    return {{"info", rule_info(rule)}, {"details", std::move(details)}};
  }

  json macros() const {
    const ir::Program compiled = macro_program();
    std::map<std::string_view, ir::NodeId> conditions;
    for (const ir::Rule& rule : compiled.rules) conditions.emplace(rule.name, rule.condition);
    json all = json::array();
    for (const rules::Macro& macro : set_->macros) {
      const std::string& name = macro.name.str();
      json details = {{"used", names_->used().macros.contains(name)}};
      add_names(details, names_->in_condition(macro.condition));
      if (const auto condition = conditions.find(name); condition != conditions.end()) {
        add_condition(details, compiled, condition->second);
      }
      all.push_back({{"info", {{"name", name}, {"condition", macro.condition.text()}}},
                     {"details", std::move(details)}});
    }
    return all;
  }

  json lists() const {
    json all = json::array();
    for (const rules::List& list : set_->lists) {
      const std::string& name = list.name.str();
      std::vector<std::string> items;
      for (const rules::Text& item : list.items) items.push_back(item.str());
      all.push_back({{"info", {{"name", name}, {"items", items}}},
                     {"details",
                      {{"used", names_->used().lists.contains(name)},
                       {"lists", names_->in_items(list.items)},
                       {"items_compiled", names_->expanded(list)},
                       {"plugins", json::array()}}}});
    }
    return all;
  }

 private:
  /// Every macro compiled as the condition of a rule of its name. Macros with errors are missing.
  ir::Program macro_program() const {
    rules::RuleSet as_rules;
    as_rules.lists = set_->lists;
    as_rules.macros = set_->macros;
    for (const rules::Macro& macro : set_->macros) {
      rules::Rule rule;
      rule.name = macro.name;
      rule.condition = macro.condition;
      rule.output = MappedText(macro.name.str(), macro.name.span);
      as_rules.rules.push_back(std::move(rule));
    }
    Diagnostics known;  // whatever is wrong was said when the rules were compiled
    return ir::compile(as_rules, {}, known);
  }

  const ir::Program& program_;
  const rules::RuleSet* set_;
  std::optional<NameTable> names_;
  std::map<std::string_view, const rules::Rule*> written_;
};

json head(const ir::Program& program, const rules::RuleSet* set) {
  json result = json::object();
  if (!program.required_engine_version.empty()) {
    result["required_engine_version"] = program.required_engine_version;
  }
  if (set == nullptr) return result;
  json plugins = json::array();
  for (const rules::PluginRequirement& requirement : set->required_plugins) {
    if (requirement.alternatives.empty()) continue;
    json entry = {{"name", requirement.alternatives.front().name},
                  {"version", requirement.alternatives.front().version},
                  {"alternatives", json::array()}};
    for (size_t i = 1; i < requirement.alternatives.size(); ++i) {
      entry["alternatives"].push_back({{"name", requirement.alternatives[i].name},
                                       {"version", requirement.alternatives[i].version}});
    }
    plugins.push_back(std::move(entry));
  }
  result["required_plugin_versions"] = std::move(plugins);
  return result;
}

}  // namespace

json ruleset(const ir::Program& program, const rules::RuleSet* set) {
  const Describer describer(program, set);
  json result = head(program, set);
  result["rules"] = json::array();
  for (const ir::Rule& rule : program.rules) result["rules"].push_back(describer.rule(rule));
  if (set != nullptr) {
    result["macros"] = describer.macros();
    result["lists"] = describer.lists();
  }
  return result;
}

json rule(const ir::Program& program, const rules::RuleSet* set, std::string_view name) {
  const Describer describer(program, set);
  json result = {{"rules", json::array()}};
  for (const ir::Rule& rule : program.rules) {
    if (rule.name == name) result["rules"].push_back(describer.rule(rule));
  }
  return result;
}

}  // namespace falcoc::describe

#include "tools/falcoc/testing/trial.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/ir/evaluate.h"
#include "compiler/ir/print.h"
#include "compiler/ir/text_match.h"
#include "compiler/ir/transform.h"

namespace falcoc::cli {

namespace {

constexpr std::string_view kAbsent = "<NA>";
constexpr size_t kReasonLimit = 6;

std::string quoted(const std::vector<uint32_t>& rules, const ir::Program& program) {
  std::string text;
  for (const uint32_t rule : rules) {
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", program.rules[rule].name);
  }
  return text.empty() ? "none" : text;
}

std::string padded(std::string text, uint32_t width) {
  if (width != 0) text.resize(width, ' ');
  return text;
}

bool is_named(const ir::Program& program, uint32_t rule, const std::vector<RuleName>& names) {
  return std::ranges::find(names, program.rules[rule].name, &RuleName::text) != names.end();
}

}  // namespace

Trial::Trial(const ir::Program& program, const TestCase& test)
    : program_(program),
      test_(test),
      facts_(std::make_unique<testing::BoundFacts>(test.facts, program)),
      holds_(program.nodes.size()) {
  const std::optional<EventKind> kind = test.facts.event_kind();
  ir::ValueArena arena;
  // Children precede parents.
  for (size_t i = 0; i < program.nodes.size(); ++i) {
    const ir::Node& node = program.nodes[i];
    const auto child = [this](ir::NodeId id) { return holds(id); };
    switch (node.kind) {
      case ir::Node::Kind::FALSE:
        break;
      case ir::Node::Kind::TRUE:
        holds_[i] = true;
        break;
      case ir::Node::Kind::AND:
        holds_[i] = std::ranges::all_of(node.children, child);
        break;
      case ir::Node::Kind::OR:
        holds_[i] = std::ranges::any_of(node.children, child);
        break;
      case ir::Node::Kind::NOT:
        holds_[i] = !holds(node.children.front());
        break;
      case ir::Node::Kind::ATOM:
        holds_[i] = ir::evaluate(program, static_cast<ir::NodeId>(i), facts_->source(), arena);
        break;
    }
  }
  for (uint32_t rule = 0; rule < program.rules.size(); ++rule) {
    const ir::Rule& it = program.rules[rule];
    if (it.enabled && kind && program.rule_events(it).test(*kind)) candidates_.push_back(rule);
  }
}

bool Trial::matches_if(uint32_t rule, ir::NodeId changed, bool value) const {
  // Only what stands above the change can be other than it is.
  const auto evaluate = [&](auto&& self, ir::NodeId id) -> bool {
    if (id == changed) return value;
    if (id < changed) return holds(id);
    const ir::Node& node = program_.node(id);
    const auto child = [&](ir::NodeId inner) { return self(self, inner); };
    switch (node.kind) {
      case ir::Node::Kind::AND:
        return std::ranges::all_of(node.children, child);
      case ir::Node::Kind::OR:
        return std::ranges::any_of(node.children, child);
      case ir::Node::Kind::NOT:
        return !child(node.children.front());
      default:
        return holds(id);
    }
  };
  return evaluate(evaluate, condition(rule));
}

std::string Trial::value_of(ir::OperandId id) const {
  const ir::Operand& operand = program_.operand(id);
  if (operand.kind == ir::Operand::Kind::FIELD) {
    const auto fact = testing::derive_fact(test_.facts, program_.field(operand.field));
    if (!fact) return std::string(kAbsent);
    return fmt::format("{}", fmt::join(fact->items, ","));
  }
  ir::ValueArena arena;
  Value value;
  if (!ir::evaluate_operand(program_, id, facts_->source(), arena, value)) {
    return std::string(kAbsent);
  }
  if (operand.type.shape != Shape::SCALAR) return "(list)";
  return std::string(ir::text_of(operand.type.param, value, arena));
}

std::string Trial::output(uint32_t rule) const {
  std::string text;
  for (const ir::OutputPiece& piece : program_.rules[rule].output.pieces) {
    text += piece.is_text ? piece.text : padded(value_of(piece.operand), piece.width);
  }
  return text;
}

std::vector<std::string> Trial::reasons(uint32_t rule) const {
  std::vector<std::string> lines;
  if (std::ranges::find(candidates_, rule) == candidates_.end()) {
    if (!program_.rules[rule].enabled) return {"the rule is disabled"};
    return {fmt::format("no event of type {} can match it", test_.facts.event_type())};
  }
  add_reasons(condition(rule), true, lines);
  if (lines.size() > kReasonLimit) {
    const size_t more = lines.size() - kReasonLimit;
    lines.resize(kReasonLimit);
    lines.push_back(fmt::format("and {} more", more));
  }
  return lines;
}

/// Checks under `node` to blame for its not being `wanted`.
void Trial::add_reasons(ir::NodeId id, bool wanted, std::vector<std::string>& lines) const {
  if (holds(id) == wanted) return;
  const ir::Node& node = program_.node(id);
  switch (node.kind) {
    case ir::Node::Kind::AND:
    case ir::Node::Kind::OR:
      for (const ir::NodeId child : node.children) add_reasons(child, wanted, lines);
      return;
    case ir::Node::Kind::NOT:
      add_reasons(node.children.front(), !wanted, lines);
      return;
    case ir::Node::Kind::ATOM:
      lines.push_back(fmt::format("{} is {}, {} = {}", ir::print_condition(program_, id), holds(id),
                                  ir::print_operand(program_, node.left), value_of(node.left)));
      return;
    default:
      lines.push_back(fmt::format("the condition is always {}", holds(id)));
  }
}

std::vector<uint32_t> matching_rules(const Trial& trial) {
  std::vector<uint32_t> matching;
  std::ranges::copy_if(trial.candidates(), std::back_inserter(matching),
                       [&](uint32_t rule) { return trial.matches(rule); });
  return matching;
}

std::vector<uint32_t> raised(const std::vector<uint32_t>& matching, bool all_rules) {
  if (all_rules || matching.size() < 2) return matching;
  return {matching.front()};
}

std::vector<std::string> judge(const ir::Program& program, const Trial& trial,
                               const std::vector<uint32_t>& matching, bool all_rules) {
  const Expectation& expectation = trial.test().expectation;
  const std::vector<uint32_t> alerts = raised(matching, all_rules);
  std::vector<std::string> problems;
  const auto matches_name = [&](const RuleName& name) {
    return std::ranges::any_of(
        matching, [&](uint32_t rule) { return program.rules[rule].name == name.text; });
  };
  for (const RuleName& name : expectation.rejects) {
    if (matches_name(name)) problems.push_back(fmt::format("`{}` matches", name.text));
  }
  if (!expectation.is_given) return problems;
  for (const RuleName& name : expectation.alerts) {
    const bool is_raised = std::ranges::any_of(
        alerts, [&](uint32_t rule) { return program.rules[rule].name == name.text; });
    if (is_raised) continue;
    problems.push_back(matches_name(name) ? fmt::format("`{}` matches, but {} is raised before it",
                                                        name.text, quoted(alerts, program))
                                          : fmt::format("no alert of `{}`", name.text));
  }
  for (const uint32_t rule : alerts) {
    if (!is_named(program, rule, expectation.alerts)) {
      problems.push_back(fmt::format("unexpected alert of `{}`", program.rules[rule].name));
    }
    const ir::Rule& it = program.rules[rule];
    if (expectation.priority && it.priority != *expectation.priority) {
      problems.push_back(fmt::format("`{}` has priority {}, not {}", it.name,
                                     priority_name(it.priority),
                                     priority_name(*expectation.priority)));
    }
    const std::string text = expectation.output ? trial.output(rule) : "";
    if (expectation.output && !ir::glob_match(*expectation.output, text, false)) {
      problems.push_back(fmt::format("the output of `{}` is not as expected: {}", it.name, text));
    }
  }
  return problems;
}

}  // namespace falcoc::cli

#include "tools/falcoc/explain_emit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "compiler/bundle/bundle.h"
#include "compiler/codegen/native/generator_process.h"
#include "compiler/ir/facts.h"
#include "compiler/ir/parse.h"
#include "compiler/ir/print.h"
#include "tools/falcoc/explain.h"
#include "tools/falcoc/report.h"

namespace falcoc::cli {

namespace {

constexpr std::array<std::string_view, 6> kNodeNames{"false", "true", "and", "or", "not", ""};
constexpr std::array<std::string_view, 5> kBindingNames{"constant", "host", "container", "process",
                                                        "event"};

std::string children_text(const ir::Node& node) {
  std::string text(kNodeNames[static_cast<size_t>(node.kind)]);
  for (const ir::NodeId child : node.children)
    text += fmt::format(" {}", static_cast<uint32_t>(child));
  return text;
}

/// Nodes that the rules reach.
std::vector<bool> reachable(const ir::Program& program) {
  std::vector<bool> reached(program.nodes.size());
  for (const ir::Rule& rule : program.rules) reached[static_cast<size_t>(rule.condition)] = true;
  for (size_t i = program.nodes.size(); i-- > 0;) {
    if (!reached[i]) continue;
    for (const ir::NodeId child : program.nodes[i].children) {
      reached[static_cast<size_t>(child)] = true;
    }
  }
  return reached;
}

std::string node_text(const ir::Program& program, size_t id) {
  const ir::Node& node = program.nodes[id];
  return node.kind == ir::Node::Kind::ATOM
             ? ir::print_condition(program, ir::NodeId{static_cast<uint32_t>(id)})
             : children_text(node);
}

std::string emit_ir(const ir::Program& program) {
  std::string text;
  const std::vector<bool> reached = reachable(program);
  for (size_t i = 0; i < program.nodes.size(); ++i) {
    if (!reached[i]) continue;
    const ir::NodeInfo& info = program.info[i];
    text += fmt::format("{:>5}  {:<9}  {:>3} kinds  cost {:>4.0f}  {}\n", i,
                        kBindingNames[static_cast<size_t>(info.binding)], info.may_be_true.count(),
                        info.cost, node_text(program, i));
  }
  for (const ir::Rule& rule : program.rules) {
    text += fmt::format("rule {} = {}\n", rule.name, static_cast<uint32_t>(rule.condition));
  }
  return text;
}

/// Quoted as Graphviz wants it.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string emit_dot(const ir::Program& program) {
  std::string text = "digraph rules {\n  node [shape=box]\n";
  const std::vector<bool> reached = reachable(program);
  for (size_t i = 0; i < program.nodes.size(); ++i) {
    if (!reached[i]) continue;
    const ir::Node& node = program.nodes[i];
    const bool is_check = node.kind == ir::Node::Kind::ATOM;
    text += fmt::format(
        "  n{} [label={}{}]\n", i,
        quoted(is_check ? node_text(program, i) : kNodeNames[static_cast<size_t>(node.kind)]),
        is_check ? "" : ", shape=ellipse");
    for (const ir::NodeId child : node.children) {
      text += fmt::format("  n{} -> n{}\n", i, static_cast<uint32_t>(child));
    }
  }
  for (size_t i = 0; i < program.rules.size(); ++i) {
    text += fmt::format("  r{} [label={}, style=bold]\n  r{} -> n{}\n", i,
                        quoted(program.rules[i].name), i,
                        static_cast<uint32_t>(program.rules[i].condition));
  }
  return text + "}\n";
}

void append_tree(const ast::Expr& tree, std::string_view source, size_t depth, std::string& out) {
  out.append(2 * depth, ' ');
  switch (tree.kind) {
    case ast::Expr::Kind::AND:
      out += "and\n";
      break;
    case ast::Expr::Kind::OR:
      out += "or\n";
      break;
    case ast::Expr::Kind::NOT:
      out += "not\n";
      break;
    case ast::Expr::Kind::IDENTIFIER:
      out += fmt::format("macro {}\n", tree.identifier);
      break;
    case ast::Expr::Kind::CHECK:
      out += fmt::format("check {}\n",
                         source.substr(tree.span.begin, tree.span.end - tree.span.begin));
      break;
  }
  for (const ast::Expr& child : tree.children) append_tree(child, source, depth + 1, out);
}

/// As written: macros and lists still have their names.
std::string emit_ast(const ir::Program& program) {
  std::string text;
  for (const ir::Rule& rule : program.rules) {
    const Span all{.begin = 0, .end = static_cast<uint32_t>(rule.condition_text.size())};
    const auto tree = ir::parse_condition(MappedText(rule.condition_text, all));
    text += fmt::format("{}\n", rule.name);
    if (tree) append_tree(*tree, rule.condition_text, 1, text);
  }
  return text;
}

std::string emit_facts(const ir::Program& program) {
  const ir::ProcessFacts facts = ir::process_facts(program);
  const ir::Program conditions = ir::fact_program(program, facts);
  std::string text;
  for (size_t i = 0; i < facts.facts.size(); ++i) {
    text += fmt::format("{:>4}  {}\n", facts.facts[i].bit,
                        ir::print_condition(conditions, conditions.rules[i].condition));
  }
  const std::vector<bool> reached = reachable(program);
  for (size_t i = 0; i < program.nodes.size(); ++i) {
    const ir::NoFact reason = facts.reasons[i];
    if (!reached[i] || program.nodes[i].kind != ir::Node::Kind::ATOM ||
        reason == ir::NoFact::NONE || reason == ir::NoFact::EVENT) {
      continue;
    }
    text += fmt::format("none  {}: {}\n", node_text(program, i), ir::no_fact_reason(reason));
  }
  return text;
}

std::string emit_filter(const ir::Program& program) {
  std::string text;
  for (const KindView& kind : view_kinds(program)) {
    text += fmt::format("{}\n", event_kind_name(kind.kind));
    for (const RuleView& view : kind.rules) {
      text += fmt::format("  {}: {}\n", program.rules[view.rule].name, view.guard);
    }
  }
  return text;
}

/// What fields nothing supplies: code for them is left out.
std::string absent_fields(const ir::Program& program) {
  std::string absent;
  for (const FieldRef& field : program.fields) {
    absent += field_info(field.id).supplied ? '0' : '1';
  }
  return absent;
}

ExitStatus emit_generated(const ir::Program& program, native::Product product) {
  const std::string generator = native::find_generator();
  if (generator.empty()) {
    fmt::print(stderr, "error: {} is not installed beside falcoc\n", native::kGeneratorName);
    return ExitStatus::FAILURE;
  }
  const auto text =
      native::run_generator(generator, product, absent_fields(program), bundle::write(program));
  if (!text) {
    fmt::print(stderr, "error: {}\n", text.error().message);
    return ExitStatus::FAILURE;
  }
  return write_all(*text, stdout) ? ExitStatus::CLEAN : ExitStatus::FAILURE;
}

using Emitter = std::string(const ir::Program&);
struct Form {
  std::string_view name;
  Emitter* emit;  ///< null: the generator makes it
  native::Product product = native::Product::LLVM;
};
constexpr std::array kForms{
    Form{"ast", emit_ast},
    Form{"ir", emit_ir},
    Form{"facts", emit_facts},
    Form{"filter", emit_filter},
    Form{"llvm", nullptr, native::Product::LLVM},
    Form{"asm", nullptr, native::Product::ASSEMBLY},
    Form{"bpf", nullptr, native::Product::BPF},
    Form{"dot", emit_dot},
};

}  // namespace

std::vector<std::string> emit_forms() {
  std::vector<std::string> names;
  for (const Form& form : kForms) names.emplace_back(form.name);
  return names;
}

ExitStatus emit(const ir::Program& program, const std::string& name) {
  const auto form = std::ranges::find(kForms, name, &Form::name);
  if (form == kForms.end()) return ExitStatus::FAILURE;
  if (form->emit == nullptr) return emit_generated(program, form->product);
  return write_all(form->emit(program), stdout) ? ExitStatus::CLEAN : ExitStatus::FAILURE;
}

}  // namespace falcoc::cli

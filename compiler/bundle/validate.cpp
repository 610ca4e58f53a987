// Structure of a program from outside: ids, order, depth, outputs. Types are in validate_types.cpp.
#include "compiler/bundle/validate.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/bundle/limits.h"

namespace falcoc::bundle {
namespace {

using Fault = std::optional<std::string>;
using ir::Node;

Fault prefixed(std::string_view what, size_t index, std::string fault) {
  return fmt::format("{} {}: {}", what, index, fault);
}

/// Ids of children or arguments, which must be smaller than the entry's own: no cycles.
template <typename Id>
Fault find_order_fault(const std::vector<Id>& ids, size_t own, uint32_t& depth,
                       const std::vector<uint32_t>& depths) {
  depth = 0;
  for (Id id : ids) {
    const auto child = static_cast<size_t>(id);
    if (child >= own) return fmt::format("refers to {}, which does not precede it", child);
    depth = std::max(depth, depths[child] + 1);
  }
  return std::nullopt;
}

Fault find_arity_fault(const Node& node) {
  const size_t children = node.children.size();
  switch (node.kind) {
    case Node::Kind::AND:
    case Node::Kind::OR:
      return children >= 2 ? Fault{} : "a connective has fewer than two children";
    case Node::Kind::NOT:
      return children == 1 ? Fault{} : "a negation has other than one child";
    default:
      return children == 0 ? Fault{} : "a leaf has children";
  }
}

Fault find_operands_fault(const ir::Program& program) {
  std::vector<uint32_t> depths(program.operands.size());
  std::vector<uint64_t> visits(program.operands.size(), 1);
  for (size_t i = 0; i < program.operands.size(); ++i) {
    const ir::Operand& operand = program.operands[i];
    Fault fault = find_order_fault(operand.arguments, i, depths[i], depths);
    if (!fault && depths[i] > kMaxOperandDepth) fault = "transformers are nested too deeply";
    if (!fault) {
      for (ir::OperandId id : operand.arguments) visits[i] += visits[static_cast<size_t>(id)];
      if (visits[i] > kMaxOperandVisits) fault = "transformers have too many operands";
    }
    if (!fault) fault = find_operand_fault(program, i);
    if (fault) return prefixed("operand", i, *fault);
  }
  return std::nullopt;
}

Fault find_nodes_fault(const ir::Program& program) {
  std::vector<uint32_t> depths(program.nodes.size());
  size_t patterns = 0;
  for (size_t i = 0; i < program.nodes.size(); ++i) {
    const Node& node = program.nodes[i];
    Fault fault = find_arity_fault(node);
    if (!fault) fault = find_order_fault(node.children, i, depths[i], depths);
    if (!fault && depths[i] > kMaxNodeDepth) fault = "conditions are nested too deeply";
    if (!fault && node.kind == Node::Kind::ATOM) fault = find_atom_fault(program, node);
    if (!fault && node.kind == Node::Kind::ATOM && node.op == ir::Operator::REGEX) {
      patterns += program.literal_set(node.literals).size();
      if (patterns > kMaxPatterns) fault = fmt::format("more than {} patterns", kMaxPatterns);
    }
    if (fault) return prefixed("node", i, *fault);
  }
  return std::nullopt;
}

Fault find_output_fault(const ir::Program& program, const std::vector<ir::OutputPiece>& pieces) {
  for (const ir::OutputPiece& piece : pieces) {
    if (!piece.is_text && static_cast<size_t>(piece.operand) >= program.operands.size()) {
      return "its output names no operand";
    }
    if (piece.width > kMaxOutputWidth) {
      return fmt::format("an output column is wider than {}", kMaxOutputWidth);
    }
  }
  return std::nullopt;
}

Fault find_rule_fault(const ir::Program& program, const ir::Rule& rule) {
  if (static_cast<size_t>(rule.condition) >= program.nodes.size()) {
    return "its condition does not exist";
  }
  if (Fault fault = find_output_fault(program, rule.output.pieces)) return fault;
  for (const ir::OutputText& text : rule.output.texts) {
    if (Fault fault = find_output_fault(program, text.pieces)) return fault;
  }
  for (const ir::OutputField& field : rule.output.fields) {
    if (static_cast<size_t>(field.operand) >= program.operands.size()) {
      return "its output fields name no operand";
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_fault(const ir::Program& program) {
  for (size_t i = 0; i < program.fields.size(); ++i) {
    if (Fault fault = find_field_fault(program.fields[i])) return prefixed("field", i, *fault);
  }
  if (Fault fault = find_operands_fault(program)) return fault;
  if (Fault fault = find_nodes_fault(program)) return fault;
  for (const ir::Rule& rule : program.rules) {
    if (Fault fault = find_rule_fault(program, rule)) {
      return fmt::format("rule '{}': {}", rule.name, *fault);
    }
  }
  return std::nullopt;
}

}  // namespace falcoc::bundle

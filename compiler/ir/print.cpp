// Program back to text.
#include "compiler/ir/print.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "compiler/ir/literals.h"

namespace falcoc::ir {
namespace {

/// Bytes that stand for themselves in a bare string, a little fewer than the grammar allows.
bool is_bare(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' ||
         c == '.' || c == '_' || c == '-' || c == ':';
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string print_text(std::string_view text) {
  const bool bare = !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_bare(static_cast<unsigned char>(c));
  });
  return bare ? std::string(text) : quoted(text);
}

std::string print_hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::string print_address(const Literal& literal, bool is_network) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = literal.bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
  inet_ntop(family, literal.bytes.data(), text.data(), text.size());
  return is_network ? fmt::format("{}/{}", text.data(), literal.prefix_bits) : text.data();
}

std::string print_number(const TypeTraits& traits, uint64_t number) {
  if (traits.is_double) return fmt::format("{}", std::bit_cast<double>(number));
  if (traits.is_signed) return fmt::format("{}", static_cast<int64_t>(number));
  return fmt::format("{}", number);
}

std::string print_items(const Program& program, const std::vector<OperandId>& items) {
  std::string out;
  for (const OperandId item : items) {
    if (!out.empty()) out += ", ";
    out += print_operand(program, item);
  }
  return out;
}

std::string print_right_side(const Program& program, const Node& atom) {
  if (atom.right_side == Node::RightSide::OPERAND) {
    const std::string operand = print_operand(program, atom.right);
    const bool is_field = program.operand(atom.right).kind == Operand::Kind::FIELD;
    return is_field ? fmt::format("val({})", operand) : operand;
  }
  const ParamType type = program.operand(atom.left).type.param;
  std::string items;
  for (const Literal& literal : program.literal_set(atom.literals)) {
    if (!items.empty()) items += ", ";
    items += print_literal(type, atom.op, literal);
  }
  const bool is_list = atom.modifier != Modifier::NONE || atom.op == Operator::IN ||
                       atom.op == Operator::INTERSECTS || atom.op == Operator::PMATCH;
  return is_list ? fmt::format("({})", items) : items;
}

std::string print_atom(const Program& program, const Node& atom) {
  std::string out = fmt::format("{} {}", print_operand(program, atom.left), spelling(atom.op));
  if (atom.modifier != Modifier::NONE) out += fmt::format(" {}", spelling(atom.modifier));
  if (atom.right_side != Node::RightSide::NONE) out += " " + print_right_side(program, atom);
  return out;
}

}  // namespace

std::string print_field(const FieldRef& field) {
  const FieldInfo& info = field_info(field.id);
  if (field.index != FieldRef::kNoIndex) return fmt::format("{}[{}]", info.name, field.index);
  if (field.key.empty()) return std::string(info.name);
  const bool is_dotted = info.argument == ArgumentRule::SUFFIX_OPTIONAL ||
                         info.argument == ArgumentRule::SUFFIX_REQUIRED ||
                         info.argument == ArgumentRule::INDEX_OR_SUFFIX_REQUIRED;
  if (is_dotted) return fmt::format("{}.{}", info.name, field.key);
  return fmt::format("{}[{}]", info.name, print_text(field.key));
}

std::string print_operand(const Program& program, OperandId id) {
  const Operand& operand = program.operand(id);
  switch (operand.kind) {
    case Operand::Kind::FIELD:
      return print_field(program.field(operand.field));
    case Operand::Kind::CONSTANT:
      return quoted(operand.text);
    case Operand::Kind::LIST:
      return fmt::format("({})", print_items(program, operand.arguments));
    case Operand::Kind::TRANSFORM:
      break;
  }
  std::string out =
      fmt::format("{}({})", spelling(operand.transformer), print_items(program, operand.arguments));
  if (operand.selector != 0) out += fmt::format("[{}]", operand.selector);
  return out;
}

std::string print_literal(ParamType type, Operator op, const Literal& literal) {
  const TypeTraits traits = type_traits(type);
  switch (traits.group) {
    case TypeGroup::NUMBER:
      return print_number(traits, literal.number);
    case TypeGroup::BOOLEAN:
      return literal.number != 0 ? "true" : "false";
    case TypeGroup::ADDRESS:
      return print_address(literal, traits.is_network);
    case TypeGroup::BUFFER:
      if (op == Operator::BCONTAINS || op == Operator::BSTARTSWITH) return print_hex(literal.bytes);
      break;
    default:
      break;
  }
  return print_text(literal.bytes);
}

std::string print_condition(const Program& program, NodeId id) {
  const Node& node = program.node(id);
  switch (node.kind) {
    case Node::Kind::FALSE:
      return "false";
    case Node::Kind::TRUE:
      return "true";
    case Node::Kind::ATOM:
      return print_atom(program, node);
    case Node::Kind::NOT:
      return "not (" + print_condition(program, node.children.front()) + ")";
    case Node::Kind::AND:
    case Node::Kind::OR:
      break;
  }
  std::string out;
  for (const NodeId child : node.children) {
    if (!out.empty()) out += node.kind == Node::Kind::AND ? " and " : " or ";
    const Node::Kind kind = program.node(child).kind;
    const bool is_group = kind == Node::Kind::AND || kind == Node::Kind::OR;
    out += is_group ? "(" + print_condition(program, child) + ")" : print_condition(program, child);
  }
  return out;
}

}  // namespace falcoc::ir

// Derivation of clauses.
#include "compiler/codegen/native/clauses.h"

#include <algorithm>
#include <optional>

#include "compiler/codegen/native/part_index.h"
#include "compiler/ir/literals.h"

namespace falcoc::native {
namespace {

using ir::Node;
using ir::NodeId;
using ir::Operator;

/// Nesting that is looked into, and nodes: a shared node counts as often as it is reached. What is
/// beyond has no clause.
constexpr int kMaxDepth = 16;
constexpr int kMaxVisits = 512;

std::optional<Key::Kind> text_key_kind(Operator op) {
  switch (op) {
    case Operator::EQ:
    case Operator::IN:
    case Operator::INTERSECTS:
      return Key::Kind::WHOLE;
    case Operator::STARTSWITH:
      return Key::Kind::PREFIX;
    case Operator::ENDSWITH:
      return Key::Kind::SUFFIX;
    case Operator::CONTAINS:
      return Key::Kind::PART;
    default:
      return std::nullopt;
  }
}

bool is_equality(Operator op) {
  return op == Operator::EQ || op == Operator::IN || op == Operator::INTERSECTS;
}

float chance_of(const Key& key) {
  constexpr float kWhole = 0.01f, kAffix = 0.02f, kPart = 0.03f, kNumber = 0.1f;
  constexpr float kShort = 0.4f;  // the value of a field with few values, such as fd.typechar
  switch (key.kind) {
    case Key::Kind::WHOLE:
      return key.text.size() < 3 ? kShort : kWhole;
    case Key::Kind::PREFIX:
    case Key::Kind::SUFFIX:
      return key.text.size() < 3 ? kShort : kAffix;
    case Key::Kind::PART:
      return kPart;
    case Key::Kind::NUMBER:
      return kNumber;
  }
  return 1;
}

/// Addresses are equal byte for byte; those of a network begin with its whole bytes, and what else
/// does is let through.
bool add_address_keys(const ir::TypeTraits& traits, const std::vector<ir::Literal>& literals,
                      Clause& clause) {
  for (const ir::Literal& literal : literals) {
    std::string_view text = literal.bytes;
    if (traits.is_network) text = text.substr(0, literal.prefix_bits / 8);
    if (text.empty()) return false;
    clause.keys.push_back(
        {.kind = traits.is_network ? Key::Kind::PREFIX : Key::Kind::WHOLE, .text = text});
  }
  return true;
}

/// The values of the literal set that a check compares with; it has no other form.
std::optional<Clause> clause_of_check(const ir::Program& program, const Node& atom) {
  const bool takes_any =
      atom.modifier == ir::Modifier::NONE || atom.modifier == ir::Modifier::ANYOF;
  if (atom.right_side != Node::RightSide::LITERALS || !takes_any) return std::nullopt;
  const ir::Operand& operand = program.operand(atom.left);
  if (operand.type.shape != Shape::SCALAR || operand.kind == ir::Operand::Kind::CONSTANT) {
    return std::nullopt;
  }
  const std::vector<ir::Literal>& literals = program.literal_set(atom.literals);
  if (literals.empty() || literals.size() > kMaxClauseKeys) return std::nullopt;
  const ir::TypeTraits traits = ir::type_traits(operand.type.param);
  Clause clause{.operand = atom.left};
  if (traits.group == ir::TypeGroup::NUMBER && !traits.is_double && is_equality(atom.op)) {
    for (const ir::Literal& literal : literals) {
      clause.keys.push_back({.kind = Key::Kind::NUMBER, .number = literal.number});
    }
    return clause;
  }
  if (traits.group == ir::TypeGroup::ADDRESS && is_equality(atom.op)) {
    return add_address_keys(traits, literals, clause) ? std::optional(std::move(clause))
                                                      : std::nullopt;
  }
  const std::optional<Key::Kind> kind = text_key_kind(atom.op);
  if (traits.group != ir::TypeGroup::TEXT || !kind) return std::nullopt;
  for (const ir::Literal& literal : literals) {
    const size_t least = *kind == Key::Kind::PART ? kMinPartSize : 1;
    if (literal.bytes.size() < least || literal.bytes.contains('\0')) return std::nullopt;
    clause.keys.push_back({.kind = *kind, .text = literal.bytes});
  }
  return clause;
}

Clause* find(std::vector<Clause>& clauses, ir::OperandId operand) {
  const auto place = std::ranges::find(clauses, operand, &Clause::operand);
  return place == clauses.end() ? nullptr : &*place;
}

class Finder {
 public:
  Finder(const ir::Program& program, const Plan& plan) : program_(program), plan_(plan) {}

  std::vector<Clause> of(NodeId id, int depth) {
    const Node& node = plan_.node(id);
    if (depth > kMaxDepth || ++visits_ > kMaxVisits) return {};
    switch (node.kind) {
      case Node::Kind::ATOM:
        return of_check(node);
      case Node::Kind::AND:
        return of_all(node, depth);
      case Node::Kind::OR:
        return of_any(node, depth);
      default:
        return {};  // what a negation excludes is no key
    }
  }

 private:
  std::vector<Clause> of_check(const Node& atom) const {
    std::optional<Clause> clause = clause_of_check(program_, atom);
    if (!clause) return {};
    float misses = 1;
    for (const Key& key : clause->keys) misses *= 1 - chance_of(key);
    clause->chance = 1 - misses;
    return {std::move(*clause)};
  }

  /// Every child's clause holds; the least likely one of each operand is kept.
  std::vector<Clause> of_all(const Node& node, int depth) {
    std::vector<Clause> all;
    for (const NodeId child : node.children) {
      for (Clause& clause : of(child, depth + 1)) {
        Clause* known = find(all, clause.operand);
        if (known == nullptr) {
          all.push_back(std::move(clause));
        } else if (clause.chance < known->chance) {
          *known = std::move(clause);
        }
      }
    }
    return all;
  }

  /// Operands of which every child has a clause.
  std::vector<Clause> of_any(const Node& node, int depth) {
    std::vector<Clause> any = of(node.children.front(), depth + 1);
    for (size_t i = 1; i < node.children.size() && !any.empty(); ++i) {
      std::vector<Clause> more = of(node.children[i], depth + 1);
      std::erase_if(any, [&](Clause& clause) {
        const Clause* other = find(more, clause.operand);
        if (other == nullptr || clause.keys.size() + other->keys.size() > kMaxClauseKeys) {
          return true;
        }
        clause.keys.insert(clause.keys.end(), other->keys.begin(), other->keys.end());
        clause.chance = 1 - (1 - clause.chance) * (1 - other->chance);
        return false;
      });
    }
    return any;
  }

  const ir::Program& program_;
  const Plan& plan_;
  int visits_ = 0;
};

}  // namespace

std::vector<Clause> clauses_of(const ir::Program& program, const Plan& plan, NodeId node) {
  return Finder(program, plan).of(node, 0);
}

}  // namespace falcoc::native

// ProgramBuilder: hash-consing of fields, operands, literal sets and nodes; flattening and folding
// of the boolean connectives. Knows no rules and no text.
#include <algorithm>
#include <functional>
#include <unordered_set>
#include <utility>

#include "compiler/ir/compile.h"

namespace falcoc::ir {
namespace {

/// Accumulates a hash over the parts of a value.
class Hasher {
 public:
  template <typename T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  Hasher& add(T value) {
    mix(std::hash<uint64_t>{}(static_cast<uint64_t>(value)));
    return *this;
  }
  Hasher& add(const std::string& text) {
    mix(std::hash<std::string>{}(text));
    return *this;
  }
  template <typename Id>
  Hasher& add(const std::vector<Id>& ids) {
    add(ids.size());
    for (const Id& id : ids) add(id);
    return *this;
  }
  Hasher& add(const Literal& literal) {
    return add(literal.bytes).add(literal.number).add(literal.prefix_bits);
  }
  size_t value() const { return value_; }

 private:
  // Step of boost::hash_combine, widened to 64 bits.
  void mix(uint64_t part) { value_ ^= part + 0x9e3779b97f4a7c15u + (value_ << 6) + (value_ >> 2); }
  uint64_t value_ = 0;
};

size_t hash_of(const FieldRef& field) {
  return Hasher()
      .add(field.id)
      .add(field.type)
      .add(field.shape)
      .add(field.index)
      .add(field.key)
      .value();
}
size_t hash_of(const Operand& operand) {
  return Hasher()
      .add(operand.kind)
      .add(operand.type.param)
      .add(operand.type.shape)
      .add(operand.field)
      .add(operand.transformer)
      .add(operand.selector)
      .add(operand.text)
      .add(operand.arguments)
      .value();
}
size_t hash_of(const std::vector<Literal>& literals) { return Hasher().add(literals).value(); }
size_t hash_of(const Node& node) {
  return Hasher()
      .add(node.kind)
      .add(node.children)
      .add(node.left)
      .add(node.op)
      .add(node.modifier)
      .add(node.right_side)
      .add(node.literals)
      .add(node.right)
      .value();
}

/// Finds equal entries of a vector by hash. Holds positions only, so that the entries live once.
template <typename T>
class Interner {
 public:
  explicit Interner(const std::vector<T>& entries)
      : positions_(0, Hash{&hashes_}, Equal{&entries}) {}
  Interner(const Interner&) = delete;  // the set's functors point at this object
  Interner& operator=(const Interner&) = delete;

  /// The position of an entry equal to `entry`, which is appended to `entries` if there is none.
  uint32_t intern(std::vector<T>& entries, T entry) {
    const auto candidate = static_cast<uint32_t>(entries.size());
    hashes_.push_back(hash_of(entry));
    entries.push_back(std::move(entry));
    const auto [found, inserted] = positions_.insert(candidate);
    if (!inserted) {
      entries.pop_back();
      hashes_.pop_back();
    }
    return *found;
  }

  /// Takes over entries that are there already. Of equal ones the first is found.
  void adopt(const std::vector<T>& entries) {
    hashes_.reserve(entries.size());
    for (const T& entry : entries) hashes_.push_back(hash_of(entry));
    for (uint32_t position = 0; position < entries.size(); ++position) positions_.insert(position);
  }

 private:
  struct Hash {
    const std::vector<size_t>* hashes;
    size_t operator()(uint32_t position) const { return (*hashes)[position]; }
  };
  struct Equal {
    const std::vector<T>* entries;
    bool operator()(uint32_t a, uint32_t b) const { return (*entries)[a] == (*entries)[b]; }
  };
  std::vector<size_t> hashes_;
  std::unordered_set<uint32_t, Hash, Equal> positions_;
};

}  // namespace

struct ProgramBuilder::Impl {
  Program program;
  Interner<FieldRef> fields{program.fields};
  Interner<Operand> operands{program.operands};
  Interner<std::vector<Literal>> literal_sets{program.literal_sets};
  Interner<Node> nodes{program.nodes};

  NodeId node(Node node) { return NodeId{nodes.intern(program.nodes, std::move(node))}; }
  NodeId connect(Node::Kind kind, const std::vector<NodeId>& children);
};

ProgramBuilder::ProgramBuilder() : impl_(new Impl, [](Impl* impl) { delete impl; }) {}

ProgramBuilder::ProgramBuilder(Program program) : ProgramBuilder() {
  impl_->program = std::move(program);
  impl_->fields.adopt(impl_->program.fields);
  impl_->operands.adopt(impl_->program.operands);
  impl_->literal_sets.adopt(impl_->program.literal_sets);
  impl_->nodes.adopt(impl_->program.nodes);
}

SlotId ProgramBuilder::field(const FieldRef& field) {
  return SlotId{impl_->fields.intern(impl_->program.fields, field)};
}

OperandId ProgramBuilder::operand(Operand operand) {
  return OperandId{impl_->operands.intern(impl_->program.operands, std::move(operand))};
}

LiteralSetId ProgramBuilder::literals(std::vector<Literal> literals) {
  return LiteralSetId{impl_->literal_sets.intern(impl_->program.literal_sets, std::move(literals))};
}

NodeId ProgramBuilder::constant(bool value) {
  return impl_->node({.kind = value ? Node::Kind::TRUE : Node::Kind::FALSE});
}

NodeId ProgramBuilder::atom(Node atom) {
  atom.kind = Node::Kind::ATOM;
  return impl_->node(std::move(atom));
}

/// Before: (a and (b and c)) and a and true.  After: a and b and c.
/// Sound because an atom is plainly true or false within one event: there is no third truth value
/// (RULE-LANGUAGE 3.2), so repetitions and neutral constants change nothing.
NodeId ProgramBuilder::Impl::connect(Node::Kind kind, const std::vector<NodeId>& children) {
  const Node::Kind neutral = kind == Node::Kind::AND ? Node::Kind::TRUE : Node::Kind::FALSE;
  const Node::Kind absorbing = kind == Node::Kind::AND ? Node::Kind::FALSE : Node::Kind::TRUE;
  std::vector<NodeId> flat;
  std::unordered_set<uint32_t> present;
  const auto add = [&](NodeId id) {
    if (present.insert(static_cast<uint32_t>(id)).second) flat.push_back(id);
  };
  for (NodeId child : children) {
    const Node& node = program.node(child);
    if (node.kind == absorbing) return child;
    if (node.kind == neutral) continue;
    if (node.kind == kind) {
      std::ranges::for_each(node.children, add);  // flat already: made by this function
    } else {
      add(child);
    }
  }
  if (flat.empty()) return this->node({.kind = neutral});
  if (flat.size() == 1) return flat.front();
  return this->node({.kind = kind, .children = std::move(flat)});
}

NodeId ProgramBuilder::all_of(const std::vector<NodeId>& children) {
  return impl_->connect(Node::Kind::AND, children);
}

NodeId ProgramBuilder::any_of(const std::vector<NodeId>& children) {
  return impl_->connect(Node::Kind::OR, children);
}

NodeId ProgramBuilder::negate(NodeId child) {
  const Node& node = impl_->program.node(child);
  switch (node.kind) {
    case Node::Kind::TRUE:
      return constant(false);
    case Node::Kind::FALSE:
      return constant(true);
    case Node::Kind::NOT:
      return node.children.front();
    default:
      return impl_->node({.kind = Node::Kind::NOT, .children = {child}});
  }
}

void ProgramBuilder::rule(Rule rule) { impl_->program.rules.push_back(std::move(rule)); }

const Program& ProgramBuilder::program() const { return impl_->program; }

Program ProgramBuilder::finish() && {
  Program program = std::move(impl_->program);
  derive_info(program);
  return program;
}

}  // namespace falcoc::ir

// Hash-consing, flattening and folding of the program builder.
#include <doctest/doctest.h>

#include "compiler/ir/compile.h"

using namespace falcoc;
using namespace falcoc::ir;

namespace {

/// Atoms `proc.pid = N` in one builder.
struct Atoms {
  ProgramBuilder builder;

  OperandId pid() {
    const SlotId slot = builder.field(
        {.id = FieldId::proc_pid, .type = ParamType::INT64, .shape = Shape::SCALAR, .key = {}});
    return builder.operand(
        {.kind = Operand::Kind::FIELD, .type = {ParamType::INT64, Shape::SCALAR}, .field = slot});
  }
  NodeId operator()(uint64_t number) {
    return builder.atom({.kind = Node::Kind::ATOM,
                         .left = pid(),
                         .op = Operator::EQ,
                         .right_side = Node::RightSide::LITERALS,
                         .literals = builder.literals({{.number = number}})});
  }
  const Node& node(NodeId id) const { return builder.program().node(id); }
};

}  // namespace

TEST_CASE("equal entries are one entry") {
  Atoms atom;
  CHECK(atom(1) == atom(1));
  CHECK(atom(1) != atom(2));
  CHECK(atom.builder.program().fields.size() == 1);
  CHECK(atom.builder.program().operands.size() == 1);
  CHECK(atom.builder.program().literal_sets.size() == 2);
  CHECK(atom.builder.all_of({atom(1), atom(2)}) == atom.builder.all_of({atom(1), atom(2)}));
  CHECK(atom.builder.all_of({atom(1), atom(2)}) != atom.builder.any_of({atom(1), atom(2)}));
}

TEST_CASE("fields that differ in argument only are different slots") {
  ProgramBuilder builder;
  const FieldRef plain{
      .id = FieldId::proc_aname, .type = ParamType::CHARBUF, .shape = Shape::ANCESTORS, .key = {}};
  FieldRef indexed = plain;
  indexed.index = 2;
  CHECK(builder.field(plain) != builder.field(indexed));
  CHECK(builder.field(plain) == builder.field(plain));
}

TEST_CASE("literal sets keep order and repetitions") {
  ProgramBuilder builder;
  const LiteralSetId set = builder.literals({{.number = 2}, {.number = 1}, {.number = 2}});
  REQUIRE(builder.program().literal_set(set).size() == 3);
  CHECK(builder.program().literal_set(set)[0].number == 2);
}

TEST_CASE("chains of one kind are flat and hold each part once") {
  Atoms atom;
  const NodeId inner = atom.builder.all_of({atom(1), atom(2)});
  const NodeId outer = atom.builder.all_of({atom(3), inner, atom(1)});
  CHECK(atom.node(outer).children == std::vector{atom(3), atom(1), atom(2)});
  CHECK(atom.builder.all_of({atom(1), atom(1)}) == atom(1));
  CHECK(atom.builder.any_of({atom(1)}) == atom(1));
  const NodeId mixed = atom.builder.any_of({inner, atom(3)});
  CHECK(atom.node(mixed).children == std::vector{inner, atom(3)});
}

TEST_CASE("constants fold") {
  Atoms atom;
  ProgramBuilder& builder = atom.builder;
  const NodeId yes = builder.constant(true), no = builder.constant(false);
  CHECK(builder.all_of({yes, atom(1)}) == atom(1));
  CHECK(builder.all_of({no, atom(1)}) == no);
  CHECK(builder.any_of({yes, atom(1)}) == yes);
  CHECK(builder.any_of({no, atom(1)}) == atom(1));
  CHECK(builder.all_of({}) == yes);
  CHECK(builder.any_of({}) == no);
  CHECK(builder.negate(yes) == no);
  CHECK(builder.negate(no) == yes);
}

TEST_CASE("two negations cancel out") {
  Atoms atom;
  const NodeId negation = atom.builder.negate(atom(1));
  CHECK(atom.node(negation).kind == Node::Kind::NOT);
  CHECK(atom.builder.negate(negation) == atom(1));
}

TEST_CASE("children precede their parents and every node has its info") {
  Atoms atom;
  const NodeId root =
      atom.builder.any_of({atom.builder.all_of({atom(1), atom(2)}), atom.builder.negate(atom(3))});
  CHECK(static_cast<size_t>(root) + 1 == atom.builder.program().nodes.size());
  const Program program = std::move(atom.builder).finish();
  CHECK(program.info.size() == program.nodes.size());
  for (size_t i = 0; i < program.nodes.size(); ++i) {
    for (NodeId child : program.nodes[i].children) CHECK(static_cast<size_t>(child) < i);
  }
}

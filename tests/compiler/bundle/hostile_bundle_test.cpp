// Bundles whose hash is right but whose contents are not: refused, or harmless to run.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "compiler/bundle/bundle.h"
#include "compiler/bundle/envelope.h"
#include "compiler/bundle/limits.h"
#include "compiler/codegen/native/native.h"
#include "compiler/ir/literals.h"
#include "compiler/ir/memo_evaluator.h"
#include "tests/compiler/bundle/sample_program.h"

namespace falcoc::testing {
namespace {

/// Every field present, with a value of its type.
bool read_anything(void*, const FieldRef& field, Value& out) {
  static constexpr std::string_view kBytes = "/etc/ssh/sshd_config";
  const auto scalar = [&] {
    Value value;
    const ir::TypeTraits traits = ir::type_traits(field.type);
    switch (traits.group) {
      case ir::TypeGroup::TEXT:
      case ir::TypeGroup::BUFFER:
        value.set_text(kBytes);
        break;
      case ir::TypeGroup::ADDRESS:
        value.data = kBytes.data();
        value.size = 4;
        break;
      default:
        value.u64 = 22;
    }
    return value;
  };
  static thread_local Value items[2];
  if (field.shape == Shape::SCALAR) {
    out = scalar();
  } else {
    items[0] = items[1] = scalar();
    out.items = items;
    out.size = 2;
  }
  return true;
}

void run(const ir::Program& program) {
  const std::vector<Accessor> accessors(program.fields.size(), read_anything);
  ir::ValueArena arena;
  for (const ir::Rule& rule : program.rules) {
    ir::evaluate(program, rule.condition, {nullptr, accessors}, arena);
    for (const ir::OutputPiece& piece : rule.output.pieces) {
      Value value;
      if (!piece.is_text) {
        ir::evaluate_operand(program, piece.operand, {nullptr, accessors}, arena, value);
      }
    }
  }
}

void run_native(const ir::Program& program) {
  const std::vector<Accessor> accessors(program.fields.size(), read_anything);
  const auto matcher = native::Matcher::compile(program, accessors, {.optimization_level = 0});
  REQUIRE(matcher.has_value());
  ir::ValueArena arena;
  std::vector<uint64_t> words(matcher->words_per_result());
  matcher->match(static_cast<EventKind>(EventCode::OPEN), nullptr, arena, words);
}

TEST_CASE("a payload with any byte changed and the hash put right is refused or harmless") {
  const std::string bytes = bundle::write(sample_program());
  const std::string payload = bytes.substr(bundle::kHeaderBytes);
  size_t accepted = 0;
  for (size_t i = 0; i < payload.size(); ++i) {
    for (const int change : {0x01, 0x10, 0x80, 0xff}) {
      std::string altered = payload;
      altered[i] = static_cast<char>(altered[i] ^ change);
      const auto program = bundle::read(bundle::seal(altered), "hostile");
      if (!program) continue;
      run(*program);
      if (++accepted % 50 == 0) run_native(*program);
    }
  }
  MESSAGE(accepted << " of " << 4 * payload.size() << " altered bundles were accepted");
  CHECK(accepted > 0);
}

struct Attack {
  const char* what;
  std::function<void(ir::Program&)> change;
};

ir::Node& first_atom(ir::Program& program, ir::Operator op) {
  for (ir::Node& node : program.nodes) {
    if (node.kind == ir::Node::Kind::ATOM && node.op == op) return node;
  }
  FAIL("the sample has no such check");
  return program.nodes.front();
}
ir::Operand& first_operand(ir::Program& program, ir::Operand::Kind kind) {
  for (ir::Operand& operand : program.operands) {
    if (operand.kind == kind) return operand;
  }
  FAIL("the sample has no such operand");
  return program.operands.front();
}

const Attack kAttacks[] = {
    {"a child after its parent",
     [](ir::Program& p) {
       p.nodes.front() = {.kind = ir::Node::Kind::NOT, .children = {ir::NodeId{1}}};
     }},
    {"a node that is its own child",
     [](ir::Program& p) {
       p.nodes.front() = {.kind = ir::Node::Kind::NOT, .children = {ir::NodeId{0}}};
     }},
    {"a connective without children",
     [](ir::Program& p) { p.nodes.front() = {.kind = ir::Node::Kind::AND}; }},
    {"an operand that does not exist",
     [](ir::Program& p) { first_atom(p, ir::Operator::EXISTS).left = ir::OperandId{999}; }},
    {"literals that do not exist",
     [](ir::Program& p) { first_atom(p, ir::Operator::IN).literals = ir::LiteralSetId{999}; }},
    {"a check without its literals",
     [](ir::Program& p) {
       first_atom(p, ir::Operator::IN).right_side = ir::Node::RightSide::NONE;
     }},
    {"an operator for another type",
     [](ir::Program& p) { first_atom(p, ir::Operator::IN).op = ir::Operator::REGEX; }},
    {"a scalar operator with many literals",
     [](ir::Program& p) { first_atom(p, ir::Operator::IN).op = ir::Operator::EQ; }},
    {"sides of different types",
     [](ir::Program& p) {
       ir::Node& node = first_atom(p, ir::Operator::IN);
       node.right_side = ir::Node::RightSide::OPERAND;
       node.right = ir::OperandId{0};
     }},
    {"a text shown as a list",
     [](ir::Program& p) { first_operand(p, ir::Operand::Kind::FIELD).type.shape = Shape::LIST; }},
    {"a field with another type",
     [](ir::Program& p) { p.fields.front().type = ParamType::UINT64; }},
    {"a field with another shape", [](ir::Program& p) { p.fields.front().shape = Shape::LIST; }},
    {"an argument that the field does not take",
     [](ir::Program& p) { p.fields.front().key = "surprise"; }},
    {"a slot that does not exist",
     [](ir::Program& p) { first_operand(p, ir::Operand::Kind::FIELD).field = ir::SlotId{999}; }},
    {"a transformer without arguments",
     [](ir::Program& p) { first_operand(p, ir::Operand::Kind::TRANSFORM).arguments.clear(); }},
    {"a transformer with its own result as argument",
     [](ir::Program& p) {
       for (size_t i = 0; i < p.operands.size(); ++i) {
         if (p.operands[i].kind != ir::Operand::Kind::TRANSFORM) continue;
         p.operands[i].arguments = {ir::OperandId{static_cast<uint32_t>(i)}};
       }
     }},
    {"a pattern that does not compile",
     [](ir::Program& p) {
       p.literal_sets[static_cast<size_t>(first_atom(p, ir::Operator::REGEX).literals)][0].bytes =
           "(";
     }},
    {"an address of three bytes",
     [](ir::Program& p) {
       p.literal_sets[static_cast<size_t>(first_atom(p, ir::Operator::NE).literals)][0].bytes =
           "abc";
     }},
    {"a prefix longer than the address",
     [](ir::Program& p) {
       p.literal_sets[static_cast<size_t>(first_atom(p, ir::Operator::NE).literals)][0]
           .prefix_bits = 33;
     }},
    {"a condition that does not exist",
     [](ir::Program& p) { p.rules.front().condition = ir::NodeId{999}; }},
    {"an output operand that does not exist",
     [](ir::Program& p) { p.rules.front().output.pieces.back().operand = ir::OperandId{999}; }},
    {"an output column of gigabytes",
     [](ir::Program& p) { p.rules.front().output.pieces.back().width = 1u << 31; }},
    {"an added text of nothing",
     [](ir::Program& p) {
       p.rules.front().output.texts.front().pieces.front().operand = ir::OperandId{999};
     }},
};

TEST_CASE("inconsistent contents are refused") {
  for (const Attack& attack : kAttacks) {
    CAPTURE(attack.what);
    ir::Program program = sample_program();
    attack.change(program);
    const auto loaded = bundle::read(bundle::write(program), "hostile");
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().code == Code::BUNDLE_MALFORMED);
  }
}

TEST_CASE("a field that this version does not know is named") {
  std::string payload = bundle::write(sample_program()).substr(bundle::kHeaderBytes);
  for (size_t at = 0; (at = payload.find("proc.name", at)) != std::string::npos;) {
    payload.replace(at, 9, "proc.nomo");
  }
  const auto loaded = bundle::read(bundle::seal(payload), "test");
  REQUIRE_FALSE(loaded.has_value());
  CHECK(loaded.error().code == Code::BUNDLE_UNKNOWN_FIELD);
  CHECK(loaded.error().message.find("proc.nomo") != std::string::npos);
}

TEST_CASE("depth and sharing are limited") {
  ir::Program deep = sample_program();
  for (uint32_t i = 0; i < bundle::kMaxNodeDepth + 2; ++i) {
    const ir::NodeId last{static_cast<uint32_t>(deep.nodes.size() - 1)};
    deep.nodes.push_back({.kind = ir::Node::Kind::NOT, .children = {last}});
  }
  CHECK_FALSE(bundle::read(bundle::write(deep), "deep").has_value());

  // Each level holds the one below twice: 2^40 operands to visit.
  ir::Program wide = sample_program();
  const ir::Type text{ParamType::CHARBUF, Shape::SCALAR};
  wide.operands.push_back({.kind = ir::Operand::Kind::CONSTANT, .type = text, .text = "x"});
  for (int i = 0; i < 40; ++i) {
    const ir::OperandId last{static_cast<uint32_t>(wide.operands.size() - 1)};
    wide.operands.push_back({.kind = ir::Operand::Kind::TRANSFORM,
                             .type = text,
                             .transformer = ir::Transformer::CONCAT,
                             .arguments = {last, last}});
  }
  CHECK_FALSE(bundle::read(bundle::write(wide), "wide").has_value());
}

/// Truth of every node from that of the checks, without recursion.
bool truth_of(const ir::Program& program, ir::NodeId wanted, const ir::FieldSource& source) {
  std::vector<bool> truths;
  ir::ValueArena arena;
  for (size_t i = 0; i < program.nodes.size(); ++i) {
    const ir::Node& node = program.nodes[i];
    const auto holds = [&](ir::NodeId id) { return truths[static_cast<size_t>(id)]; };
    switch (node.kind) {
      case ir::Node::Kind::AND:
        truths.push_back(std::ranges::all_of(node.children, holds));
        break;
      case ir::Node::Kind::OR:
        truths.push_back(std::ranges::any_of(node.children, holds));
        break;
      case ir::Node::Kind::NOT:
        truths.push_back(!holds(node.children.front()));
        break;
      default:
        truths.push_back(
            ir::evaluate(program, ir::NodeId(static_cast<uint32_t>(i)), source, arena));
    }
  }
  return truths[static_cast<size_t>(wanted)];
}

TEST_CASE("a lattice of conditions is evaluated once per node without native code too") {
  // Each level refers twice to both nodes of the one below: 4^200 ways down, none cut short.
  ir::Program lattice = sample_program();
  const auto push = [&](ir::Node::Kind kind, std::vector<ir::NodeId> children) {
    lattice.nodes.push_back({.kind = kind, .children = std::move(children)});
    return ir::NodeId(static_cast<uint32_t>(lattice.nodes.size() - 1));
  };
  ir::NodeId left = lattice.rules[0].condition;
  ir::NodeId right = lattice.rules[1].condition;
  using enum ir::Node::Kind;
  for (int level = 0; level < 200; ++level) {
    // Exclusive or and its complement need both sides whatever they are.
    const ir::NodeId not_left = push(NOT, {left});
    const ir::NodeId not_right = push(NOT, {right});
    const ir::NodeId differ =
        push(OR, {push(AND, {left, not_right}), push(AND, {not_left, right})});
    left = push(OR, {push(AND, {left, right}), push(AND, {not_left, not_right})});
    right = differ;
  }
  lattice.rules[0].condition = left;
  lattice.rules[1].condition = right;
  const auto program = bundle::read(bundle::write(lattice), "lattice");
  REQUIRE(program.has_value());
  const std::vector<Accessor> accessors(program->fields.size(), read_anything);
  const ir::FieldSource source{nullptr, accessors};
  ir::ValueArena arena;
  ir::MemoEvaluator evaluator(*program);
  for (int event = 0; event < 2; ++event) {
    evaluator.begin_event();
    for (const ir::Rule& rule : program->rules) {
      CHECK(evaluator.evaluate(rule.condition, source, arena) ==
            truth_of(*program, rule.condition, source));
    }
  }
}

TEST_CASE("what one event is remembered for is forgotten at the next") {
  const ir::Program program = sample_program();
  const std::vector<Accessor> present(program.fields.size(), read_anything);
  const std::vector<Accessor> absent(program.fields.size(), nullptr);
  ir::NodeId exists{};
  for (size_t i = 0; i < program.nodes.size(); ++i) {
    if (program.nodes[i].op == ir::Operator::EXISTS &&
        program.nodes[i].kind == ir::Node::Kind::ATOM)
      exists = ir::NodeId(static_cast<uint32_t>(i));
  }
  ir::ValueArena arena;
  ir::MemoEvaluator evaluator(program);
  evaluator.begin_event();
  CHECK(evaluator.evaluate(exists, {nullptr, present}, arena));
  evaluator.begin_event();
  CHECK_FALSE(evaluator.evaluate(exists, {nullptr, absent}, arena));
}

}  // namespace
}  // namespace falcoc::testing

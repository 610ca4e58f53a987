// The reference evaluator on hand-built programs: shapes, modifiers, types and operands that no
// condition over the catalog's fields reaches. What conditions can say is in tests/conformance.
#include "compiler/ir/evaluate.h"

#include <doctest/doctest.h>

#include "compiler/ir/compile.h"
#include "compiler/ir/fact_source.h"
#include "compiler/ir/literals.h"

namespace falcoc::ir {
namespace {

using testing::BoundFacts;
using testing::Facts;

/// A program of one check. The field's own type and shape may be overruled.
class Check {
 public:
  explicit Check(FieldId id, Type type = {}) {
    const FieldInfo& info = field_info(id);
    if (type.param == ParamType::NONE) type = {info.type, info.shape};
    type_ = type;
    left_ = plain(id);
  }

  OperandId plain(FieldId id) {
    FieldRef field;
    field.id = id;
    field.type = type_.param;
    field.shape = type_.shape;
    const SlotId slot = builder_.field(field);
    return builder_.operand({.kind = Operand::Kind::FIELD, .type = type_, .field = slot});
  }
  Check& transform(Transformer transformer, Type result) {
    left_ = builder_.operand({.kind = Operand::Kind::TRANSFORM,
                              .type = result,
                              .transformer = transformer,
                              .arguments = {left_}});
    type_ = result;
    return *this;
  }
  Check& compare(Operator op, const std::vector<std::string>& texts,
                 Modifier modifier = Modifier::NONE) {
    std::vector<Literal> literals;
    for (const std::string& text : texts) {
      literals.push_back(convert_literal(type_.param, op, {.text = text, .span = {}}).value());
    }
    return add({.kind = Node::Kind::ATOM,
                .left = left_,
                .op = op,
                .modifier = modifier,
                .right_side = Node::RightSide::LITERALS,
                .literals = builder_.literals(std::move(literals))});
  }
  Check& compare_field(Operator op, FieldId right) {
    return add({.kind = Node::Kind::ATOM,
                .left = left_,
                .op = op,
                .right_side = Node::RightSide::OPERAND,
                .right = plain(right)});
  }
  Check& exists() { return add({.kind = Node::Kind::ATOM, .left = left_, .op = Operator::EXISTS}); }

  bool holds(const Facts& facts) {
    BoundFacts bound(facts, builder_.program());
    ValueArena arena;
    return evaluate(builder_.program(), node_, bound.source(), arena);
  }
  const Program& program() const { return builder_.program(); }
  NodeId node() const { return node_; }

 private:
  Check& add(Node atom) {
    node_ = builder_.atom(std::move(atom));
    return *this;
  }

  ProgramBuilder builder_;
  Type type_;
  OperandId left_{};
  NodeId node_{};
};

Facts with(std::string field, std::string text) {
  Facts facts;
  facts.set(std::move(field), std::move(text));
  return facts;
}
Facts with_list(std::string field, std::vector<std::string> items) {
  Facts facts;
  facts.set_list(std::move(field), std::move(items));
  return facts;
}

const std::string kNul(1, '\0');

TEST_CASE("a field without accessor is absent") {
  Check check(FieldId::proc_name);
  check.exists();
  const std::vector<Accessor> accessors(1, nullptr);
  ValueArena arena;
  CHECK_FALSE(evaluate(check.program(), check.node(), {nullptr, accessors}, arena));
}

TEST_CASE("an absent field makes every comparison false, != included") {
  for (const Operator op : {Operator::EQ, Operator::NE, Operator::CONTAINS, Operator::STARTSWITH,
                            Operator::GLOB, Operator::REGEX, Operator::IN, Operator::PMATCH}) {
    INFO(spelling(op));
    CHECK_FALSE(Check(FieldId::proc_exe).compare(op, {"x"}).holds(with("proc.name", "x")));
  }
  CHECK_FALSE(Check(FieldId::proc_exe).exists().holds(with("proc.name", "x")));
}

TEST_CASE("text ends at its first NUL; a set ignores trailing NULs only") {
  const Facts inner = with("proc.exe", "a" + kNul + "b");
  CHECK(Check(FieldId::proc_exe).compare(Operator::EQ, {"a"}).holds(inner));
  CHECK_FALSE(Check(FieldId::proc_exe).compare(Operator::NE, {"a"}).holds(inner));
  CHECK_FALSE(Check(FieldId::proc_exe).compare(Operator::ENDSWITH, {"b"}).holds(inner));
  CHECK_FALSE(Check(FieldId::proc_exe).compare(Operator::CONTAINS, {"b"}).holds(inner));
  CHECK(Check(FieldId::proc_exe).compare(Operator::REGEX, {"a"}).holds(inner));
  CHECK_FALSE(Check(FieldId::proc_exe).compare(Operator::IN, {"a"}).holds(inner));
  const Facts trailing = with("proc.exe", "a" + kNul + kNul);
  CHECK(Check(FieldId::proc_exe).compare(Operator::IN, {"a"}).holds(trailing));
  CHECK(Check(FieldId::proc_exe)
            .transform(Transformer::LEN, {ParamType::UINT64, Shape::SCALAR})
            .compare(Operator::EQ, {"1"})
            .holds(inner));
}

TEST_CASE("buffers compare all their bytes, NUL included") {
  Facts facts = with("evt.buffer", "a" + kNul + "b");
  CHECK(Check(FieldId::evt_buffer).compare(Operator::EQ, {"a" + kNul + "b"}).holds(facts));
  CHECK_FALSE(Check(FieldId::evt_buffer).compare(Operator::EQ, {"a"}).holds(facts));
  CHECK(Check(FieldId::evt_buffer).compare(Operator::ENDSWITH, {kNul + "b"}).holds(facts));
  CHECK(Check(FieldId::evt_buffer).compare(Operator::BCONTAINS, {"0062"}).holds(facts));
  CHECK(Check(FieldId::evt_buffer)
            .transform(Transformer::LEN, {ParamType::UINT64, Shape::SCALAR})
            .compare(Operator::EQ, {"3"})
            .holds(facts));
}

TEST_CASE("text is ordered by bytes, above 127 too") {
  CHECK(Check(FieldId::proc_name).compare_field(Operator::GT, FieldId::proc_pname).holds([] {
    Facts facts = with("proc.name", "\xFF");
    facts.set("proc.pname", "a");
    return facts;
  }()));
}

TEST_CASE("signed, unsigned and floating numbers compare as what they are") {
  CHECK(Check(FieldId::proc_pid).compare(Operator::LT, {"0"}).holds(with("proc.pid", "-1")));
  CHECK(Check(FieldId::evt_num).compare(Operator::GT, {"0"}).holds(with("evt.num", "-1")));
  CHECK(Check(FieldId::thread_cpu).compare(Operator::GT, {"1"}).holds(with("thread.cpu", "1.5")));
  CHECK(Check(FieldId::thread_cpu).compare(Operator::LT, {"0"}).holds(with("thread.cpu", "-0.5")));
  CHECK(Check(FieldId::evt_cpu).compare(Operator::EQ, {"-1"}).holds(with("evt.cpu", "-1")));
  CHECK(
      Check(FieldId::user_uid).compare(Operator::EQ, {"-1"}).holds(with("user.uid", "4294967295")));
}

TEST_CASE("a list of networks lies inside, or meets, the networks of a set") {
  const Type list{ParamType::IPNET, Shape::LIST};
  const Facts facts = with_list("fd.snet", {"192.168.4.4", "10.1.2.3"});
  const auto check = [&] { return Check(FieldId::fd_snet, list); };
  CHECK(check().compare(Operator::INTERSECTS, {"10.0.0.0/8"}).holds(facts));
  CHECK_FALSE(check().compare(Operator::IN, {"10.0.0.0/8"}).holds(facts));
  CHECK(check().compare(Operator::IN, {"10.0.0.0/8", "192.168.0.0/16"}).holds(facts));
  CHECK_FALSE(check().compare(Operator::INTERSECTS, {"172.16.0.0/12", "::/0"}).holds(facts));
}

TEST_CASE("lists of numbers, booleans and addresses are compared element by element") {
  const Type numbers{ParamType::UINT64, Shape::LIST};
  const Facts facts = with_list("evt.num", {"1", "2"});
  CHECK(Check(FieldId::evt_num, numbers).compare(Operator::IN, {"1", "2", "3"}).holds(facts));
  CHECK_FALSE(Check(FieldId::evt_num, numbers).compare(Operator::IN, {"1"}).holds(facts));
  CHECK(Check(FieldId::evt_num, numbers).compare(Operator::INTERSECTS, {"9", "2"}).holds(facts));
  CHECK(Check(FieldId::evt_num, numbers)
            .transform(Transformer::LEN, {ParamType::UINT64, Shape::SCALAR})
            .compare(Operator::EQ, {"2"})
            .holds(facts));
  CHECK(Check(FieldId::evt_failed, {ParamType::BOOL, Shape::LIST})
            .compare(Operator::INTERSECTS, {"true"})
            .holds(with_list("evt.failed", {"false", "true"})));
  CHECK_FALSE(Check(FieldId::fd_sip, {ParamType::IPADDR, Shape::LIST})
                  .compare(Operator::IN, {"10.0.0.1"})
                  .holds(with_list("fd.sip", {"10.0.0.1", "::1"})));
}

TEST_CASE("an empty list is in every set, the empty one included, and meets none") {
  const Facts empty = with_list("k8smeta.svc.name", {});
  const Facts full = with_list("k8smeta.svc.name", {"a"});
  const auto check = [] { return Check(FieldId::k8smeta_svc_name); };
  CHECK(check().exists().holds(empty));
  CHECK(check().compare(Operator::IN, {"a"}).holds(empty));
  CHECK(check().compare(Operator::IN, {}).holds(empty));
  CHECK_FALSE(check().compare(Operator::IN, {}).holds(full));
  CHECK_FALSE(check().compare(Operator::INTERSECTS, {"a"}).holds(empty));
}

TEST_CASE("list against list is membership in the right list") {
  Facts facts = with_list("k8smeta.svc.name", {"a", "b"});
  facts.set_list("k8smeta.svc.uid", {"b", "c"});
  CHECK(Check(FieldId::k8smeta_svc_name)
            .compare_field(Operator::INTERSECTS, FieldId::k8smeta_svc_uid)
            .holds(facts));
  CHECK_FALSE(Check(FieldId::k8smeta_svc_name)
                  .compare_field(Operator::IN, FieldId::k8smeta_svc_uid)
                  .holds(facts));
  facts.set_list("k8smeta.svc.uid", {"c", "b", "a"});
  CHECK(Check(FieldId::k8smeta_svc_name)
            .compare_field(Operator::IN, FieldId::k8smeta_svc_uid)
            .holds(facts));
}

TEST_CASE("an absent right side makes the check false") {
  CHECK_FALSE(Check(FieldId::proc_pname)
                  .compare_field(Operator::NE, FieldId::proc_exe)
                  .holds(with("proc.pname", "x")));
}

TEST_CASE("one undecodable element makes a decoded list absent") {
  const Type list{ParamType::CHARBUF, Shape::LIST};
  const auto decoded = [&](std::vector<std::string> items) {
    return Check(FieldId::k8smeta_svc_name)
        .transform(Transformer::B64, list)
        .compare(Operator::INTERSECTS, {"a"})
        .holds(with_list("k8smeta.svc.name", std::move(items)));
  };
  CHECK(decoded({"YQ", "Yg"}));
  CHECK_FALSE(decoded({"YQ", "!"}));
}

TEST_CASE(
    "a modifier asks each ancestor the whole question, but each end of a connection one by "
    "one") {
  const Facts tree = with_list("proc.aname", {"bash", "sshd"});
  const auto ancestors = [] { return Check(FieldId::proc_aname); };
  CHECK(ancestors().compare(Operator::NE, {"bash", "zsh"}, Modifier::ALLOF).holds(tree));
  CHECK_FALSE(ancestors().compare(Operator::NE, {"bash", "sshd"}, Modifier::ALLOF).holds(tree));
  CHECK_FALSE(ancestors().compare(Operator::EQ, {"bash", "sshd"}, Modifier::ALLOF).holds(tree));
  Facts socket = with("fd.cip", "10.0.0.1");
  socket.set("fd.sip", "10.0.0.2");
  const auto ends = [] { return Check(FieldId::fd_ip); };
  CHECK(ends().compare(Operator::EQ, {"10.0.0.1", "10.0.0.2"}, Modifier::ALLOF).holds(socket));
  CHECK_FALSE(
      ends().compare(Operator::EQ, {"10.0.0.1", "10.0.0.2"}, Modifier::ONEOF).holds(socket));
  CHECK(ends().compare(Operator::NE, {"9.9.9.9", "10.0.0.2"}, Modifier::ANYOF).holds(socket));
  CHECK_FALSE(ends().compare(Operator::NE, {"9.9.9.9", "10.0.0.2"}, Modifier::ALLOF).holds(socket));
}

TEST_CASE("constants and connectives mean what they say") {
  ProgramBuilder builder;
  const NodeId yes = builder.constant(true);
  const NodeId no = builder.constant(false);
  const Program& program = builder.program();
  const auto holds = [&](NodeId node) {
    ValueArena arena;
    return evaluate(program, node, {}, arena);
  };
  CHECK(holds(yes));
  CHECK_FALSE(holds(no));
  CHECK_FALSE(holds(builder.all_of({yes, no})));
  CHECK(holds(builder.any_of({no, yes})));
  CHECK(holds(builder.negate(no)));
}

}  // namespace
}  // namespace falcoc::ir

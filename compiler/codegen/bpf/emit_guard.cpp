// Guards as jumps: and/or/not cost nothing but their order, cheap tests come first.
#include <algorithm>
#include <array>
#include <cstddef>
#include <map>

#include "compiler/codegen/bpf/emitter.h"
#include "probe/scratch_layout.h"

namespace falcoc::bpf {

using ir::split::GuardId;
using ir::split::GuardNode;
using ir::split::KernelNumber;
using ir::split::KernelPlan;
using ir::split::KernelTest;

namespace {

constexpr size_t kBitsPerWord = 32;

/// In struct fc_descriptor, by ir::split::DescriptorNumber.
constexpr std::array<size_t, ir::split::kDescriptorNumbers> kDescriptorOffsets{
    offsetof(fc_descriptor, type),           offsetof(fc_descriptor, fd.socket_type),
    offsetof(fc_descriptor, fd.protocol),    offsetof(fc_descriptor, fd.tcp_state),
    offsetof(fc_descriptor, fd.role),        offsetof(fc_descriptor, named),
    offsetof(fc_descriptor, fd.local_port),  offsetof(fc_descriptor, fd.remote_port),
    offsetof(fc_descriptor, fd.local_addr),  offsetof(fc_descriptor, fd.remote_addr),
    offsetof(fc_descriptor, fd.local_addr),  offsetof(fc_descriptor, fd.local_addr) + 8,
    offsetof(fc_descriptor, fd.remote_addr), offsetof(fc_descriptor, fd.remote_addr) + 8,
};

static_assert(ir::split::kNamedNone == FC_NAMED_NONE);
static_assert(ir::split::kRoleUnknown == FC_ROLE_UNKNOWN);
static_assert(ir::split::kRoleClient == FC_ROLE_CLIENT);
static_assert(ir::split::kRoleServer == FC_ROLE_SERVER);
static_assert(ir::split::KernelDescriptor::kResult == FC_ARG_RET);
static_assert(ir::split::KernelDescriptor::kNone == FC_ARG_NONE);

/// Parts of a conjunction; the guard itself if it is none.
std::vector<GuardId> conjuncts(const KernelPlan& plan, GuardId guard) {
  const GuardNode& node = plan.node(guard);
  if (node.kind == GuardNode::Kind::AND) return node.children;
  return {guard};
}

/// By what they cost: numbers, texts, connectives.
int rank(const KernelPlan& plan, GuardId guard) {
  const GuardNode& node = plan.node(guard);
  if (node.kind != GuardNode::Kind::TEST && node.kind != GuardNode::Kind::NOT_TEST) return 3;
  return plan.test(node.test).kind == KernelTest::Kind::NUMBER ? 0 : 1;
}

std::vector<GuardId> cheapest_first(const KernelPlan& plan, std::vector<GuardId> guards) {
  std::ranges::stable_sort(guards, {}, [&](GuardId guard) { return rank(plan, guard); });
  return guards;
}

/// What most of them ask; nothing if no two ask the same.
std::optional<GuardId> most_shared(const KernelPlan& plan, const std::vector<Open>& all) {
  std::map<GuardId, size_t> uses;
  for (const Open& each : all) {
    for (const GuardId guard : each.guards) ++uses[guard];
  }
  std::optional<GuardId> best;
  for (const auto& [guard, count] : uses) {
    if (count < 2) continue;
    const bool better = !best || count > uses[*best] ||
                        (count == uses[*best] && rank(plan, guard) < rank(plan, *best));
    if (better) best = guard;
  }
  return best;
}

}  // namespace

/// Adds the bits of the guards that hold to the candidates. What several of them ask is asked once:
///   a and b: 1; a and c: 2; d: 4   →   if a { if b: 1; if c: 2 }; if d: 4
void Emitter::emit_decided(const PartPlan& part, const std::vector<Decided>& decided) {
  std::vector<Open> all;
  for (const Decided& each : decided) {
    all.push_back({each.bits, conjuncts(part.plan, each.guard)});
  }
  emit_open(part, std::move(all));
}

void Emitter::emit_open(const PartPlan& part, std::vector<Open> all) {
  while (const auto shared = most_shared(part.plan, all)) {
    std::vector<Open> those, others;
    for (Open& each : all) {
      const bool asks = std::erase(each.guards, *shared) != 0;
      (asks ? those : others).push_back(std::move(each));
    }
    all = std::move(others);
    llvm::BasicBlock* holds = new_block("shared");
    llvm::BasicBlock* next = new_block("next");
    emit_guard(part, *shared, {holds, next});
    builder_.SetInsertPoint(holds);
    emit_open(part, std::move(those));
    builder_.CreateBr(next);
    builder_.SetInsertPoint(next);
  }
  for (const Open& each : all) {
    llvm::BasicBlock* next = new_block("next");
    for (const GuardId guard : cheapest_first(part.plan, each.guards)) {
      llvm::BasicBlock* holds = new_block("holds");
      emit_guard(part, guard, {holds, next});
      builder_.SetInsertPoint(holds);
    }
    llvm::Value* candidates = at(in_event(offsetof(fc_event, candidates)));
    store(builder_.CreateOr(load(64, candidates), constant(64, each.bits)), candidates);
    builder_.CreateBr(next);
    builder_.SetInsertPoint(next);
  }
}

void Emitter::emit_guard(const PartPlan& part, GuardId guard, Exits exits) {
  const GuardNode& node = part.plan.node(guard);
  switch (node.kind) {
    case GuardNode::Kind::FALSE:
      builder_.CreateBr(exits.if_false);
      break;
    case GuardNode::Kind::TRUE:
      builder_.CreateBr(exits.if_true);
      break;
    case GuardNode::Kind::TEST:
      emit_test(part, part.plan.test(node.test), exits);
      break;
    case GuardNode::Kind::NOT_TEST:
      emit_test(part, part.plan.test(node.test), {exits.if_false, exits.if_true});
      break;
    case GuardNode::Kind::AND:
    case GuardNode::Kind::OR: {
      const std::vector<GuardId> children = cheapest_first(part.plan, node.children);
      for (size_t i = 0; i < children.size(); ++i) {
        const bool is_last = i + 1 == children.size();
        llvm::BasicBlock* next = is_last ? nullptr : new_block("next");
        if (node.kind == GuardNode::Kind::AND) {
          emit_guard(part, children[i], {is_last ? exits.if_true : next, exits.if_false});
        } else {
          emit_guard(part, children[i], {exits.if_true, is_last ? exits.if_false : next});
        }
        if (!is_last) builder_.SetInsertPoint(next);
      }
      break;
    }
  }
}

void Emitter::emit_test(const PartPlan& part, const KernelTest& test, Exits exits) {
  switch (test.kind) {
    case KernelTest::Kind::NUMBER:
      return emit_number(test, exits);
    case KernelTest::Kind::TEXT_STATE: {
      llvm::Value* state = load(32, in_text(test.text, offsetof(fc_text, state)));
      return branch(builder_.CreateIsNotNull(builder_.CreateAnd(state, constant(32, test.states))),
                    exits);
    }
    case KernelTest::Kind::TEXT:
      return emit_answer(test.text, part.questions.answer(test), exits);
    case KernelTest::Kind::FACT: {
      const size_t words = test.negative ? offsetof(fc_scratch, facts.may_be_false)
                                         : offsetof(fc_scratch, facts.may_be_true);
      llvm::Value* word = load(32, words + test.fact / kBitsPerWord * sizeof(fc_u32));
      const uint64_t bit = uint64_t{1} << (test.fact % kBitsPerWord);
      return branch(builder_.CreateIsNotNull(builder_.CreateAnd(word, constant(32, bit))), exits);
    }
  }
}

void Emitter::emit_answer(uint8_t text, const Answer& answer, Exits exits) {
  const auto last_slash = [&] { return load(32, in_text(text, offsetof(fc_text, last_slash))); };
  for (const Way& way : answer.ways) {
    llvm::BasicBlock* next = new_block("way");
    llvm::Value* word =
        load(32, offsetof(fc_scratch, found) + way.bit / kBitsPerWord * sizeof(fc_u32));
    llvm::Value* is_found = builder_.CreateIsNotNull(
        builder_.CreateAnd(word, constant(32, uint64_t{1} << (way.bit % kBitsPerWord))));
    if (way.slash == Way::Slash::ANY) {
      branch(is_found, {exits.if_true, next});
    } else {
      llvm::BasicBlock* found = new_block("found");
      branch(is_found, {found, next});
      builder_.SetInsertPoint(found);
      llvm::Value* position = constant(32, way.position);
      branch(way.slash == Way::Slash::AT ? builder_.CreateICmpEQ(last_slash(), position)
                                         : builder_.CreateICmpUGE(last_slash(), position),
             {exits.if_true, next});
    }
    builder_.SetInsertPoint(next);
  }
  if (!answer.in_root) {
    builder_.CreateBr(exits.if_false);
    return;
  }
  llvm::BasicBlock* in_root = new_block("root");
  llvm::Value* first = load(8, in_text(text, offsetof(fc_text, bytes)));
  branch(builder_.CreateICmpEQ(first, constant(8, '/')), {in_root, exits.if_false});
  builder_.SetInsertPoint(in_root);
  branch(builder_.CreateICmpEQ(last_slash(), constant(32, 0)), exits);
}

llvm::Value* Emitter::number(const KernelNumber& number) {
  size_t offset = in_event(offsetof(fc_event, ret));
  if (number.source == KernelNumber::Source::ARGUMENT) {
    offset = in_event(offsetof(fc_event, args)) + sizeof(fc_u64) * number.index;
  } else if (number.source == KernelNumber::Source::DESCRIPTOR) {
    offset = offsetof(fc_scratch, descriptor) + kDescriptorOffsets[number.index];
  }
  llvm::Value* value = load(number.bytes * 8u, offset);  // the low bytes come first
  value = number.is_signed ? builder_.CreateSExt(value, builder_.getInt64Ty())
                           : builder_.CreateZExt(value, builder_.getInt64Ty());
  return number.mask == ~uint64_t{0} ? value : builder_.CreateAnd(value, constant(64, number.mask));
}

void Emitter::emit_number(const KernelTest& test, Exits exits) {
  if (is_looked_up(test)) return emit_looked_up(test, exits);
  emit_ranges(number(test.number), test.ranges, exits);
}

/// Halves them until few are left.
void Emitter::emit_ranges(llvm::Value* value, std::span<const ir::split::Range> ranges,
                          Exits exits) {
  constexpr size_t kFewRanges = 4;
  if (ranges.size() > kFewRanges) {
    const size_t half = ranges.size() / 2;
    llvm::BasicBlock* lower = new_block("lower");
    llvm::BasicBlock* upper = new_block("upper");
    branch(builder_.CreateICmpULT(value, constant(64, ranges[half].first)), {lower, upper});
    builder_.SetInsertPoint(lower);
    emit_ranges(value, ranges.first(half), exits);
    builder_.SetInsertPoint(upper);
    return emit_ranges(value, ranges.subspan(half), exits);
  }
  for (const ir::split::Range& range : ranges) {
    llvm::BasicBlock* next = &range == &ranges.back() ? exits.if_false : new_block("range");
    llvm::Value* is_in = nullptr;
    if (range.first == range.last) {
      is_in = builder_.CreateICmpEQ(value, constant(64, range.first));
    } else if (range.first == 0) {
      is_in = builder_.CreateICmpULE(value, constant(64, range.last));
    } else if (range.last == ~uint64_t{0}) {
      is_in = builder_.CreateICmpUGE(value, constant(64, range.first));
    } else {
      is_in = builder_.CreateICmpULE(builder_.CreateSub(value, constant(64, range.first)),
                                     constant(64, range.last - range.first));
    }
    branch(is_in, {exits.if_true, next});
    if (next != exits.if_false) builder_.SetInsertPoint(next);
  }
}

}  // namespace falcoc::bpf

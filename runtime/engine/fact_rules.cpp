// See fact_rules.h.
#include "runtime/engine/fact_rules.h"

#include <algorithm>

#include "compiler/ir/print.h"

namespace falcod {

namespace {

namespace ir = falcoc::ir;
namespace needs = falcoc::ir::fact_depends;

static_assert(ir::kFactWords == FC_FACT_WORDS);
static_assert(needs::CREDENTIALS == FC_FACTS_CREDENTIALS);
static_assert(needs::PRIVILEGES == FC_FACTS_PRIVILEGES);
static_assert(needs::SESSION == FC_FACTS_SESSION);
static_assert(needs::CGROUPS == FC_FACTS_CGROUPS);
static_assert(needs::ANCESTORS == FC_FACTS_ANCESTORS);

/// The kernel cannot compare databases: when they change, all facts are made unknown.
constexpr auto kInKernel = static_cast<uint8_t>(~needs::USERS);

}  // namespace

FactRules::FactRules(const ir::Program& program, uint32_t number)
    : number_(number),
      facts_(ir::process_facts(program)),
      program_(ir::fact_program(program, facts_)),
      accessors_(bind_accessors(program_)),
      evaluator_(program_) {}

bool FactRules::asks_for_users() const {
  return std::ranges::any_of(facts_.facts, [](const ir::ProcessFact& fact) {
    return (fact.dependencies & needs::USERS) != 0;
  });
}

void FactRules::evaluate(EventContext& context, fc_facts& out) {
  std::ranges::fill(out.may_be_true, ~fc_u64{0});
  std::ranges::fill(out.may_be_false, ~fc_u64{0});
  for (size_t word = 0; word < FC_FACT_WORDS; ++word) {
    out.dependencies[word] = facts_.word_dependencies[word] & kInKernel;
  }
  out.ruleset = number_;
  // Databases of containers are read when somebody asks; nobody would tell that they changed.
  const bool users_change = !context.process->cgroups->container_full_id.empty();
  const ir::FieldSource source{&context, accessors_};
  evaluator_.begin_event();
  for (size_t i = 0; i < facts_.facts.size(); ++i) {
    const ir::ProcessFact& fact = facts_.facts[i];
    if (users_change && (fact.dependencies & needs::USERS) != 0) continue;
    const bool holds = evaluator_.evaluate(program_.rules[i].condition, source, *context.arena);
    auto& excluded = holds ? out.may_be_false : out.may_be_true;
    excluded[fact.bit / 64] &= ~(fc_u64{1} << (fact.bit % 64));
  }
}

std::string FactRules::text(const ir::ProcessFact& fact) const {
  const auto place = static_cast<size_t>(&fact - facts_.facts.data());
  return ir::print_condition(program_, program_.rules[place].condition);
}

}  // namespace falcod

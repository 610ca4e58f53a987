// Choice of guards: greedily what rules out most for what it costs.
#include "compiler/codegen/native/guards.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_set>

namespace falcoc::native {
namespace {

using ir::NodeId;
using ir::OperandId;

/// A step for fewer rules gains nothing over evaluating them: their own first condition is as good.
constexpr size_t kMinTestedRules = 2;
constexpr size_t kMinLookedUpRules = 2;
/// Steps in one sequence, so that rules without anything in common are not compared for ever.
constexpr size_t kMaxSteps = 48;
/// Steps within steps; rules that pass so many are few.
constexpr int kMaxNesting = 6;
/// Finding an operand's value among the keys, beyond fetching it.
constexpr float kLookUpNs = 6;
constexpr float kPartLookUpNs = 40;
/// A clause is worth a look-up if most events have none of its keys.
constexpr float kSelectiveChance = 0.2f;
/// Operands by which one rule is found: as many look-ups have to miss before it is ruled out.
constexpr size_t kMaxAlternatives = 4;
/// Fewer rules are evaluated sooner than looked up by several operands.
constexpr size_t kMinAlternatingRules = 32;

size_t index(NodeId id) { return static_cast<size_t>(id); }

/// A rule and which of its conditions are not decided yet. A rule may be there more than once, with
/// the conditions of each of its alternatives.
struct Candidate {
  uint32_t rule = 0;
  std::vector<NodeId> factors;
};

std::vector<uint32_t> rules_of(const std::vector<Candidate>& candidates) {
  std::vector<uint32_t> rules;
  for (const Candidate& candidate : candidates) rules.push_back(candidate.rule);
  std::ranges::sort(rules);
  const auto repeated = std::ranges::unique(rules);
  rules.erase(repeated.begin(), repeated.end());
  return rules;
}

/// What a step could be, and which candidates it would decide about.
struct Option {
  float gain = 0;  ///< rules ruled out, for each nanosecond
  size_t rules = 0;
  std::optional<NodeId> test{};
  OperandId operand{};  ///< of a look-up
};

}  // namespace

/// The choice for one matcher.
class Choice {
 public:
  explicit Choice(GuardChooser& chooser)
      : chooser_(chooser), program_(chooser.program_), plan_(chooser.plan_) {}

  Guards run(const std::vector<Root>& rules) {
    std::vector<Candidate> all;
    for (uint32_t i = 0; i < rules.size(); ++i) {
      Candidate candidate{i, {}};
      add_factors(rules[i].condition, candidate.factors);
      if (rules.size() < kMinAlternatingRules) {
        all.push_back(std::move(candidate));
      } else {
        add_alternatives(std::move(candidate), all);
      }
    }
    guards_.steps = choose(std::move(all), {}, 0);
    return std::move(guards_);
  }

 private:
  using Fetched = std::unordered_set<uint32_t>;  ///< operands that are in the frame already

  void add_factors(NodeId id, std::vector<NodeId>& factors) const {
    const ir::Node& node = plan_.node(id);
    if (node.kind != ir::Node::Kind::AND) {
      factors.push_back(id);
      return;
    }
    for (const NodeId child : node.children) add_factors(child, factors);
  }

  bool has_selective_clause(NodeId id) {
    return std::ranges::any_of(
        clauses(id), [](const Clause& clause) { return clause.chance <= kSelectiveChance; });
  }

  /// Before: a and (x = 1 or y = 2), which no operand decides.  After: a and x = 1; a and y = 2.
  void add_alternatives(Candidate candidate, std::vector<Candidate>& all) {
    const std::vector<NodeId>& factors = candidate.factors;
    const bool is_decided = std::ranges::any_of(
        factors, [this](NodeId factor) { return has_selective_clause(factor); });
    const auto split = std::ranges::find_if(factors, [this](NodeId factor) {
      const ir::Node& node = plan_.node(factor);
      return node.kind == ir::Node::Kind::OR && node.children.size() <= kMaxAlternatives &&
             std::ranges::all_of(node.children,
                                 [this](NodeId child) { return has_selective_clause(child); });
    });
    if (is_decided || split == factors.end()) {
      all.push_back(std::move(candidate));
      return;
    }
    for (const NodeId child : plan_.node(*split).children) {
      Candidate alternative{candidate.rule, {factors.begin(), split}};
      alternative.factors.insert(alternative.factors.end(), split + 1, factors.end());
      add_factors(child, alternative.factors);
      all.push_back(std::move(alternative));
    }
  }

  const std::vector<Clause>& clauses(NodeId factor) { return chooser_.clauses(factor); }

  /// The operand that a condition fetches first.
  std::optional<OperandId> first_operand(NodeId id) const {
    for (int depth = 0; depth < kMaxNesting; ++depth) {
      const ir::Node& node = plan_.node(id);
      if (node.kind == ir::Node::Kind::ATOM) return node.left;
      if (node.children.empty()) return std::nullopt;
      id = node.children.front();
    }
    return std::nullopt;
  }

  bool is_fetched(OperandId operand, const Fetched& fetched) const {
    return fetched.contains(static_cast<uint32_t>(operand));
  }

  /// The clause of a rule on an operand that is least likely to hold.
  const Clause* best_clause(const Candidate& candidate, OperandId operand) {
    const Clause* best = nullptr;
    for (const NodeId factor : candidate.factors) {
      for (const Clause& clause : clauses(factor)) {
        if (clause.operand == operand && (!best || clause.chance < best->chance)) best = &clause;
      }
    }
    return best;
  }

  void add_tests(const std::vector<Candidate>& candidates, const Fetched& fetched,
                 std::vector<Option>& options) const {
    std::unordered_map<uint32_t, size_t> uses;
    for (const Candidate& candidate : candidates) {
      for (const NodeId factor : candidate.factors) ++uses[static_cast<uint32_t>(factor)];
    }
    for (const auto& [factor, rules] : uses) {
      const Estimate& estimate = chooser_.estimates_[factor];
      float ns = estimate.ns;
      const auto first = first_operand(NodeId{factor});
      if (first && is_fetched(*first, fetched)) ns -= fetch_ns(program_, *first);
      const float gain = static_cast<float>(rules) * (1 - estimate.chance) / std::max(ns, 1.0f);
      options.push_back({.gain = gain, .rules = rules, .test = NodeId{factor}});
    }
  }

  void add_look_ups(const std::vector<Candidate>& candidates, const Fetched& fetched,
                    std::vector<Option>& options) {
    struct Use {
      size_t rules = 0;
      float ruled_out = 0;
      bool has_parts = false;
    };
    std::map<OperandId, Use> uses;
    std::map<OperandId, const Clause*> best;
    for (const Candidate& candidate : candidates) {
      best.clear();
      for (const NodeId factor : candidate.factors) {
        for (const Clause& clause : clauses(factor)) {
          const Clause*& known = best[clause.operand];
          if (known == nullptr || clause.chance < known->chance) known = &clause;
        }
      }
      for (const auto& [operand, clause] : best) {
        Use& use = uses[operand];
        ++use.rules;
        use.ruled_out += 1 - clause->chance;
        use.has_parts |= std::ranges::any_of(
            clause->keys, [](const Key& key) { return key.kind == Key::Kind::PART; });
      }
    }
    for (const auto& [operand, use] : uses) {
      float ns = use.has_parts ? kPartLookUpNs : kLookUpNs;
      if (!is_fetched(operand, fetched)) ns += fetch_ns(program_, operand);
      options.push_back({.gain = use.ruled_out / ns, .rules = use.rules, .operand = operand});
    }
  }

  /// The best step for these candidates; nothing if rule by rule is as good.
  std::optional<Option> best_option(const std::vector<Candidate>& candidates,
                                    const Fetched& fetched) {
    std::vector<Option> options;
    add_tests(candidates, fetched, options);
    add_look_ups(candidates, fetched, options);
    std::erase_if(options, [](const Option& option) {
      return option.rules < (option.test ? kMinTestedRules : kMinLookedUpRules);
    });
    // Options that gain the same are told apart by their numbers, so that the code is the same in
    // every run.
    const auto best = std::ranges::max_element(options, {}, [](const Option& option) {
      return std::tuple(option.gain, option.test.has_value(),
                        option.test ? index(*option.test) : static_cast<size_t>(option.operand));
    });
    return best == options.end() ? std::nullopt : std::optional(*best);
  }

  std::vector<Step> choose(std::vector<Candidate> candidates, Fetched fetched, int nesting) {
    std::vector<Step> steps;
    while (candidates.size() > 1 && nesting < kMaxNesting && steps.size() < kMaxSteps) {
      const std::optional<Option> option = best_option(candidates, fetched);
      if (!option) break;
      std::vector<Candidate> decided = take(candidates, *option);
      if (option->test) {
        if (const auto first = first_operand(*option->test)) {
          fetched.insert(static_cast<uint32_t>(*first));
        }
        for (Candidate& candidate : decided) std::erase(candidate.factors, *option->test);
        steps.push_back({.kind = Step::Kind::TEST,
                         .test = *option->test,
                         .inner = choose(std::move(decided), fetched, nesting + 1)});
      } else {
        fetched.insert(static_cast<uint32_t>(option->operand));
        const uint32_t look_up = make_look_up(option->operand, decided, fetched, nesting);
        steps.push_back({.kind = Step::Kind::LOOK_UP, .look_up = look_up});
      }
    }
    if (!candidates.empty()) {
      Step rest;
      rest.rules = rules_of(candidates);
      steps.push_back(std::move(rest));
    }
    return steps;
  }

  /// Moves out the candidates that the option decides about.
  std::vector<Candidate> take(std::vector<Candidate>& candidates, const Option& option) {
    const auto stays = [&](const Candidate& candidate) {
      if (!option.test) return best_clause(candidate, option.operand) == nullptr;
      return std::ranges::find(candidate.factors, *option.test) == candidate.factors.end();
    };
    const auto rest = std::ranges::stable_partition(candidates, stays);
    std::vector<Candidate> taken(std::make_move_iterator(rest.begin()),
                                 std::make_move_iterator(rest.end()));
    candidates.erase(rest.begin(), rest.end());
    return taken;
  }

  using KeyName = std::tuple<Key::Kind, std::string_view, uint64_t>;
  static KeyName name_of(const Key& key) { return {key.kind, key.text, key.number}; }

  /// The key of the longest text that a text with `key` begins (ends) with and that is a key
  /// itself.
  static const KeyName* shorter_key(const std::map<KeyName, std::vector<size_t>>& by_key,
                                    const KeyName& key) {
    const auto& [kind, text, number] = key;
    const bool is_end = kind == Key::Kind::SUFFIX;
    if (!is_end && kind != Key::Kind::WHOLE && kind != Key::Kind::PREFIX) return nullptr;
    const size_t longest = kind == Key::Kind::WHOLE ? text.size() : text.size() - 1;
    for (size_t size = longest; size > 0; --size) {
      const std::string_view part = is_end ? text.substr(text.size() - size) : text.substr(0, size);
      const auto known =
          by_key.find({is_end ? Key::Kind::SUFFIX : Key::Kind::PREFIX, part, uint64_t{0}});
      if (known != by_key.end()) return &known->first;
    }
    return nullptr;
  }

  uint32_t make_look_up(OperandId operand, const std::vector<Candidate>& candidates,
                        const Fetched& fetched, int nesting) {
    std::map<KeyName, std::vector<size_t>> by_key;
    std::vector<Candidate> inner;
    for (size_t i = 0; i < candidates.size(); ++i) {
      const Clause* clause = best_clause(candidates[i], operand);
      for (const Key& key : clause->keys) {
        std::vector<size_t>& here = by_key[name_of(key)];
        if (here.empty() || here.back() != i) here.push_back(i);
      }
      inner.push_back(without(candidates[i], *clause));
    }
    LookUp look_up{.operand = operand, .targets = {}, .leaves = {{}}, .all_rules = {}};
    std::map<std::pair<std::vector<size_t>, uint32_t>, uint32_t> leaves;
    std::map<KeyName, uint32_t> leaf_of_key;
    // Shorter keys come first, because longer ones lead on to them.
    std::vector<const KeyName*> keys;
    for (const auto& [key, users] : by_key) keys.push_back(&key);
    std::ranges::stable_sort(keys, {}, [](const KeyName* key) {
      return std::pair(std::get<1>(*key).size(), std::get<0>(*key) == Key::Kind::WHOLE);
    });
    for (const KeyName* key : keys) {
      const KeyName* shorter = shorter_key(by_key, *key);
      const uint32_t next = shorter ? leaf_of_key.at(*shorter) : 0;
      const std::vector<size_t>& users = by_key.at(*key);
      const auto [place, is_new] =
          leaves.try_emplace({users, next}, static_cast<uint32_t>(look_up.leaves.size()));
      if (is_new) {
        std::vector<Candidate> here;
        for (const size_t user : users) here.push_back(inner[user]);
        look_up.leaves.push_back({choose(std::move(here), fetched, nesting + 1), next});
      }
      leaf_of_key[*key] = place->second;
      const auto& [kind, text, number] = *key;
      look_up.targets.push_back({{kind, text, number}, place->second});
    }
    look_up.all_rules = rules_of(candidates);
    guards_.look_ups.push_back(std::move(look_up));
    return static_cast<uint32_t>(guards_.look_ups.size() - 1);
  }

  /// The candidate without the condition that the clause is of.
  Candidate without(const Candidate& candidate, const Clause& clause) {
    Candidate rest{candidate.rule, {}};
    for (const NodeId factor : candidate.factors) {
      const std::vector<Clause>& own = clauses(factor);
      const bool is_origin =
          !own.empty() && &clause >= own.data() && &clause < own.data() + own.size();
      if (!is_origin) rest.factors.push_back(factor);
    }
    return rest;
  }

  GuardChooser& chooser_;
  const ir::Program& program_;
  const Plan& plan_;
  Guards guards_;
};

GuardChooser::GuardChooser(const ir::Program& program, const Plan& plan)
    : program_(program), plan_(plan), estimates_(estimate_nodes(program, plan.nodes)) {}

Guards GuardChooser::choose(const std::vector<Root>& rules) { return Choice(*this).run(rules); }

const std::vector<Clause>& GuardChooser::clauses(NodeId node) {
  const auto [place, is_new] = clauses_.try_emplace(index(node));
  if (is_new) place->second = clauses_of(program_, plan_, node);
  return place->second;
}

}  // namespace falcoc::native

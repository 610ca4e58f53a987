// How rules are ruled out together: the choice of guards, the indexes of look-ups, and that none of
// it changes which rules match.
#include "compiler/codegen/native/guards.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>

#include "compiler/codegen/native/part_index.h"
#include "compiler/codegen/native/text_index.h"
#include "tests/compiler/codegen/native_ruleset.h"

namespace falcoc::testing {
namespace {

using native::Guards;
using native::Step;

Guards guards_of(const ir::Program& program, EventCode kind) {
  const native::Plan plan = native::make_plan(program);
  native::GuardChooser chooser(program, plan);
  return chooser.choose(plan.matchers.at(plan.matcher_of_kind[static_cast<size_t>(kind)]));
}

TEST_CASE("a condition that rules have in common decides about all of them") {
  const Guards guards =
      guards_of(program_of({"evt.type = open and evt.is_open_write = true and proc.pid > 1",
                            "evt.type = open and evt.is_open_write = true and proc.ppid > 1"}),
                EventCode::OPEN);
  REQUIRE(guards.steps.size() == 1);
  CHECK(guards.steps[0].kind == Step::Kind::TEST);
  REQUIRE(guards.steps[0].inner.size() == 1);
  CHECK(guards.steps[0].inner[0].rules == std::vector<uint32_t>{0, 1});
}

TEST_CASE("rules that want certain values of one field are found by its value") {
  const Guards guards = guards_of(
      program_of({"evt.type = open and fd.name startswith /etc and proc.pid > 1",
                  "evt.type = open and (fd.name = /etc/shadow or fd.name contains cron)",
                  "evt.type = open and fd.name in (/etc/shadow, /root/x) and proc.pid > 2"}),
      EventCode::OPEN);
  REQUIRE(guards.steps.size() == 1);
  CHECK(guards.steps[0].kind == Step::Kind::LOOK_UP);
  const native::LookUp& look_up = guards.look_ups.at(guards.steps[0].look_up);
  CHECK(look_up.targets.size() == 4);
  const auto shadow = std::ranges::find_if(look_up.targets, [](const auto& target) {
    return target.key.kind == native::Key::Kind::WHOLE && target.key.text == "/etc/shadow";
  });
  REQUIRE(shadow != look_up.targets.end());
  const native::LookUpLeaf& leaf = look_up.leaves.at(shadow->leaf);
  REQUIRE(leaf.steps.size() == 1);
  CHECK(leaf.steps[0].rules == std::vector<uint32_t>{1, 2});
  // The text begins with a shorter key, whose rules are evaluated too.
  CHECK(look_up.leaves.at(leaf.next).steps.at(0).rules == std::vector<uint32_t>{0});
}

TEST_CASE("what a negation excludes is no key") {
  const Guards guards = guards_of(
      program_of({"evt.type = open and not fd.name = a", "evt.type = open and fd.name != b"}),
      EventCode::OPEN);
  REQUIRE(guards.steps.size() == 1);
  CHECK(guards.steps[0].kind == Step::Kind::RULES);
}

std::string random_text(std::mt19937& random, size_t least, size_t most) {
  std::string text(std::uniform_int_distribution<size_t>(least, most)(random), 0);
  for (char& c : text) c = "ab/"[random() % 3];
  return text;
}

template <native::Direction direction>
void check_text_index(std::mt19937& random) {
  std::vector<native::IndexedText> texts;
  std::set<std::pair<std::string, bool>> seen;
  for (uint32_t i = 0; i < 40; ++i) {
    native::IndexedText text{random_text(random, 1, i < 30 ? 5 : 21), random() % 2 == 0, i + 1};
    if (seen.emplace(text.text, text.is_whole).second) texts.push_back(std::move(text));
  }
  const std::string index = build_text_index(texts, direction);
  for (int i = 0; i < 300; ++i) {
    std::string value = random_text(random, 0, 24);
    if (i % 3 == 0) value = texts[random() % texts.size()].text + (i % 2 ? value : "");
    uint32_t expected = 0;
    size_t longest = 0;
    for (const native::IndexedText& text : texts) {
      const bool is_part = direction == native::Direction::FORWARD ? value.starts_with(text.text)
                                                                   : value.ends_with(text.text);
      if (text.is_whole && value == text.text) {
        expected = text.leaf;
        break;
      }
      if (!text.is_whole && is_part && text.text.size() > longest) {
        longest = text.text.size();
        expected = text.leaf;
      }
    }
    CAPTURE(value);
    CHECK(native::find_in_text_index<direction>(index.data(), value) == expected);
  }
}

TEST_CASE("an index of texts finds the equal one, else the longest that the value begins with") {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    check_text_index<native::Direction::FORWARD>(random);
    check_text_index<native::Direction::BACKWARD>(random);
  }
}

TEST_CASE("an index of parts finds all that the value contains") {
  std::mt19937 random(2);
  for (int round = 0; round < 100; ++round) {
    std::vector<native::IndexedPart> parts;
    for (uint32_t i = 0; i < 30; ++i) {
      parts.push_back({random_text(random, 2 + static_cast<size_t>(round % 4), 9), i + 1});
    }
    const std::string index = build_part_index(parts);
    for (int i = 0; i < 20; ++i) {
      const std::string value = random_text(random, 0, 30);
      std::set<uint32_t> expected;
      for (const native::IndexedPart& part : parts) {
        if (value.find(part.text) != std::string::npos) expected.insert(part.leaf);
      }
      std::set<uint32_t> found;
      native::find_parts(index.data(), value, [&](uint32_t leaf) { found.insert(leaf); });
      CAPTURE(value);
      CHECK(found == expected);
    }
  }
}

/// Rulesets in which look-ups and common conditions abound: few fields, few short texts.
class CrowdedRules {
 public:
  explicit CrowdedRules(uint32_t seed) : random_(seed) {}

  std::vector<std::string> conditions(size_t count) {
    std::vector<std::string> conditions;
    for (size_t i = 0; i < count; ++i) {
      conditions.push_back("evt.type = open and " + group(" and ", 3) +
                           (chance(2) ? " and " + group(" or ", 2) : ""));
    }
    return conditions;
  }

  Facts facts() {
    Facts facts;
    for (const char* field : {"fd.name", "proc.name", "proc.cmdline"}) {
      if (chance(10)) continue;
      std::string value = text() + (chance(2) ? text() : "");
      if (chance(12)) value += std::string(1, '\0') + (chance(2) ? "a" : "");
      facts.set(field, std::move(value));
    }
    if (!chance(10)) facts.set("proc.pid", fmt::format("{}", random_() % 4));
    return facts;
  }

 private:
  bool chance(uint32_t of) { return random_() % of == 0; }
  std::string text() { return random_text(random_, 1, chance(4) ? 12 : 2); }

  std::string atom() {
    const std::string field = std::array{"fd.name", "proc.name", "proc.cmdline"}[random_() % 3];
    switch (random_() % 8) {
      case 0:
        return fmt::format("{} = {}", field, text());
      case 1:
        return fmt::format("{} in ({}, {})", field, text(), text());
      case 2:
        return fmt::format("{} startswith {}", field, text());
      case 3:
        return fmt::format("{} endswith {}", field, text());
      case 4:
        return fmt::format("{} contains {}", field, text());
      case 5:
        return fmt::format("not {} = {}", field, text());
      case 6:
        return fmt::format("proc.pid in ({}, {})", random_() % 4, random_() % 4);
      default:
        return fmt::format("proc.pid = {}", random_() % 4);
    }
  }

  std::string group(const char* connective, uint32_t most) {
    std::vector<std::string> parts;
    for (uint32_t i = 0; i < 1 + random_() % most; ++i) parts.push_back(atom());
    return fmt::format("({})", fmt::join(parts, connective));
  }

  std::mt19937 random_;
};

TEST_CASE("guards change no result") {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    CrowdedRules rules(seed);
    const ir::Program program = program_of(rules.conditions(60));
    const native::Matcher matcher =
        compiled(program, {.optimization_level = seed % 3 == 0 ? 2 : 0});
    for (int i = 0; i < 60; ++i) {
      const Facts facts = rules.facts();
      CAPTURE(seed);
      CAPTURE(i);
      CHECK(matches(matcher, program, facts) == reference_matches(program, facts));
    }
  }
}

TEST_CASE("of candidates only those that hold match") {
  const ir::Program program = program_of({"evt.type = open and proc.name = a", "proc.name = a",
                                          "evt.type = close", "proc.name = b", "proc.name = a"});
  const native::Matcher matcher = compiled(program);
  Facts facts;
  facts.set("proc.name", "a");
  BoundFacts bound(facts, program);
  ir::ValueArena arena;
  std::vector<uint64_t> matched{~uint64_t{0}};
  const std::vector<uint64_t> candidates{0b11101};
  const EventKind open = static_cast<EventKind>(EventCode::OPEN);
  CHECK(matcher.match_candidates(open, bound.context(), arena, candidates, matched));
  CHECK(matched[0] == 0b10001);
  CHECK_FALSE(matcher.match_candidates(open, bound.context(), arena, std::vector<uint64_t>{0b01000},
                                       matched));
  CHECK(matched[0] == 0);
}

}  // namespace
}  // namespace falcoc::testing

// Filters as data: what is written is read, what is damaged is refused; and what becomes of plans.
#include "compiler/codegen/bpf/filters.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "compiler/codegen/bpf/filter_plan.h"
#include "compiler/codegen/bpf/generate.h"
#include "compiler/codegen/bpf/text_questions.h"
#include "compiler/ir/split/split.h"
#include "tests/compiler/ir/compiling.h"

using namespace falcoc;
using namespace falcoc::bpf;

namespace {

std::string rule(int number, const std::string& condition) {
  return fmt::format(
      "- rule: R{}\n  desc: d\n  condition: >\n    {}\n  output: o\n  priority: INFO\n", number,
      condition);
}

std::vector<ir::split::KernelPlan> plans(const std::vector<std::string>& conditions) {
  std::string text;
  for (size_t i = 0; i < conditions.size(); ++i) text += rule(static_cast<int>(i), conditions[i]);
  const ir::Compilation compilation(text);
  REQUIRE(compilation.program.rules.size() == conditions.size());
  return ir::split::plan_kernel(compilation.program);
}

Filters filters(const std::vector<std::string>& conditions) {
  auto made = generate(plans(conditions));
  REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().message));
  return std::move(*made);
}

size_t count(const Part& part, Unknown unknown) {
  return static_cast<size_t>(std::ranges::count(part.fixups, unknown, &Fixup::unknown));
}

}  // namespace

TEST_CASE("filters that are written are read") {
  const Filters made = filters({"evt.type in (openat, dup) and evt.rawres >= 0 and fd.num = 3",
                                "evt.type = openat and fd.name startswith /etc/"});
  REQUIRE(made.size() == 2);
  const auto read = read_filters(write_filters(made), 2);
  REQUIRE(read.has_value());
  CHECK(*read == made);
}

TEST_CASE("what is too much to compare with is looked up in a map, by size") {
  std::string names, numbers;
  for (size_t i = 0; i <= kMostCompared; ++i) {
    names += fmt::format("{}/etc/{}", i == 0 ? "" : ", ", i % 2 == 0 ? i : i + 1'000'000'000);
    numbers += fmt::format("{}{}", i == 0 ? "" : ", ", 3 * i);
  }
  const Filters made = filters({fmt::format("evt.type = symlink and evt.arg.target in ({})", names),
                                fmt::format("evt.type = dup and evt.rawres in ({})", numbers)});
  REQUIRE(made.size() == 2);
  const auto read = read_filters(write_filters(made), 2);
  REQUIRE(read.has_value());
  CHECK(*read == made);
  const Filter& of_texts = made[0].sets.size() == 2 ? made[0] : made[1];
  const Filter& of_numbers = made[0].sets.size() == 2 ? made[1] : made[0];
  REQUIRE(of_texts.sets.size() == 2);
  CHECK(of_texts.sets[0].key_bytes == 8);
  CHECK(of_texts.sets[1].key_bytes == 16);
  CHECK(of_texts.sets[0].keys.size() + of_texts.sets[1].keys.size() == kMostCompared + 1);
  REQUIRE(of_numbers.sets.size() == 1);
  CHECK(of_numbers.sets[0].keys.size() == kMostCompared + 1);
}

TEST_CASE("what is no filter is refused, wherever it is cut or changed") {
  const std::string text = write_filters(filters({"evt.type = dup and evt.rawres in (1, 2)"}));
  for (size_t size = 0; size < text.size(); ++size) {
    CHECK_FALSE(read_filters(std::string_view(text).substr(0, size), 1).has_value());
  }
  CHECK_FALSE(read_filters(text + "x", 1).has_value());
  CHECK_FALSE(read_filters(text, 0).has_value());  // names a rule that there is not
  for (size_t i = 0; i < text.size(); ++i) {       // no change does harm to the reader
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 0xff);
    const auto read = read_filters(changed, 1);
    if (!read) continue;
    for (const Fixup& fixup : read->front().parts.front().fixups) {
      CHECK(fixup.instruction + 1 < read->front().parts.front().code.size());
    }
  }
}

TEST_CASE("a rule that the kernel cannot decide leaves only its own kind unfiltered") {
  const Filters made =
      filters({"evt.type = openat and proc.cwd = /x", "evt.type = openat and fd.num = 3",
               "evt.type = dup and fd.num = 3"});
  REQUIRE(made.size() == 1);
  CHECK(made.front().kind == static_cast<EventKind>(EventCode::DUP));
  CHECK(made.front().rules == std::vector<std::pair<uint32_t, uint8_t>>{{2, 0}});
}

TEST_CASE("what numbers rule out is decided before memory is read") {
  const auto plan =
      plan_filter(plans({"evt.type = openat and evt.rawres = 3 and fd.name = /etc/x"}).front());
  REQUIRE(plan.has_value());
  REQUIRE(plan->early.size() == 1);
  const PartPlan& part = plan->early.front();
  CHECK(print_guard(part.plan, part.by_numbers) == "ret in (3)");
  REQUIRE(part.if_nothing_found.has_value());
  CHECK(part.if_nothing_found->empty());
}

TEST_CASE("process facts are asked for in a part of their own, after all else") {
  const auto plan = plan_filter(plans({"evt.type = dup and evt.rawres = 3 and proc.name = x",
                                       "evt.type = dup and evt.rawres = 4"})
                                    .front());
  REQUIRE(plan.has_value());
  CHECK(plan->early.size() == 1);
  CHECK(plan->late.size() == 1);
  CHECK(plan->late_bits == 1);
  const Filters made = filters({"evt.type = dup and evt.rawres = 3 and proc.name = x"});
  REQUIRE(made.front().parts.size() == 2);
  CHECK(count(made.front().parts[0], Unknown::PART) == 1);
  CHECK(count(made.front().parts[1], Unknown::PART) == 0);
}

TEST_CASE("rules share candidate bits where there are more than 64") {
  std::vector<std::string> conditions;
  for (int i = 0; i < 200; ++i) {
    conditions.push_back(fmt::format("evt.type = openat and fd.name = /etc/file{}", i));
  }
  const Filters made = filters(conditions);
  REQUIRE(made.size() == 1);
  CHECK(made.front().rules.size() == 200);
  CHECK(made.front().rules.back() == std::pair<uint32_t, uint8_t>{199, 63});
}

TEST_CASE("a filter too long for one program is cut, and each part fits") {
  std::vector<std::string> conditions;
  for (int i = 0; i < 60; ++i) {
    std::string names;
    for (int j = 0; j < 40; ++j) names += fmt::format("/opt/application{}/file{}, ", i, j);
    conditions.push_back("evt.type = openat and fd.name in (" + names + "/x)");
  }
  const Filters made = filters(conditions);
  REQUIRE(made.size() == 1);
  CHECK(made.front().parts.size() > 2);
  for (const Part& part : made.front().parts) CHECK(part.code.size() < 32'000);
}

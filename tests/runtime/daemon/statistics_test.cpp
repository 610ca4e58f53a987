// Statistics of events and rules, as text and as JSON.
#include "runtime/daemon/statistics.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace falcod;

namespace {

falcoc::ir::Program program() {
  falcoc::ir::Program program;
  for (const char* name : {"First", "Second", "Third"}) {
    program.rules.emplace_back();
    program.rules.back().name = name;
  }
  return program;
}

EngineStats stats() {
  EngineStats stats;
  stats.kinds[static_cast<size_t>(falcoc::EventCode::OPENAT)] = {900, 850, 800, 7};
  stats.alerts_by_rule = {7, 0, 0};
  stats.candidates_by_rule = {700, 0, 20};
  stats.rule_times = {{4, 100}, {}, {2, 30}};
  return stats;
}

}  // namespace

TEST_CASE("statistics have a line for each kind and rule that anything happened to") {
  std::vector<uint64_t> rejected(falcoc::kEventKinds);
  rejected[static_cast<size_t>(falcoc::EventCode::OPENAT)] = 5000;
  rejected[static_cast<size_t>(falcoc::EventCode::WRITE)] = 12;
  const std::string text = statistics_text(program(), stats(), rejected);
  CHECK(
      text ==
      "event                            seen     filtered   candidates    evaluated      matched\n"
      "write                              12           12            0            0            0\n"
      "openat                           5900         5000          850          800            7\n"
      "rule     candidates      matched           ns      samples\n"
      "First           700            7           25            4\n"
      "Third            20            0           15            2\n");
}

TEST_CASE("statistics as JSON are one line") {
  const std::string text = statistics_json(program(), stats());
  CHECK(text.find('\n') == text.size() - 1);
  const auto json = nlohmann::json::parse(text);
  CHECK(json.at("events").size() == 1);
  CHECK(json.at("events")[0].at("evaluated") == 800);
  CHECK(json.at("events")[0].at("seen") == 900);
  CHECK(json.at("events")[0].at("filtered") == 0);
  CHECK(json.at("rules").size() == 2);
  CHECK(json.at("rules")[1].at("rule") == "Third");
  CHECK(json.at("rules")[1].at("mean_ns") == 15);
}

TEST_CASE("without samples a rule has its alerts only") {
  EngineStats without = stats();
  without.rule_times.clear();
  without.candidates_by_rule.clear();
  const auto json = nlohmann::json::parse(statistics_json(program(), without));
  REQUIRE(json.at("rules").size() == 1);
  CHECK(json.at("rules")[0].at("matched") == 7);
  CHECK(json.at("rules")[0].at("samples") == 0);
}

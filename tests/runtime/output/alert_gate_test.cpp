// Which alerts pass in front of a sink's queue: not those for others, not repeats, not too many.
// Time is made up.
#include "runtime/output/alert_gate.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace falcod;
using namespace std::chrono_literals;
using Verdict = AlertGate::Verdict;

namespace {

using Routes = std::vector<std::optional<std::string>>;
const AlertGate::Time kBegin = AlertGate::Time{} + 1h;

Message alert(std::string rule, Routes routes = {}) {
  return {.line = "10:00:00: Warning " + rule,
          .rule = std::move(rule),
          .json = std::make_shared<const std::string>(
              R"({"output":"10:00:00: Warning x","output_fields":{"proc.name":"cat"}})"),
          .routes = std::make_shared<const Routes>(std::move(routes))};
}

}  // namespace

TEST_CASE("a route decides whether an alert is for the sink") {
  AlertGate gate({.route = 1});
  CHECK(gate.ask(alert("r", {"", std::nullopt}), kBegin) == Verdict::NOT_FOR_IT);
  CHECK(gate.ask(alert("r", {std::nullopt, ""}), kBegin) == Verdict::PASSES);
  CHECK(gate.next_due() == std::nullopt);
}

TEST_CASE("alike alerts are held back, and one says at the end of the time how many they were") {
  AlertGate gate({.route = 0, .window = 60s});
  CHECK(gate.ask(alert("r", {"a"}), kBegin) == Verdict::PASSES);
  CHECK(gate.ask(alert("r", {"a"}), kBegin + 1s) == Verdict::REPEATED);
  CHECK(gate.ask(alert("r", {"b"}), kBegin + 2s) == Verdict::PASSES);  // another container
  CHECK(gate.ask(alert("s", {"a"}), kBegin + 2s) == Verdict::PASSES);  // another rule
  CHECK(gate.ask(alert("r", {"a"}), kBegin + 59s) == Verdict::REPEATED);
  CHECK(gate.next_due() == kBegin + 60s);
  CHECK(gate.take_due(kBegin + 59s).empty());
  const auto due = gate.take_due(kBegin + 60s);
  REQUIRE(due.size() == 1);
  CHECK(due[0].line == "10:00:00: Warning r (×2 in 60 s)");
  const auto json = nlohmann::json::parse(*due[0].json);
  CHECK(json["output"] == "10:00:00: Warning x (×2 in 60 s)");
  CHECK(json["output_fields"]["falcod.repeats"] == 2);
  CHECK(json["output_fields"]["falcod.repeats_seconds"] == 60);
  CHECK(json["output_fields"]["proc.name"] == "cat");

  // what goes on comes once in each window, then is forgotten
  CHECK(gate.ask(alert("r", {"a"}), kBegin + 61s) == Verdict::REPEATED);
  CHECK(gate.take_due(kBegin + 120s).size() == 1);
  CHECK(gate.take_due(kBegin + 181s).empty());
  CHECK(gate.next_due() == std::nullopt);
  CHECK(gate.ask(alert("r", {"a"}), kBegin + 182s) == Verdict::PASSES);
}

TEST_CASE("repeats whose time is over while the sink stands still are still counted") {
  AlertGate gate({.window = 60s});
  CHECK(gate.ask(alert("r"), kBegin) == Verdict::PASSES);
  CHECK(gate.ask(alert("r"), kBegin + 1s) == Verdict::REPEATED);
  CHECK(gate.ask(alert("r"), kBegin + 100s) == Verdict::REPEATED);
  const auto due = gate.take_due(kBegin + 200s);
  REQUIRE(due.size() == 1);
  CHECK(due[0].line.ends_with("(×2 in 200 s)"));
  // without repeats the time is just over
  CHECK(gate.ask(alert("s"), kBegin) == Verdict::PASSES);
  CHECK(gate.ask(alert("s"), kBegin + 61s) == Verdict::PASSES);
}

TEST_CASE("what is held back comes out at the end") {
  AlertGate gate({.window = 60s});
  gate.ask(alert("r"), kBegin);
  gate.ask(alert("r"), kBegin + 1s);
  gate.ask(alert("s"), kBegin + 1s);
  const auto all = gate.take_all(kBegin + 2s);
  REQUIRE(all.size() == 1);
  CHECK(all[0].line.ends_with("(×1 in 2 s)"));
  CHECK(gate.take_all(kBegin + 3s).empty());
}

TEST_CASE("a limit lets bursts through and then what it takes in the time") {
  AlertGate gate({.limit = 3, .limit_time = 60s});
  for (int i = 0; i < 3; ++i) CHECK(gate.ask(alert("r"), kBegin) == Verdict::PASSES);
  CHECK(gate.ask(alert("r"), kBegin) == Verdict::OVER_LIMIT);
  CHECK(gate.ask(alert("r"), kBegin + 19s) == Verdict::OVER_LIMIT);
  CHECK(gate.ask(alert("r"), kBegin + 21s) == Verdict::PASSES);
  CHECK(gate.ask(alert("r"), kBegin + 22s) == Verdict::OVER_LIMIT);
  // a long silence fills it to the limit, not beyond
  for (int i = 0; i < 3; ++i) CHECK(gate.ask(alert("r"), kBegin + 3600s) == Verdict::PASSES);
  CHECK(gate.ask(alert("r"), kBegin + 3600s) == Verdict::OVER_LIMIT);
}

TEST_CASE("repeats do not use up the limit") {
  AlertGate gate({.window = 60s, .limit = 2, .limit_time = 60s});
  CHECK(gate.ask(alert("r"), kBegin) == Verdict::PASSES);
  for (int i = 0; i < 10; ++i) CHECK(gate.ask(alert("r"), kBegin + 1s) == Verdict::REPEATED);
  CHECK(gate.ask(alert("s"), kBegin + 1s) == Verdict::PASSES);
}

TEST_CASE("what falcod says of itself passes") {
  AlertGate gate({.route = 0, .window = 60s, .limit = 1, .limit_time = 60s});
  const Message internal{.line = "Falco internal: alerts lost", .rule = "Falco internal"};
  for (int i = 0; i < 3; ++i) CHECK(gate.ask(internal, kBegin) == Verdict::PASSES);
}

TEST_CASE("kinds of alerts beyond the bound pass, and cost nothing") {
  AlertGate gate({.window = 60s});
  for (size_t i = 0; i < AlertGate::kMaxGroups + 10; ++i) {
    CHECK(gate.ask(alert("r" + std::to_string(i)), kBegin) == Verdict::PASSES);
  }
  CHECK(gate.ask(alert("r0"), kBegin + 1s) == Verdict::REPEATED);
  CHECK(gate.ask(alert("r" + std::to_string(AlertGate::kMaxGroups + 5)), kBegin + 1s) ==
        Verdict::PASSES);
}

TEST_CASE("alerts as JSON lines tell of repeats inside; what is no object stays") {
  Message message{.line = R"({"output":"x","rule":"r"})", .rule = "r"};
  const auto json = nlohmann::json::parse(with_repeats(message, 3, 10s).line);
  CHECK(json["output"] == "x (×3 in 10 s)");
  CHECK(json["output_fields"]["falcod.repeats"] == 3);
  message.line = "{broken";
  CHECK(with_repeats(message, 3, 10s).line == "{broken");
}

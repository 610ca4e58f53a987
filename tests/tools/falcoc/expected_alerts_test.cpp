// How alerts that came are compared with those expected.
#include "tools/falcoc/expected_alerts.h"

#include <doctest/doctest.h>

namespace falcoc::cli {
namespace {

using Kind = AlertDifference::Kind;

AlertJson alert(const char* rule, const char* file) {
  return {{"time", "2026-01-01T00:00:00.000000000Z"},
          {"priority", "Warning"},
          {"rule", rule},
          {"output_fields", {{"fd.name", file}}}};
}

std::vector<Kind> kinds(const std::vector<AlertDifference>& differences) {
  std::vector<Kind> kinds;
  for (const AlertDifference& difference : differences) kinds.push_back(difference.kind);
  return kinds;
}

TEST_CASE("expected alerts: the same alerts in the same order are no difference") {
  const std::vector<AlertJson> alerts{alert("a", "/x"), alert("b", "/y"), alert("a", "/x")};
  CHECK(compare_alerts(alerts, alerts).empty());
}

TEST_CASE("expected alerts: what an expected alert does not mention may be anything") {
  const std::vector<AlertJson> expected{{{"rule", "a"}}, {{"output_fields", {{"fd.name", "/y"}}}}};
  CHECK(compare_alerts(expected, {alert("a", "/x"), alert("b", "/y")}).empty());
}

TEST_CASE("expected alerts: missing, unexpected and changed ones are told apart") {
  const std::vector<AlertJson> expected{alert("a", "/1"), alert("b", "/2"), alert("c", "/3")};
  SUBCASE("missing") {
    CHECK(kinds(compare_alerts(expected, {expected[0], expected[2]})) ==
          std::vector{Kind::MISSING});
  }
  SUBCASE("unexpected") {
    CHECK(kinds(compare_alerts(expected, {expected[0], alert("d", "/4"), expected[1],
                                          expected[2]})) == std::vector{Kind::UNEXPECTED});
  }
  SUBCASE("changed") {
    const auto differences = compare_alerts(expected, {expected[0], alert("b", "/9"), expected[2]});
    REQUIRE(kinds(differences) == std::vector{Kind::CHANGED});
    REQUIRE(differences[0].values.size() == 1);
    CHECK(differences[0].values[0].key == "output_fields.fd.name");
    CHECK(differences[0].values[0].expected == "\"/2\"");
    CHECK(differences[0].values[0].got == "\"/9\"");
  }
  SUBCASE("out of order") {
    CHECK(kinds(compare_alerts(expected, {expected[1], expected[0], expected[2]})) ==
          std::vector{Kind::MISSING, Kind::UNEXPECTED});
  }
  SUBCASE("all of them") {
    CHECK(compare_alerts(expected, {}).size() == 3);
    CHECK(compare_alerts({}, expected).size() == 3);
  }
}

TEST_CASE("expected alerts: lines of Falco and of falcod, and what --update writes") {
  const char* line =
      R"j({"hostname":"h","output":"12:00:00.123456789: Warning Read (file=/x)","priority":"WARNING",)j"
      R"j("rule":"a","source":"syscall","tags":["t"],"time":"2026-01-01T00:00:00Z"})j";
  const auto alerts = parse_alerts(std::string(line) + "\n\n" + line + "\n");
  REQUIRE(alerts);
  REQUIRE(alerts->size() == 2);
  CHECK_FALSE((*alerts)[0].contains("hostname"));
  CHECK((*alerts)[0]["output"] == "Read (file=/x)");
  const auto again = parse_alerts(write_alerts(*alerts));
  REQUIRE(again);
  CHECK(*again == *alerts);
  AlertJson ours = (*alerts)[0];
  ours["priority"] = "Warning";
  CHECK(compare_alerts({(*alerts)[0]}, {ours}).empty());
}

TEST_CASE("expected alerts: files that hold none are refused with the place") {
  CHECK(parse_alerts("").value().empty());
  CHECK(parse_alerts("[]").value().empty());
  CHECK(parse_alerts("[1]").error() == "it is no JSON array of objects");
  CHECK(parse_alerts("{}\nnonsense\n").error() == "line 2 is no JSON object");
}

TEST_CASE("expected alerts: a message that looks like none keeps all of its text") {
  const AlertJson kept = normal_alert({{"output", "no: priority here"}});
  CHECK(kept["output"] == "no: priority here");
}

}  // namespace
}  // namespace falcoc::cli

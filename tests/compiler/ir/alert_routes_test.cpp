// Which alerts go where, as conditions of the rule language on events and on what the rule itself
// says.
#include "compiler/ir/alert_routes.h"

#include <doctest/doctest.h>

#include "compiler/ir/evaluate.h"
#include "tests/compiler/ir/compiling.h"

using namespace falcoc;
using namespace falcoc::ir;

namespace {

const std::string kRules =
    "- rule: Shell\n  desc: d\n  condition: evt.type=execve\n  output: a\n  priority: WARNING\n"
    "  tags: [shell, host]\n"
    "- rule: Read\n  desc: d\n  condition: evt.type=open\n  output: b\n  priority: INFO\n";

struct Routed {
  Compilation compiled{kRules};
  Diagnostics diagnostics;
  Program program;

  explicit Routed(const std::vector<AlertRouteText>& routes)
      : program(add_alert_routes(compiled.program, routes, {{"static.env", "prod"}},
                                 compiled.sources, diagnostics)) {}
  explicit Routed(std::string when)
      : Routed(std::vector<AlertRouteText>{{.name = "sinks.slack", .when = std::move(when)}}) {}

  /// The first route's condition on alerts of a rule.
  std::string condition(size_t rule) const {
    return print_condition(program, program.rules.at(rule).routes.at(0));
  }
  std::vector<Code> codes() const {
    std::vector<Code> codes;
    for (const Diagnostic& item : diagnostics.items()) codes.push_back(item.code);
    return codes;
  }
};

/// The condition on alerts of Shell and of Read is decided by the rules alone.
void check_decided(const std::string& when, bool shell, bool read) {
  CAPTURE(when);
  const Routed routed(when);
  CHECK(routed.codes().empty());
  const FieldSource nothing{nullptr, {}};
  ValueArena arena;
  const auto holds = [&](size_t rule) {
    return evaluate(routed.program, routed.program.rules.at(rule).routes.at(0), nothing, arena);
  };
  CHECK(holds(0) == shell);
  CHECK(holds(1) == read);
}

}  // namespace

TEST_CASE("what a rule says of its alerts decides") {
  check_decided("alert.rule = Shell", true, false);
  check_decided("alert.rule startswith She or alert.rule in (Read, Write)", true, true);
  check_decided("not alert.rule contains ea", true, false);
  check_decided("alert.source = syscall", true, true);
  check_decided("alert.tags in (host, net)", false, true);  // all tags, of which there may be none
  check_decided("alert.tags intersects (host, net)", true, false);
  check_decided("alert.priority = warning", true, false);
  check_decided("alert.priority != Warning", false, true);
  check_decided("alert.priority in (info, informational, debug)", false, true);
  check_decided("alert.priority <= 4", true, false);
  check_decided("alert.priority < 4", false, false);
  check_decided("alert.priority >= 6", false, true);
  check_decided("static.env = prod and alert.rule = Read", false, true);
  check_decided("alert.priority > 3", true, true);
  check_decided("alert.priority exists", true, true);
  check_decided("", true, true);
}

TEST_CASE("fields of the event stay, for alerts that they can still decide") {
  const Routed routed("alert.priority = warning and container.id = host");
  CHECK(routed.condition(0).find("container.id") != std::string::npos);
  CHECK(routed.program.node(routed.program.rules[1].routes[0]).kind != Node::Kind::TRUE);
  CHECK(routed.program.rules.size() == 2);
  CHECK(print_condition(routed.program, routed.program.rules[1].condition) ==
        print_condition(routed.compiled.program, routed.compiled.program.rules[1].condition));
}

TEST_CASE("what alerts have in common is the text of fields") {
  const Routed routed(std::vector<AlertRouteText>{
      {.name = "sinks.slack", .when = {}, .group = {"container.id", "proc.name"}},
      {.name = "sinks.loki"}});
  CHECK(routed.codes().empty());
  REQUIRE(routed.program.routes.size() == 2);
  CHECK(routed.program.routes[0].name == "sinks.slack");
  CHECK(routed.program.routes[0].group.size() == 3);  // a separator between
  CHECK(routed.program.routes[1].group.empty());
  CHECK(routed.program.rules[0].routes.size() == 2);
}

TEST_CASE("what is wrong is said once, at its place, and nothing is lost by it") {
  struct Case {
    std::string when;
    Code code;
    std::string_view place;
  };
  for (const Case& tested : {Case{"alert.rule = Shell and", Code::CONNECTIVE_EXPECTED, ""},
                             Case{"alert.priority = loud", Code::PRIORITY_UNKNOWN, "loud"},
                             Case{"alert.priority contains warn", Code::OPERATOR_TYPE, "contains"},
                             Case{"spawned_process", Code::MACRO_UNDEFINED, "spawned_process"},
                             Case{"proc.nmae = cat", Code::FIELD_UNKNOWN, "proc.nmae"},
                             Case{"alert.pod = x", Code::FIELD_UNKNOWN, "alert.pod"}}) {
    CAPTURE(tested.when);
    const Routed routed(tested.when);
    REQUIRE(routed.diagnostics.items().size() == 1);
    const Diagnostic& item = routed.diagnostics.items().front();
    CHECK(item.code == tested.code);
    if (!tested.place.empty()) CHECK(routed.compiled.written(item.span) == tested.place);
    CHECK(routed.condition(0) == routed.condition(1));  // always
  }
  const Routed routed(
      std::vector<AlertRouteText>{{.name = "sinks.slack", .when = {}, .group = {"proc.name x"}}});
  CHECK(routed.codes() == std::vector{Code::OUTPUT_TOKEN_INVALID});
}

TEST_CASE("without routes nothing changes") {
  const Routed routed(std::vector<AlertRouteText>{});
  CHECK(routed.program.routes.empty());
  CHECK(routed.program.rules[0].routes.empty());
}

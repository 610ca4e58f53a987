// The match loop on synthetic records: which rules report, on whom, and what is counted.
#include "runtime/engine/engine.h"

#include <doctest/doctest.h>

#include "compiler/ir/compile.h"
#include "tests/support/record_builder.h"

using namespace falcod;
using falcoc::EventCode;
using falcod::testing::RecordBuilder;

namespace {

/// Above every pid there is: no test reads a real process.
constexpr uint32_t kPid = 5'000'000;
constexpr uint32_t kInit = 1;

constexpr std::string_view kTwoRules = R"(
- rule: first
  desc: d
  condition: evt.type = openat and fd.name = /tmp/a
  output: first %fd.name %proc.name
  priority: WARNING
- rule: second
  desc: d
  condition: evt.type = openat and fd.name startswith /tmp
  output: second %fd.name %proc.name
  priority: NOTICE
)";

falcoc::ir::Program compile(std::string_view yaml) {
  falcoc::SourceMap sources;
  falcoc::rules::RuleSet rules;
  falcoc::Diagnostics diagnostics;
  REQUIRE(falcoc::rules::load_rules(sources.add("test.yaml", std::string(yaml)), sources, rules,
                                    diagnostics));
  falcoc::ir::Program program = falcoc::ir::compile(rules, {}, diagnostics);
  REQUIRE_FALSE(diagnostics.has_errors());
  return program;
}

constexpr uint16_t kind_of(EventCode code) { return static_cast<uint16_t>(code); }

RecordBuilder open_record(std::string_view path, uint32_t pid = kPid) {
  constexpr uint16_t kName = 2;  // openat: fd, dirfd, name
  RecordBuilder record(kind_of(EventCode::OPENAT));
  record.task(pid, kInit, "reader").time_ns(1'000'000'000).ret(3).text(kName, path);
  return record;
}

struct Running {
  std::vector<std::string> lines;
  falcoc::Diagnostics diagnostics;
  std::unique_ptr<Engine> engine;

  explicit Running(falcoc::ir::Program program, AlertOptions options = {},
                   Evaluator evaluator = Evaluator::REFERENCE) {
    EngineOptions engine_options;
    engine_options.evaluator = evaluator;
    engine_options.boot_to_epoch_ns = 0;
    engine_options.hostname = "host";
    auto created = Engine::create(
        std::move(program), options, [this](const Alert& alert) { lines.emplace_back(alert.line); },
        diagnostics, engine_options);
    REQUIRE(created);
    engine = std::move(*created);
  }

  void open(std::string_view path, uint32_t pid = kPid) {
    engine->on_record(open_record(path, pid).bytes());
  }
  bool reported(size_t index, std::string_view text) const {
    return lines.at(index).find(text) != std::string::npos;
  }
};

}  // namespace

TEST_CASE("the first matching rule reports, in load order") {
  Running run(compile(kTwoRules));
  run.open("/tmp/a");
  run.open("/tmp/b");
  run.open("/etc/c");
  REQUIRE(run.lines.size() == 2);
  CHECK(run.reported(0, ": Warning first /tmp/a reader"));
  CHECK(run.reported(1, ": Notice second /tmp/b reader"));
  const EngineStats stats = run.engine->stats();
  CHECK(stats.events == 3);
  CHECK(stats.alerts == 2);
  CHECK(stats.alerts_by_rule == std::vector<uint64_t>{1, 1});
  CHECK(stats.alerts_by_priority[static_cast<size_t>(falcoc::Priority::WARNING)] == 1);
}

TEST_CASE("with rule_matching all every matching rule reports") {
  AlertOptions options;
  options.all_rules = true;
  Running run(compile(kTwoRules), options);
  run.open("/tmp/a");
  REQUIRE(run.lines.size() == 2);
  CHECK(run.reported(0, "first"));
  CHECK(run.reported(1, "second"));
}

TEST_CASE("rules that are armed at once serve before and behind their completion") {
  std::vector<std::string> lines;
  falcoc::Diagnostics diagnostics;
  EngineOptions options{
      .hostname = "host", .boot_to_epoch_ns = 0, .filtered = true, .at_once = true};
  auto created = Engine::create(
      compile(kTwoRules), {}, [&](const Alert& alert) { lines.emplace_back(alert.line); },
      diagnostics, options);
  REQUIRE(created);
  Engine& engine = **created;
  CHECK_FALSE(engine.native());  // there is no cache to find it in
  CHECK(engine.rules().filters().empty());
  const falcoc::EventSet before = engine.wanted();
  engine.on_record(open_record("/tmp/a").bytes());
  CHECK(lines.size() == 1);

  Completion completion = engine.complete(engine.rules(), diagnostics);
  CHECK(completion.ruleset == engine.rules().number());
  engine.on_record(open_record("/tmp/a").bytes());
  CHECK(lines.size() == 2);
  engine.use(std::move(completion));
  CHECK(engine.native());
  CHECK_FALSE(engine.rules().filters().empty());
  CHECK((engine.wanted() & ~before).none());  // events that were not seen until now
  engine.on_record(open_record("/tmp/a").bytes());
  engine.on_record(open_record("/etc/c").bytes());
  CHECK(lines.size() == 3);
  CHECK(engine.stats().alerts == 3);
  CHECK(diagnostics.items().empty());
}

TEST_CASE("what was stopped is not completed, and the rules serve on") {
  std::vector<std::string> lines;
  falcoc::Diagnostics diagnostics;
  std::stop_source stop;
  EngineOptions options{.hostname = "host", .boot_to_epoch_ns = 0, .at_once = true};
  options.code.stop = stop.get_token();
  auto created = Engine::create(
      compile(kTwoRules), {}, [&](const Alert& alert) { lines.emplace_back(alert.line); },
      diagnostics, options);
  REQUIRE(created);
  stop.request_stop();
  Completion completion = (*created)->complete((*created)->rules(), diagnostics);
  CHECK(completion.native == nullptr);
  (*created)->use(std::move(completion));
  (*created)->on_record(open_record("/tmp/a").bytes());
  CHECK(lines.size() == 1);
}

TEST_CASE("rules are exchanged between two records; counts go with the names of rules") {
  Running run(compile(kTwoRules));
  run.open("/tmp/a");
  run.open("/tmp/b");
  auto next = run.engine->arm(compile(R"(
- rule: third
  desc: d
  condition: evt.type = openat and fd.name = /tmp/a
  output: third
  priority: NOTICE
- rule: first
  desc: d
  condition: evt.type = openat and fd.name = /etc/c
  output: first
  priority: ERROR
)"),
                              run.diagnostics);
  REQUIRE(next);
  const auto former = run.engine->replace_rules(std::move(*next));
  CHECK(former->program().rules.size() == 2);
  run.open("/tmp/a");
  run.open("/etc/c");
  REQUIRE(run.lines.size() == 4);
  CHECK(run.reported(2, "third"));
  CHECK(run.reported(3, "first"));
  const EngineStats stats = run.engine->stats();
  CHECK(stats.events == 4);
  CHECK(stats.alerts_by_rule == std::vector<uint64_t>{1, 2});
  CHECK(stats.alerts_by_former_rule == std::map<std::string, uint64_t>{{"second", 1}});
}

TEST_CASE("native code reports what the reference evaluator reports") {
  Running reference(compile(kTwoRules));
  Running native(compile(kTwoRules), {}, Evaluator::NATIVE);
  CHECK_FALSE(reference.engine->native());
  CHECK(native.engine->native());
  CHECK(native.engine->wanted() == reference.engine->wanted());
  for (const char* path : {"/tmp/a", "/tmp/b", "/etc/c", ""}) {
    reference.open(path);
    native.open(path);
  }
  CHECK(native.lines == reference.lines);
  CHECK(native.lines.size() == 2);
}

TEST_CASE("rules less severe than the minimum priority neither report nor hide others") {
  AlertOptions options;
  options.minimum_priority = falcoc::Priority::WARNING;
  Running run(compile(kTwoRules), options);
  run.open("/tmp/b");
  CHECK(run.lines.empty());
  run.open("/tmp/a");
  CHECK(run.lines.size() == 1);
}

TEST_CASE("rules of another source than system calls never report") {
  falcoc::ir::Program program = compile(kTwoRules);
  for (falcoc::ir::Rule& rule : program.rules) rule.source = "k8s_audit";
  Running run(std::move(program));
  run.open("/tmp/a");
  CHECK(run.lines.empty());
}

TEST_CASE(
    "with only_tracked, untracked processes are not reported, later forks of tracked ones are") {
  Running run(compile(kTwoRules));
  run.engine->only_tracked(true);
  run.open("/tmp/a", kPid);
  run.open("/tmp/a", kPid + 1);
  CHECK(run.lines.empty());
  run.engine->processes().track(kPid);
  run.open("/tmp/a", kPid);
  run.open("/tmp/a", kPid + 1);
  CHECK(run.lines.size() == 1);

  RecordBuilder fork(FC_STATE_FORK);
  fork.task(kPid + 2, kPid, "reader").time_ns(2'000'000'000);
  fc_fork who{};
  who.parent_pid = kPid;
  who.parent_tid = kPid;
  fork.structure(FC_ITEM_FORK, who);
  run.engine->on_record(fork.bytes());
  run.open("/tmp/a", kPid + 2);
  CHECK(run.lines.size() == 2);
}

TEST_CASE("wanted are the kinds of the rules and those that state needs") {
  const Running two(compile(kTwoRules));
  const falcoc::EventSet opens = two.engine->wanted();
  CHECK(opens.test(kind_of(EventCode::OPENAT)));
  CHECK_FALSE(opens.test(kind_of(EventCode::OPEN)));
  for (const EventCode code : {EventCode::EXECVE, EventCode::EXECVEAT, EventCode::PROCEXIT}) {
    CHECK(opens.test(kind_of(code)));
  }
  // who connected is the probe's to note
  CHECK_FALSE(opens.test(kind_of(EventCode::CONNECT)));
  CHECK(two.engine->details().socket_roles);
  const Running one(compile(R"(
- rule: r
  desc: d
  condition: evt.type = kill
  output: o
  priority: ERROR
)"));
  CHECK(one.engine->wanted().test(kind_of(EventCode::KILL)));
  CHECK_FALSE(one.engine->details().socket_roles);
}

TEST_CASE("a malformed record is counted and reports nothing") {
  Running run(compile(kTwoRules));
  RecordBuilder record = open_record("/tmp/a");
  run.engine->on_record(record.bytes().first(record.bytes().size() - 8));
  CHECK(run.lines.empty());
  CHECK(run.engine->stats().malformed == 1);
  CHECK(run.engine->stats().events == 0);
}

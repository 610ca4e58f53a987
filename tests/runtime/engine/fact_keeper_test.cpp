// Process facts from rules to the kernel's map: what is written, when, and that it is what the
// reference evaluator says.
#include "runtime/engine/fact_keeper.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "tests/compiler/ir/compiling.h"
#include "tests/runtime/state/process_records.h"

using namespace falcod;
using namespace falcod::testing;
namespace ir = falcoc::ir;

namespace {

constexpr const char* kCondition =
    "evt.type = open and (fd.num = 1 or proc.name = ls or proc.pname = bash or user.uid = 7 or "
    "user.name = root or proc.tty != 0)";

/// A table, rules and the memory that the kernel would read.
struct Kept {
  ir::Compilation compiled;
  FactRules rules;
  Fixture processes;
  Users users;
  std::vector<fc_facts> slots{FC_FACT_SLOTS};
  uint32_t generation = 0;
  FactStore store{slots, generation, 12345};
  FactKeeper keeper;
  FactKeeper::Clock::time_point now;

  explicit Kept(const std::string& condition = kCondition)
      : compiled(ir::rule_yaml(condition)),
        rules(compiled.program, 9),
        keeper(processes.table, users, "host") {
    processes.table.on_change([this](const Process& process, ProcessChange changes) {
      keeper.on_change(process, changes);
    });
    keeper.use(&rules);
    keeper.use(store);
    keeper.update(
        now);  // reads the host's users, whose first version would make all facts due at once
  }

  ProcessPtr apply(RecordBuilder record, uint32_t exec_id) {
    record.header().task.exec_id = exec_id;
    return processes.apply(std::move(record));
  }
  void settle() {
    now += FactKeeper::kSettle;
    while (keeper.update(now)) {
    }
  }
  const fc_facts* find(uint32_t pid) const {
    const auto found = std::ranges::find(slots, pid, &fc_facts::pid);
    return found == slots.end() ? nullptr : &*found;
  }
  /// "true", "false", "unknown" of the fact with this text, "none" without entry or fact.
  std::string known(uint32_t pid, std::string_view text) const {
    const fc_facts* entry = find(pid);
    for (const ir::ProcessFact& fact : rules.facts().facts) {
      if (entry == nullptr || rules.text(fact) != text) continue;
      const auto bit = [&](const fc_u64* words) {
        return (words[fact.bit / 64] >> fact.bit % 64 & 1) != 0;
      };
      if (bit(entry->may_be_true)) return bit(entry->may_be_false) ? "unknown" : "true";
      return bit(entry->may_be_false) ? "false" : "impossible";
    }
    return "none";
  }
  /// A shell and a child of it, both known exactly.
  void start_child() {
    apply(exec_record(kShell, kInit, "bash"), 3);
    apply(fork_record(kShell, kChild, "bash"), 3);
    apply(exec_record(kChild, kShell, "ls"), 4);
  }
};

}  // namespace

TEST_CASE("facts are written once a process has settled, with what it was then") {
  Kept kept;
  kept.start_child();
  kept.keeper.update(kept.now);
  CHECK(kept.find(kChild) == nullptr);
  kept.settle();
  const fc_facts* entry = kept.find(kChild);
  REQUIRE(entry != nullptr);
  CHECK(entry->exec_id == 4);
  CHECK(entry->start_time_ns == kChild * kSecond);
  CHECK(entry->tty == 34816);
  CHECK(entry->ruleset == 9);
  CHECK(entry->generation == kept.generation);
  CHECK(kept.known(kChild, "proc.name = ls") == "true");
  CHECK(kept.known(kShell, "proc.name = ls") == "false");
  CHECK(kept.known(kChild, "user.uid = 7") == "false");
  CHECK(kept.known(kChild, "proc.tty != 0") == "true");
}

TEST_CASE("what an ancestor is belongs to what a fact about it was found for") {
  Kept kept;
  kept.processes.table.find(kInit)->exec_id = 1;
  kept.start_child();
  kept.settle();
  CHECK(kept.known(kChild, "proc.pname = bash") == "true");
  uint64_t sum = FC_ANCESTRY_BEGIN;
  sum = fc_ancestry_step(sum, 12345, kShell, kShell * kSecond, 3);
  sum = fc_ancestry_step(sum, 12345, kInit, kInit * kSecond, 1);
  CHECK(kept.find(kChild)->ancestry == sum);
}

TEST_CASE("of an ancestor that is not known exactly nothing is claimed") {
  Kept kept;
  kept.processes.table.find(kInit)->exec_id = 0;
  kept.start_child();
  kept.settle();
  CHECK(kept.find(kChild)->ancestry == 0);
}

TEST_CASE("an execution voids the facts of a process and of those that descend from it, at once") {
  Kept kept;
  kept.start_child();
  kept.settle();
  kept.apply(exec_record(kShell, kInit, "zsh"), 5);
  CHECK(kept.find(kShell) == nullptr);
  CHECK(kept.find(kChild) == nullptr);
  kept.settle();
  CHECK(kept.find(kShell)->exec_id == 5);
  CHECK(kept.known(kChild, "proc.pname = bash") == "false");
}

TEST_CASE(
    "a process that ends before it settled is not evaluated, and one that ends later is removed") {
  Kept kept;
  kept.start_child();
  kept.apply(exit_record(kChild, kShell, 1, 0), 4);
  kept.settle();
  CHECK(kept.find(kChild) == nullptr);
  CHECK(kept.find(kShell) != nullptr);
  kept.apply(exit_record(kShell, kInit, 1, 0), 3);
  CHECK(kept.find(kShell) == nullptr);
}

TEST_CASE("a process that is not known exactly has no facts until it is") {
  Kept kept;
  Process process;
  process.pid = process.vpid = kGrandchild;
  process.ppid = kShell;
  process.start_time_ns = kGrandchild * kSecond;
  kept.processes.table.add(process);
  kept.settle();
  CHECK(kept.find(kGrandchild) == nullptr);
  kept.apply(call_record(kGrandchild, kShell, "any"), 2);
  kept.settle();
  CHECK(kept.find(kGrandchild) != nullptr);
}

TEST_CASE("another user is another state") {
  Kept kept;
  kept.start_child();
  kept.settle();
  auto record = call_record(kChild, kShell, "ls");
  record.header().task.uid = 7;
  kept.apply(std::move(record), 4);
  CHECK(kept.find(kChild) == nullptr);
  kept.settle();
  CHECK(kept.find(kChild)->uid == 7);
  CHECK(kept.known(kChild, "user.uid = 7") == "true");
}

TEST_CASE("a user's name is nothing that is known in a container") {
  Kept kept;
  kept.start_child();
  kept.settle();
  CHECK(kept.known(kChild, "user.name = root") == "true");
  auto record = exec_record(kChild, kShell, "ls");
  const std::string id(64, 'a');
  kept.apply(std::move(record.text(FC_ITEM_CGROUP, "=/docker/" + id)), 5);
  kept.settle();
  CHECK(kept.processes.table.find(kChild)->cgroups->container_full_id == id);
  CHECK(kept.known(kChild, "user.name = root") == "unknown");
  CHECK(kept.known(kChild, "proc.name = ls") == "true");
}

TEST_CASE("other rules void all facts and have their own") {
  Kept kept;
  kept.start_child();
  kept.settle();
  const uint32_t before = kept.generation;
  const ir::Compilation other(ir::rule_yaml("evt.type = open and proc.name = cat"));
  FactRules rules(other.program, 10);
  kept.keeper.use(&rules);
  CHECK(kept.generation != before);
  kept.settle();
  CHECK(kept.find(kChild)->ruleset == 10);
  CHECK(kept.find(kChild)->may_be_true[0] == ~uint64_t{1});
  CHECK(kept.find(kChild)->may_be_false[0] == ~uint64_t{0});
}

TEST_CASE("rules without facts write nothing") {
  Kept kept("evt.type = open and fd.num = 1");
  kept.start_child();
  kept.settle();
  CHECK(kept.store.used() == 0);
  CHECK(kept.keeper.stats().evaluated == 0);
}

namespace {

/// Processes and conditions about them, drawn from few values so that every answer occurs.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  std::string name() { return pick({"bash", "ls", "cat", "nginx"}); }
  uint32_t below(uint32_t limit) { return random_() % limit; }

  std::string condition(int depth) {
    if (depth == 0 || below(4) == 0) return atom();
    const std::string kind = pick({" and ", " or "});
    std::string text = "(" + condition(depth - 1);
    for (uint32_t i = 0; i <= below(3); ++i) text += kind + condition(depth - 1);
    return (below(3) == 0 ? "not " : "") + text + ")";
  }

 private:
  std::string pick(std::initializer_list<const char*> choices) {
    return choices.begin()[below(static_cast<uint32_t>(choices.size()))];
  }
  std::string atom() {
    const std::string field = pick(
        {"proc.name", "proc.pname", "proc.aname[2]", "proc.aname", "proc.exe", "proc.args[0]"});
    switch (below(6)) {
      case 0:
        return field + " in (" + name() + ", " + name() + ")";
      case 1:
        return "user.uid = " + std::to_string(below(2));
      case 2:
        return "proc.cmdline contains " + name();
      case 3:
        return "fd.num = 3";
      case 4:
        return field + " exists";
      default:
        return field + " = " + name();
    }
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("what is written is what the reference evaluator says of the node") {
  size_t compared = 0;
  for (uint32_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    Generator generator(seed);
    Kept kept("evt.type = open and (fd.num = 9 or " + generator.condition(3) + ")");
    const std::string parent = generator.name(), child = generator.name();
    kept.apply(exec_record(kShell, kInit, parent), 3);
    kept.apply(fork_record(kShell, kChild, parent), 3);
    auto record = exec_record(kChild, kShell, child);
    record.header().task.uid = generator.below(2);
    const ProcessPtr process = kept.apply(std::move(record), 4);
    kept.settle();
    const auto& facts = kept.rules.facts().facts;
    const fc_facts* entry = kept.find(kChild);
    REQUIRE((entry != nullptr || facts.empty()));

    ir::ValueArena arena;
    EventContext context;
    context.process = process;
    context.processes = &kept.processes.table;
    context.users = &kept.users;
    context.arena = &arena;
    const auto accessors = bind_accessors(kept.compiled.program);
    const ir::FieldSource source{&context, accessors};
    for (const ir::ProcessFact& fact : facts) {
      const auto holds = [&](ir::NodeId node) {
        return ir::evaluate(kept.compiled.program, node, source, arena);
      };
      const bool expected = fact.connective == ir::Node::Kind::OR
                                ? std::ranges::any_of(fact.nodes, holds)
                                : std::ranges::all_of(fact.nodes, holds);
      CHECK(kept.known(kChild, kept.rules.text(fact)) == (expected ? "true" : "false"));
      ++compared;
    }
  }
  CHECK(compared > 100);
}

TEST_CASE("when the host's users change, all facts are void and found again") {
  std::string root = "/tmp/fact-keeper-XXXXXX";
  REQUIRE(::mkdtemp(root.data()) != nullptr);
  std::filesystem::create_directory(root + "/etc");
  const auto write_passwd = [&](const std::string& name) {
    std::ofstream(root + "/etc/passwd") << name << ":x:0:0::/root:/bin/sh\n";
  };
  write_passwd("root");
  Kept kept;
  kept.users = Users(root);
  kept.start_child();
  kept.settle();
  CHECK(kept.known(kChild, "user.name = root") == "true");
  const uint32_t before = kept.generation;
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // a later time of change
  write_passwd("admin-of-this-host");
  // Databases are looked at once a second of real time.
  const auto end = FactKeeper::Clock::now() + std::chrono::seconds(60);
  while (kept.known(kChild, "user.name = root") != "false" && FactKeeper::Clock::now() < end) {
    kept.now += std::chrono::seconds(1);
    kept.settle();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  CHECK(kept.generation != before);
  CHECK(kept.known(kChild, "user.name = root") == "false");
  std::filesystem::remove_all(root);
}

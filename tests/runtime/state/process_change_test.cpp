// The table says which process changed, and what of it, once per record and when it is complete.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "tests/runtime/state/process_records.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using testing::call_record;
using testing::exec_record;
using testing::exit_record;
using testing::fork_record;
using testing::kChild;
using testing::kGrandchild;
using testing::kind;
using testing::kInit;
using testing::kShell;
using testing::RecordBuilder;
using enum ProcessChange;

struct Fixture : testing::Fixture {
  struct Told {
    int64_t pid;
    ProcessChange changes;
    std::string comm;
    bool operator==(const Told&) const = default;
  };
  std::vector<Told> told;

  Fixture() {
    table.on_change([this](const Process& process, ProcessChange changes) {
      told.push_back({process.pid, changes, process.comm});
    });
  }
  std::vector<Told> of(RecordBuilder record) {
    told.clear();
    apply(std::move(record));
    return told;
  }
};

using List = std::vector<Fixture::Told>;

TEST_CASE_FIXTURE(Fixture, "what changes nothing is not told") {
  CHECK(of(call_record(kShell, kInit, "bash")).empty());
  auto renamed = call_record(kShell, kInit, "other");
  CHECK(of(renamed).empty());
}

TEST_CASE_FIXTURE(Fixture, "a fork creates, an exec replaces, an exit ends") {
  CHECK_EQ(of(fork_record(kShell, kChild, "bash")), List{{kChild, CREATED, "bash"}});
  const List executed = of(exec_record(kChild, kShell, "ls"));
  REQUIRE_EQ(executed.size(), 1);
  CHECK(has(executed[0].changes, IMAGE));
  CHECK_EQ(executed[0].comm, "ls");
  CHECK_EQ(of(exit_record(kChild, kShell, 1, 0)), List{{kChild, EXITED, "ls"}});
}

TEST_CASE_FIXTURE(Fixture, "ids, capabilities, session, directory and cgroup are told apart") {
  auto record = call_record(kShell, kInit, "bash");
  record.header().task.uid = 33;
  CHECK_EQ(of(record), List{{kShell, CREDENTIALS, "bash"}});
  CHECK(of(record).empty());

  fc_exec identity{};
  identity.loginuid = 1000;
  identity.sid = identity.vsid = identity.pgid = identity.vpgid = kShell;
  identity.tty = 34816;
  auto capset = RecordBuilder(kind(EventCode::CAPSET)).task(kShell, kInit, "bash");
  capset.header().task.uid = 33;
  CHECK_EQ(of(capset.structure(FC_ITEM_EXEC, identity)), List{{kShell, CREDENTIALS, "bash"}});

  identity.tty = 0;
  auto setsid = RecordBuilder(kind(EventCode::SETSID)).task(kShell, kInit, "bash");
  setsid.header().task.uid = 33;
  CHECK_EQ(of(setsid.structure(FC_ITEM_EXEC, identity)), List{{kShell, SESSION, "bash"}});

  auto chdir = RecordBuilder(kind(EventCode::CHDIR)).task(kShell, kInit, "bash");
  chdir.header().task.uid = 33;
  chdir.text(FC_ITEM_CWD, "/var");
  CHECK_EQ(of(chdir), List{{kShell, DIRECTORY, "bash"}});

  auto moved = call_record(kShell, kInit, "bash");
  moved.header().task.uid = 33;
  moved.header().task.cgroup_id = 7;
  moved.text(FC_ITEM_CGROUP, "=/elsewhere");
  CHECK_EQ(of(moved), List{{kShell, CGROUPS | IDENTITY, "bash"}});
}

TEST_CASE_FIXTURE(Fixture, "children of the dead have another parent") {
  apply(fork_record(kShell, kChild, "bash"));
  apply(fork_record(kChild, kGrandchild, "bash"));
  const List list = of(exit_record(kChild, kShell, 1, kInit));
  CHECK_EQ(list, List{{kChild, EXITED, "bash"}, {kGrandchild, PARENT, "bash"}});
}

TEST_CASE_FIXTURE(Fixture,
                  "an exact identity completes a process of /proc, and only the same one") {
  for (const bool same : {true, false}) {
    CAPTURE(same);
    Process process;
    process.pid = process.vpid = kChild;
    process.ppid = kShell;
    process.start_time_ns = 7 * testing::kSecond;
    process.start_time_coarse = true;
    table.add(process);
    const uint64_t start = same ? 7 * testing::kSecond + 1 : 8 * testing::kSecond;
    const fc_identity identity{.start_time_ns = start, .cgroup_id = 3, .pid = kChild, .exec_id = 5};
    table.identify({&identity, 1});
    const ProcessPtr known = table.find(kChild);
    CHECK(known->start_time_coarse == !same);
    CHECK(known->exec_id == (same ? 5u : 0u));
    CHECK(known->cgroup_id == (same ? 3u : 0u));
  }
}

TEST_CASE_FIXTURE(Fixture, "all that descends from a process is found, and nothing else") {
  apply(fork_record(kShell, kChild, "bash"));
  apply(fork_record(kChild, kGrandchild, "bash"));
  auto descendants = table.descendants(kShell);
  std::ranges::sort(descendants);
  CHECK(descendants == std::vector<int64_t>{kChild, kGrandchild});
  CHECK(table.descendants(kGrandchild).empty());
}

TEST_CASE("what a scan leaves out although it runs is read from /proc; what is gone has exited") {
  ProcessTable table{testing::kBoot};
  const auto own = static_cast<uint32_t>(getpid());
  const auto parent = static_cast<uint32_t>(getppid());
  const auto see_own = [&] {
    RecordBuilder record(FC_STATE_TASK);
    record.task(own, parent, "test");
    record.header().task.threads = 1;
    testing::EventBuilder event(std::move(record));
    table.apply(event.event());
  };
  Process gone;
  gone.pid = gone.vpid = kChild;
  gone.start_time_ns = 1;
  table.add(gone);
  for (int scan = 0; scan < 2; ++scan) {  // the first finds the parent, the second keeps it
    CAPTURE(scan);
    table.begin_scan();
    see_own();
    table.end_scan();
    REQUIRE(table.find(parent) != nullptr);
    CHECK_FALSE(table.find(parent)->exited);
    CHECK(table.find(kChild)->exited);
    CHECK_EQ(table.parent(*table.find(own)), table.find(parent));
  }
}

}  // namespace
}  // namespace falcod

// The tables against each other and against the specification they were taken from.
#include "compiler/catalog/catalog.h"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace falcoc;

namespace {

std::vector<std::vector<std::string>> read_tsv(const std::string& name) {
  std::ifstream file(std::string(FALCOC_SHARED_DIR) + "/spec/" + name);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> row;
    std::istringstream columns(line);
    for (std::string column; std::getline(columns, column, '\t');) row.push_back(column);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

TEST_CASE("every event is found by its code and its name selects it") {
  for (const EventInfo& event : events()) {
    CHECK(find_event(event.code) == &event);
    if (event.code == EventCode::GENERIC) continue;
    const auto kinds = event_kinds_named(event.name);
    REQUIRE(kinds);
    CHECK(kinds->test(static_cast<size_t>(event.code)));
    CHECK(event_kind_name(static_cast<EventKind>(event.code)) == event.name);
  }
}

TEST_CASE("a relative path's directory is a parameter of the same event and an fd") {
  for (const EventInfo& event : events()) {
    for (const ParamInfo& param : event.params) {
      if (param.dirfd < 0) continue;
      REQUIRE(static_cast<size_t>(param.dirfd) < event.params.size());
      CHECK(event.params[static_cast<size_t>(param.dirfd)].type == ParamType::FD);
    }
  }
}

TEST_CASE("parameters keep their order") {
  const EventInfo* openat = find_event(EventCode::OPENAT);
  REQUIRE(openat);
  std::vector<std::string_view> names;
  for (const ParamInfo& param : openat->params) names.push_back(param.name);
  CHECK(names ==
        std::vector<std::string_view>{"fd", "dirfd", "name", "flags", "mode", "dev", "ino"});
  CHECK(openat->params[3].table == FlagTableId::file_flags);
  CHECK(openat->params[2].dirfd == 1);
}

TEST_CASE("a system call without an event of its own is a kind of its own") {
  const auto getpid = event_kinds_named("getpid");
  const auto getppid = event_kinds_named("getppid");
  REQUIRE(getpid);
  REQUIRE(getppid);
  CHECK(getpid->count() == 1);
  CHECK((*getpid & *getppid).none());
  for (size_t kind = kGenericBase; kind < kEventKinds; ++kind) {
    if (!getpid->test(kind)) continue;
    CHECK(event_kind_name(static_cast<EventKind>(kind)) == "getpid");
    CHECK(event_of_kind(static_cast<EventKind>(kind))->code == EventCode::GENERIC);
  }
}

TEST_CASE("a system call whose event has another name is known and selects nothing") {
  const auto kinds = event_kinds_named("pread64");
  REQUIRE(kinds);
  CHECK(kinds->none());
  CHECK(event_kinds_named("pread")->any());
  REQUIRE(event_kinds_named("syscall"));
  CHECK(event_kinds_named("syscall")->none());
  CHECK_FALSE(event_kinds_named("no_such_event"));
}

TEST_CASE("fields are found by exact name") {
  REQUIRE(find_field("proc.name"));
  CHECK(find_field("proc.name")->id == FieldId::proc_name);
  CHECK(find_field("proc.nam") == nullptr);
  CHECK(find_field("proc.aname")->shape == Shape::ANCESTORS);
  CHECK(find_field("fd.ip")->shape == Shape::EITHER_SIDE);
  CHECK(find_field("k8s.ns.name")->field_class == "container");
  for (const FieldInfo& field : fields()) CHECK(find_field(field.name) == &field);
}

TEST_CASE("flag tables keep printing order") {
  const FlagTable& table = flag_table(FlagTableId::file_flags);
  CHECK_FALSE(table.exact);
  CHECK(table.flags.front().name == "O_LARGEFILE");
  CHECK(flag_table(FlagTableId::socket_families).exact);
}

TEST_CASE("a slip finds the name that was meant, an unrelated word finds nothing") {
  const std::vector<std::string_view> names = {"proc.name", "proc.pname", "fd.name"};
  CHECK(closest_name("proc.nmae", names) == "proc.name");
  CHECK(closest_name("proc.Name", names) == "proc.name");
  CHECK(closest_name("container", names).empty());
}

TEST_CASE("priorities are read in any case and by the short form of Informational") {
  CHECK(parse_priority("WARNING") == Priority::WARNING);
  CHECK(parse_priority("info") == Priority::INFORMATIONAL);
  CHECK_FALSE(parse_priority("warn"));
  CHECK(priority_name(Priority::INFORMATIONAL) == "Informational");
}

TEST_CASE("every live event and current field of the specification is in the tables") {
  const auto event_rows = read_tsv("events.tsv");
  if (event_rows.empty()) {
    MESSAGE("SKIPPED: ../shared is not here");
    return;
  }
  std::set<std::string> missing;
  for (const auto& row : event_rows) {
    if (row.size() < 8 || row[7] != "emitted") continue;
    const EventInfo* event = find_event(EventCode(std::stoi(row[0])));
    if (!event || event->name != row[2]) missing.insert(row[1]);
  }
  for (const auto& row : read_tsv("fields.tsv")) {
    if (row.size() < 4 || row[3] != "current") continue;
    if (!find_field(row[0])) missing.insert(row[0]);
  }
  for (const auto& row : read_tsv("syscalls.tsv")) {
    if (row.size() < 3 || (row[2] != "generic" && row[2] != "dedicated")) continue;
    if (!event_kinds_named(row[0])) missing.insert(row[0]);
  }
  CHECK(missing == std::set<std::string>{});
}

// Every field of system calls on a live event: one row each, compared with what is known without
// falcod. A field without a row fails the test.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "compiler/catalog/catalog.h"
#include "compiler/ir/field_ref.h"
#include "tests/live/fields/table.h"

namespace falcod::test {
namespace {

/// What the test itself knows of itself, as the kernel keeps it.
void know_test(Known& known) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  known["now_s"] = std::to_string(now.tv_sec);
  known["now_ns"] = std::to_string(now.tv_sec * 1'000'000'000);
  std::string command;
  std::getline(std::ifstream("/proc/self/cmdline"), command);
  while (command.ends_with('\0')) command.pop_back();
  std::ranges::replace(command, '\0', ' ');
  const size_t blank = command.find(' ');
  const char* path = getenv("PATH");
  known["path_variable"] = path == nullptr ? "" : path;
  known["test_arguments"] = blank == std::string::npos ? "" : command.substr(blank + 1);
}

uint64_t boot_time_s() {
  std::ifstream stat("/proc/stat");
  std::string word;
  uint64_t value = 0;
  while (stat >> word) {
    if (word == "btime" && stat >> value) return value;
  }
  return 0;
}

/// Pid of the eldest ancestor of the actor whose name ends in "sh", by /proc.
std::string login_shell() {
  std::string found = "<NA>";
  for (long pid = getpid(); pid > 0;) {
    std::string stat;
    std::getline(std::ifstream(fmt::format("/proc/{}/stat", pid)), stat);
    const size_t end = stat.rfind(')');
    if (end == std::string::npos) break;
    if (stat.substr(0, end).ends_with("sh")) found = std::to_string(pid);
    pid = std::atol(stat.substr(end + 4).c_str());
  }
  return found;
}

/// What follows from what is known.
void derive(Known& known) {
  const uint64_t ticks = static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  const uint64_t start = std::stoull(known["start_ticks"]);
  known["start_ns"] =
      std::to_string(boot_time_s() * 1'000'000'000 + start * (1'000'000'000 / ticks));
  known["argument_bytes"] =
      std::to_string(known["report_path"].size() + std::string("firstsecond word").size());
  const std::string& arguments = known["test_arguments"];
  known["test_cmdline"] = known["test_comm"] + (arguments.empty() ? "" : " " + arguments);
  known["open_dev_hex"] = fmt::format(
      "{:X}", std::stoul(known["open_dev_major"]) << 20 | std::stoul(known["open_dev_minor"]));
  known["login_shell"] = login_shell();
  known["vm_size_bytes"] = std::to_string(std::stoull(known["vm_size_kb"]) * 1024);
  known["vm_rss_bytes"] = std::to_string(std::stoull(known["vm_rss_kb"]) * 1024);
}

std::string without_argument(const std::string& field) {
  std::string name = field.substr(0, field.find('['));
  const falcoc::FieldInfo* row = falcoc::ir::field_prefix(name);
  return row == nullptr ? name : std::string(row->name);
}

}  // namespace

TEST_CASE("the table has every field of system calls") {
  std::set<std::string, std::less<>> told;
  for (const Row& row : rows()) told.insert(without_argument(row.field));
  for (const Comparison& comparison : comparisons()) told.insert(comparison.field);
  for (const falcoc::FieldInfo& field : falcoc::fields()) {
    CHECK_MESSAGE(field.supplied, field.name, " has no accessor");
    // What API servers tell of, and probes of containers, tests/live/metadata asks of real ones.
    const bool of_engine =
        has(field.flags, falcoc::FieldFlag::DEPRECATED) && field.field_class == "container";
    if (of_engine || field.field_class == "k8smeta") continue;
    CHECK_MESSAGE(told.contains(field.name), field.name, " has no row");
  }
}

TEST_CASE("every field shows on a live event what is known without it") {
  Known of_test;
  know_test(of_test);
  const std::vector<Row> table = rows();
  std::vector<Scene> told = scenes();
  for (Scene& scene : told) {
    std::set<std::string> fields;
    for (const Row& row : table) {
      if (row.scene == scene.name) fields.insert(row.field);
    }
    scene.fields.assign(fields.begin(), fields.end());
  }
  const std::vector<Scene> base = scenes();
  for (const Comparison& comparison : comparisons()) {
    const auto scene = std::ranges::find(base, comparison.scene, &Scene::name);
    const auto add = [&](const char* kind, const std::string& condition) {
      told.push_back(
          {comparison.field + kind, scene->condition + " and " + fill(condition, of_test), {}});
    };
    add(" holds", comparison.holds);
    add(" fails", comparison.fails);
  }
  Performance performance = perform(told);
  if (performance.known.empty()) return;
  performance.known.merge(of_test);
  derive(performance.known);

  for (const Scene& scene : base) CHECK_MESSAGE(performance.shown.contains(scene.name), scene.name);
  for (const Row& row : table) {
    const auto& shown = performance.shown[row.scene];
    const auto found = shown.find(row.field);
    if (found == shown.end()) {
      CHECK_MESSAGE(shown.empty(), row.field, " is not in the alert of ", row.scene);
      continue;
    }
    CHECK_MESSAGE(row.expectation(found->second, performance.known), row.field, " of ", row.scene,
                  ": ", found->second.text, " (", found->second.value.dump(), ")");
  }
  for (const Comparison& comparison : comparisons()) {
    CHECK_MESSAGE(performance.shown.contains(comparison.field + " holds"), comparison.holds);
    CHECK_MESSAGE(!performance.shown.contains(comparison.field + " fails"), comparison.fails);
  }
}

}  // namespace falcod::test

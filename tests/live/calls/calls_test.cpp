// Every dedicated system call, made once with success and once with failure, is seen with every
// parameter as the caller passed it or got it back. A new event or parameter without a case fails
// here.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "tests/live/calls/expectation.h"
#include "tests/live/calls/observe.h"
#include "tests/live/calls/strace_output.h"
#include "tests/live/calls/temporary.h"

using namespace calls;
using falcod::test::Seen;

namespace {

constexpr int kAttempts = 5;  // a loaded machine can lose events

struct Run {
  CallerReport report;
  Observation observation;
};

/// The caller under the probe's eyes, once more if something was lost. Nothing if this machine does
/// not allow it.
std::optional<Run> run_caller(std::vector<std::string> before, std::vector<std::string> after) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const TemporaryDirectory directory;
    const std::string report = directory.path() + "/report";
    std::filesystem::create_directory(directory.path() + "/work");
    std::vector<std::string> program = before;
    program.push_back(CALLER);
    program.push_back(report);
    program.insert(program.end(), after.begin(), after.end());
    auto observation = observe(all_calls(), program, directory.path() + "/work");
    if (!observation) return std::nullopt;
    if (!observation->complete) continue;
    Run run{read_report(report), std::move(*observation)};
    CHECK(WIFEXITED(run.observation.status));
    CHECK(WEXITSTATUS(run.observation.status) == 0);
    CHECK(run.report.complete);
    return run;
  }
  FAIL("events were lost in every attempt");
  return std::nullopt;
}

/// Name of the event and, of a generic one, of its call.
bool is_event_of(const Seen& event, const std::string& name) {
  if (name.starts_with("generic:")) {
    return event.kind() >= falcoc::kGenericBase && event.kind() < FC_STATE_BASE;
  }
  return event.name() == name;
}

/// The event of each expected call, taken in order; null if there is none.
class Matcher {
 public:
  explicit Matcher(const Observation& observation) : calls_(by_call(observation)) {}

  const Seen* take(const ExpectedCall& expected) {
    for (const Seen* event : calls_[expected.id]) {
      if (!is_event_of(*event, expected.event) || !taken_.insert(event).second) continue;
      return event;
    }
    return nullptr;
  }

 private:
  std::map<int, std::vector<const Seen*>> calls_;
  std::set<const Seen*> taken_;
};

int native_number(const falcoc::SyscallInfo& syscall) {
#if defined(__aarch64__)
  return syscall.aarch64;
#else
  return syscall.x86_64;
#endif
}

void check_generic(const ExpectedCall& expected, const Seen& event) {
  const std::string name = expected.event.substr(std::string("generic:").size());
  const auto syscalls = falcoc::syscalls();
  const auto syscall = std::ranges::find(syscalls, name, &falcoc::SyscallInfo::name);
  REQUIRE(syscall != syscalls.end());
  CHECK(event.kind() == falcoc::kGenericBase + syscall->code);
  CHECK(event.number("ID") == syscall->code);
  CHECK(event.number("nativeID") == native_number(*syscall));
  CHECK(event.ret() == expected.result);
}

/// Whether this architecture has the event: a few belong to 32-bit kernels only.
bool is_made_here(const falcoc::EventInfo& info) {
  return info.event_class == falcoc::EventClass::TRACEPOINT ||
         std::ranges::any_of(falcoc::syscalls(), [&](const falcoc::SyscallInfo& syscall) {
           return syscall.event == info.code && native_number(syscall) >= 0;
         });
}

/// Names of events and of generic calls that need a case, by outcome (true: failure).
std::set<std::pair<std::string, bool>> needed_cases() {
  std::set<std::pair<std::string, bool>> needed;
  for (const falcoc::EventInfo& info : falcoc::events()) {
    if (info.event_class == falcoc::EventClass::META || info.code == falcoc::EventCode::GENERIC ||
        info.code == falcoc::EventCode::SWITCH || info.code == falcoc::EventCode::PAGE_FAULT ||
        !is_made_here(info)) {
      continue;  // task switches and page faults have cases of their own below
    }
    needed.emplace(info.name, false);
    needed.emplace(info.name, true);
  }
  for (const falcoc::SyscallInfo& syscall : falcoc::syscalls()) {
    if (syscall.event == falcoc::EventCode::GENERIC && native_number(syscall) >= 0) {
      needed.emplace("generic:" + std::string(syscall.name), true);
    }
  }
  return needed;
}

}  // namespace

TEST_CASE("every system call is seen as it was made") {
  if (geteuid() != 0) {
    MESSAGE("SKIPPED: needs root");
    return;
  }
  auto run = run_caller({}, {});
  if (!run) return;
  for (const std::string& line : run->report.broken) FAIL_CHECK(line);
  Matcher matcher(run->observation);
  auto needed = needed_cases();
  size_t params = 0;
  for (const ExpectedCall& expected : run->report.calls) {
    CAPTURE(expected.event);
    CAPTURE(expected.fails);
    const Seen* event = matcher.take(expected);
    REQUIRE_MESSAGE(event != nullptr, "no event of call ", expected.id);
    if (expected.event.starts_with("generic:")) {
      check_generic(expected, *event);
      needed.erase({expected.event, true});  // whether it fails differs with the kernel
      continue;
    }
    for (const std::string& line : disagreements(expected, *event)) FAIL_CHECK(line);
    needed.erase({expected.event, expected.fails});
    params += expected.params.size();
  }
  for (const Skip& skip : run->report.skips) {
    if (needed.erase({skip.event, skip.fails}) != 0) {
      MESSAGE("left out: ", skip.event, skip.fails ? " with failure, " : " with success, ",
              skip.why);
    }
  }
  for (const auto& [event, fails] : needed) {
    FAIL_CHECK(fmt::format("{} has no case with {}", event, fails ? "failure" : "success"));
  }
  MESSAGE(run->report.calls.size(), " calls, ", params, " parameters");
}

TEST_CASE("strace tells the same of the same calls") {
  if (geteuid() != 0) {
    MESSAGE("SKIPPED: needs root");
    return;
  }
  const TemporaryDirectory directory;
  const std::string trace = directory.path() + "/trace";
  if (!strace_works(trace)) {
    MESSAGE("SKIPPED: strace is missing or may not trace");
    return;
  }
  auto run =
      run_caller({"strace", "-f", "-v", "-X", "raw", "-s", "4096", "-o", trace}, {"--dedicated"});
  if (!run) return;
  const auto traced = read_strace(trace);
  Matcher matcher(run->observation);
  size_t compared = 0;
  std::set<std::string> events;
  for (const ExpectedCall& expected : run->report.calls) {
    const auto call = traced.find(expected.id);
    const Seen* event = matcher.take(expected);
    if (call == traced.end() || event == nullptr) continue;
    CAPTURE(expected.event);
    CAPTURE(call->second.text);
    const Comparison comparison = compare(call->second, *event);
    for (const std::string& line : comparison.disagreements) FAIL_CHECK(line);
    compared += comparison.compared;
    if (comparison.compared != 0) events.insert(expected.event);
  }
  MESSAGE(compared, " values of ", events.size(), " events agree");
  // as many as there are today, some room for kernels that lack a call: less means that the
  // output was not understood
  CHECK(compared > 500);
  CHECK(events.size() > 130);
}

TEST_CASE("a task switch is an event of the task that leaves the processor") {
  const auto events = falcod::test::watch({"switch"}, [] {
    timespec pause{0, 1'000'000};
    for (int i = 0; i < 10; ++i) nanosleep(&pause, nullptr);
  });
  if (events.empty()) return;
  const Seen* seen = falcod::test::find(events, "switch");
  REQUIRE(seen != nullptr);
  CHECK(seen->number("next") >= 0);
  CHECK(seen->number("next") != seen->record().task.tid);
  CHECK(seen->number("pgft_maj") >= 0);
  CHECK(seen->number("pgft_min") > 0);
  CHECK(seen->number("vm_size") > 100);
  CHECK(seen->number("vm_rss") > 0);
  CHECK(seen->number("vm_swap") >= 0);
}

#if defined(__x86_64__)
TEST_CASE("a page fault tells address, instruction and kind") {
  static char* page = static_cast<char*>(
      mmap(nullptr, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  REQUIRE(page != MAP_FAILED);
  // huge pages would make one fault of many
  madvise(page, 1 << 16, MADV_NOHUGEPAGE);
  const auto events = falcod::test::watch({"page_fault"}, [] { page[0x1234] = 1; });
  if (events.empty()) return;
  const Seen* seen = falcod::test::find(events, "page_fault", [](const Seen& event) {
    return event.number("addr") == reinterpret_cast<int64_t>(page + 0x1234);
  });
  REQUIRE(seen != nullptr);
  CHECK(seen->number("ip") != 0);
  CHECK(seen->number("error") == (2 | 4 | 16));  // PAGE_NOT_PRESENT|WRITE_ACCESS|USER_FAULT
}
#endif

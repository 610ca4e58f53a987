// See observe.h.
#include "tests/live/calls/observe.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <unordered_set>

#include "tests/live/calls/report.h"

namespace calls {
namespace {

using falcod::Decoder;
using falcod::Event;
using falcod::Item;
using falcod::test::Seen;

constexpr uint32_t kRingBytes = 64u << 20;  // the whole machine is watched
constexpr auto kPatience = std::chrono::seconds(120);
constexpr int kPollMs = 20;

/// Keeps the events of one process and its descendants; looks at the rest as briefly as it can.
class Collector : public falcod::RecordHandler {
 public:
  explicit Collector(pid_t pid) : first_(static_cast<uint32_t>(pid)), pids_{first_} {}

  void on_record(std::span<const std::byte> record) override {
    const auto& header = *reinterpret_cast<const fc_event*>(record.data());
    if (header.kind == FC_STATE_FORK) note_fork(record);
    if (!pids_.contains(header.task.pid)) return;
    const Event* event = decoder_.decode(record);
    REQUIRE(event != nullptr);
    events.emplace_back(*event);
    if (header.kind == static_cast<uint16_t>(falcoc::EventCode::PROCEXIT) &&
        header.task.tid == first_) {
      exited = true;
    }
  }

  std::vector<Seen> events;
  bool exited = false;

 private:
  void note_fork(std::span<const std::byte> record) {
    const auto& header = *reinterpret_cast<const fc_event*>(record.data());
    Item item;
    fc_fork fork{};
    if (!falcod::find_item(header, FC_ITEM_FORK, falcod::kAnyIndex, item)) return;
    std::memcpy(&fork, item.bytes.data(), std::min(item.bytes.size(), sizeof fork));
    if (pids_.contains(fork.parent_pid)) pids_.insert(header.task.pid);
  }

  Decoder decoder_{0};
  uint32_t first_;
  std::unordered_set<uint32_t> pids_;
};

[[noreturn]] void become(const std::vector<std::string>& program, const std::string& directory,
                         int go) {
  std::vector<char*> arguments;
  for (const std::string& argument : program) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  char byte;
  if (read(go, &byte, 1) == 1 && chdir(directory.c_str()) == 0) {
    execvp(arguments[0], arguments.data());
  }
  _exit(127);
}

}  // namespace

falcoc::EventSet all_calls() {
  falcoc::EventSet wanted;
  for (const falcoc::EventInfo& info : falcoc::events()) {
    if (info.event_class != falcoc::EventClass::META) wanted.set(static_cast<size_t>(info.code));
  }
  for (const falcoc::SyscallInfo& syscall : falcoc::syscalls()) {
    if (syscall.event == falcoc::EventCode::GENERIC) {
      wanted.set(falcoc::kGenericBase + syscall.code);
    }
  }
  wanted.reset(static_cast<size_t>(falcoc::EventCode::SWITCH));
  wanted.reset(static_cast<size_t>(falcoc::EventCode::PAGE_FAULT));
  return wanted;
}

std::optional<Observation> observe(const falcoc::EventSet& wanted,
                                   const std::vector<std::string>& program,
                                   const std::string& directory) {
  const auto source = falcod::test::open_source({.wanted = wanted, .ring_bytes = kRingBytes});
  if (!source) return std::nullopt;
  int go[2];
  REQUIRE(pipe2(go, O_CLOEXEC) == 0);
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) become(program, directory, go[0]);
  Collector collector(pid);
  REQUIRE(write(go[1], "g", 1) == 1);
  const auto end = std::chrono::steady_clock::now() + kPatience;
  Observation observation;
  bool ended = false;
  while (!collector.exited && std::chrono::steady_clock::now() < end) {
    REQUIRE(source->poll(collector, kPollMs).has_value());
    if (!ended) ended = waitpid(pid, &observation.status, WNOHANG) == pid;
    // the event of the end itself can be lost
    if (ended && !source->losses().empty()) break;
  }
  if (!ended) {
    kill(pid, SIGKILL);
    waitpid(pid, &observation.status, 0);
  }
  close(go[0]);
  close(go[1]);
  observation.complete = collector.exited && source->losses().empty();
  observation.events = std::move(collector.events);
  return observation;
}

std::map<int, std::vector<const Seen*>> by_call(const Observation& observation) {
  std::map<int, std::vector<const Seen*>> calls;
  std::map<uint32_t, int> current;  // by thread
  for (const Seen& event : observation.events) {
    const fc_event& record = event.record();
    if (event.name() == "getpriority" && record.args[0] == kMarker) {
      current[record.task.tid] = static_cast<int>(record.args[1]);
    } else if (const auto id = current.find(record.task.tid); id != current.end()) {
      calls[id->second].push_back(&event);
    }
  }
  return calls;
}

}  // namespace calls

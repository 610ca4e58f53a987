// The ring buffer on this kernel: when a reader is woken, what it gets at once, what is lost.
#include <doctest/doctest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/runtime/capture/scenario.h"

using namespace falcod;
using namespace falcod::test;

TEST_CASE("an event after a pause wakes a sleeping reader, and no event waits for long") {
  const auto source = open_source({.wanted = events_named({"getppid"})});
  if (!source) return;
  constexpr int kEvents = 40;
  constexpr auto kPause = std::chrono::milliseconds(7);  // shorter and longer than FC_WAKEUP_NS
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    for (int i = 0; i < kEvents; ++i) {
      std::this_thread::sleep_for(i % 2 == 0 ? kPause : 10 * kPause);
      syscall(SYS_getppid);
    }
    _exit(0);
  }
  struct Delays : RecordHandler {
    void on_record(std::span<const std::byte> record) override {
      const auto& event = *reinterpret_cast<const fc_event*>(record.data());
      timespec now{};
      clock_gettime(CLOCK_BOOTTIME, &now);
      if (event.task.pid != pid || event.kind >= FC_STATE_BASE) return;
      const uint64_t now_ns =
          static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
      delays_ms.push_back(static_cast<double>(now_ns - event.time_ns) / 1e6);
    }
    uint32_t pid = 0;
    std::vector<double> delays_ms;
  } seen;
  seen.pid = static_cast<uint32_t>(pid);
  while (waitpid(pid, nullptr, WNOHANG) == 0) REQUIRE(source->poll(seen, 1000).has_value());
  REQUIRE(source->poll(seen, 20).has_value());
  REQUIRE(seen.delays_ms.size() >= kEvents);
  std::ranges::sort(seen.delays_ms);
  // a reader that nobody wakes would wait for the whole second
  CHECK(seen.delays_ms[seen.delays_ms.size() * 3 / 4] < 50);
}

TEST_CASE("what does not fit into the ring is counted by event and reason") {
  const auto source = open_source({.wanted = events_named({"getppid"}), .ring_bytes = 4096});
  if (!source) return;
  constexpr uint64_t kCalls = 1000;
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    for (uint64_t i = 0; i < kCalls; ++i) syscall(SYS_getppid);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);  // nobody reads the ring meanwhile
  const uint16_t kind = [] {
    const auto kinds = events_named({"getppid"});
    for (uint16_t i = 0; i < kinds.size(); ++i) {
      if (kinds.test(i)) return i;
    }
    return uint16_t{0};
  }();
  uint64_t lost = 0;
  for (const LossCount& loss : source->losses()) {
    if (loss.kind == kind && loss.reason == FC_LOSS_RING_FULL) lost = loss.count;
  }
  CHECK(lost > 0);
  CHECK(lost + source->submitted()[kind] >= kCalls);
}

TEST_CASE("one poll delivers a bounded batch and the next one the rest") {
  const auto source = open_source({.wanted = events_named({"getppid"})});
  if (!source) return;
  constexpr size_t kCalls = LiveSource::kMaxBatch + 1000;
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    for (size_t i = 0; i < kCalls; ++i) syscall(SYS_getppid);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  struct Counter : RecordHandler {
    void on_record(std::span<const std::byte>) override { ++count; }
    size_t count = 0;
  } counter;
  const auto first = source->poll(counter, 0);
  REQUIRE(first.has_value());
  CHECK(*first == LiveSource::kMaxBatch);
  CHECK(counter.count == *first);
  const auto second = source->poll(counter, 0);
  REQUIRE(second.has_value());
  CHECK(counter.count >= kCalls);
}

TEST_CASE("a ring of an impossible size is refused with a reason") {
  const auto source = LiveSource::open({.wanted = {}, .ring_bytes = 5000});
  REQUIRE(!source);
  CHECK(source.error().code == falcoc::Code::PROBE_MEMORY);
}

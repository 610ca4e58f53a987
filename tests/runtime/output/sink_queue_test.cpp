// The queue in front of a sink: order, bounds, retry, and the counting of everything lost.
#include "runtime/output/sink_queue.h"

#include <doctest/doctest.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "runtime/output/outputs.h"

using namespace falcod;
using std::chrono::milliseconds;

namespace {

/// Behaves as told; remembers what it got. Shared with the test, which outlives the queue.
struct Script {
  std::mutex mutex;
  std::vector<std::string> lines;
  std::atomic<int> failures_left = 0;  ///< RETRY so often first
  std::atomic<bool> closed = false;
  std::atomic<bool> blocked = false;  ///< waits for stop_fd
};

class ScriptedSink : public Sink {
 public:
  explicit ScriptedSink(Script& script) : script_(script) {}
  std::string_view name() const override { return "scripted"; }
  WriteResult write(std::span<const Message> batch, int stop_fd) override {
    if (script_.closed) return {0, WriteResult::Status::CLOSED, "gone"};
    if (script_.failures_left > 0) {
      --script_.failures_left;
      return {0, WriteResult::Status::RETRY, "not now"};
    }
    if (script_.blocked) {
      pollfd fd{stop_fd, POLLIN, 0};
      ::poll(&fd, 1, -1);
      return {0, WriteResult::Status::STOPPED, {}};
    }
    const std::lock_guard lock(script_.mutex);
    for (const Message& message : batch) script_.lines.push_back(message.line);
    return {batch.size(), WriteResult::Status::OK, {}};
  }

 private:
  Script& script_;
};

Message message(std::string line) { return {std::move(line), "a rule", {}, 0}; }

}  // namespace

TEST_CASE("messages come out in order and closing writes what is queued") {
  Script script;
  SinkQueue queue(std::make_unique<ScriptedSink>(script), {});
  for (int i = 0; i < 1000; ++i) CHECK(queue.push(message(std::to_string(i))));
  queue.close(milliseconds{5000});
  REQUIRE(script.lines.size() == 1000);
  for (int i = 0; i < 1000; ++i) CHECK(script.lines[static_cast<size_t>(i)] == std::to_string(i));
  CHECK(queue.stats().written == 1000);
  CHECK(queue.stats().dropped() == 0);
}

TEST_CASE("a sink that stands still fills its queue, then drops and counts, and never blocks") {
  Script script;
  script.blocked = true;
  QueueLimits limits;
  limits.messages = 10;
  SinkQueue queue(std::make_unique<ScriptedSink>(script), limits);
  size_t taken = 0;
  for (int i = 0; i < 25; ++i) taken += queue.push(message("x")) ? 1 : 0;
  CHECK(taken == 10);
  CHECK(queue.stats().dropped_full == 15);
  queue.close(milliseconds{10});
  CHECK(queue.stats().written == 0);
  CHECK(queue.stats().dropped_closed == 10);
}

TEST_CASE("the queue is bounded in bytes, and a single larger message still passes") {
  Script script;
  script.blocked = true;
  QueueLimits limits;
  limits.bytes = 100;
  SinkQueue queue(std::make_unique<ScriptedSink>(script), limits);
  CHECK(queue.push(message(std::string(500, 'x'))));
  CHECK_FALSE(queue.push(message("y")));
  CHECK(queue.stats().dropped_full == 1);
}

TEST_CASE("a failing sink is tried again and loses nothing") {
  Script script;
  script.failures_left = 2;
  SinkQueue queue(std::make_unique<ScriptedSink>(script), {});
  CHECK(queue.push(message("kept")));
  queue.close(milliseconds{5000});
  REQUIRE(script.lines.size() == 1);
  CHECK(script.lines[0] == "kept");
  CHECK(queue.stats().reason == "not now");
  CHECK(queue.stats().dropped() == 0);
}

TEST_CASE("what a closed sink did not take is counted, before and after") {
  Script script;
  script.closed = true;
  Outputs outputs;
  outputs.add(std::make_unique<ScriptedSink>(script), {});
  outputs.emit(message("a"));
  for (int i = 0; i < 1000 && !outputs.all_closed(); ++i) {
    std::this_thread::sleep_for(milliseconds{1});
  }
  CHECK(outputs.all_closed());
  outputs.emit(message("b"));
  outputs.close(milliseconds{0});
  const SinkStats stats = outputs.stats().at(0);
  CHECK(stats.dropped_closed == 2);
  CHECK(stats.written == 0);
  CHECK(stats.reason == "gone");
}

TEST_CASE("a lingering queue gathers, and closing does not wait for the pause") {
  Script script;
  QueueLimits limits;
  limits.linger = milliseconds{60'000};
  SinkQueue queue(std::make_unique<ScriptedSink>(script), limits);
  CHECK(queue.push(message("a")));
  CHECK(queue.push(message("b")));
  queue.close(milliseconds{5000});
  CHECK(script.lines.size() == 2);
}

TEST_CASE(
    "a burst to five sinks, one dead: the others get everything, the dead one's share is bounded") {
  constexpr size_t kAlerts = 50'000;
  QueueLimits limits;
  limits.messages = kAlerts;
  QueueLimits small = limits;
  small.messages = 1000;
  std::array<Script, 5> scripts;
  scripts[4].blocked = true;
  Outputs outputs;
  for (size_t i = 0; i < 5; ++i) {
    outputs.add(std::make_unique<ScriptedSink>(scripts[i]), i == 4 ? small : limits);
  }
  // The dead sink's queue must not hold up this loop: it would never end.
  for (size_t i = 0; i < kAlerts; ++i) outputs.emit(message(std::to_string(i)));
  CHECK(outputs.stats()[4].queued <= small.messages);
  const auto others_are_done = [&] {
    const std::vector<SinkStats> now = outputs.stats();
    return std::all_of(now.begin(), now.begin() + 4,
                       [](const SinkStats& sink) { return sink.written == kAlerts; });
  };
  for (int i = 0; i < 60'000 && !others_are_done(); ++i) {
    std::this_thread::sleep_for(milliseconds{1});
  }
  outputs.close(milliseconds{0});
  const std::vector<SinkStats> stats = outputs.stats();
  for (size_t i = 0; i < 4; ++i) {
    CHECK(stats[i].written == kAlerts);
    CHECK(scripts[i].lines.size() == kAlerts);
  }
  CHECK(stats[4].written == 0);
  CHECK(stats[4].dropped() == kAlerts);
}

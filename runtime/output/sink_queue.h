// The bounded queue in front of one sink, with the thread that empties it. A full queue drops the
// newest message and counts it, so that a dead sink slows nobody (DESIGN section 8).
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "runtime/output/alert_gate.h"
#include "runtime/output/delivery_times.h"
#include "runtime/output/sink.h"

namespace falcod {

struct QueueLimits {
  /// Both are reached only by a sink that stands still: at a thousand alerts per second, a storm,
  /// the default is a minute's worth.
  size_t messages = 65536;
  size_t bytes = 64u << 20;
  /// Gather messages for so long before writing (`buffered_outputs`); 0 = write at once.
  std::chrono::milliseconds linger{0};
};

struct SinkStats {
  std::string name;
  uint64_t written = 0;
  uint64_t dropped_full = 0;     ///< queue full
  uint64_t dropped_closed = 0;   ///< sink closed, or still unwritten when the queue was closed
  uint64_t dropped_refused = 0;  ///< refused by the receiver
  uint64_t dropped_limited = 0;  ///< more than its limit
  uint64_t repeated = 0;         ///< alike to one that is out: counted there, and no loss
  uint64_t retries = 0;          ///< attempts that failed for now
  DeliveryTimes delivery{};      ///< of the written ones
  size_t queued = 0;             ///< messages that wait or are being written
  size_t queued_bytes = 0;
  size_t spooled = 0;  ///< of the queued, those on disk, which falcod's end does not lose
  bool closed = false;
  bool failing = false;        ///< the last attempt failed
  std::string reason;          ///< of the last failure, empty if there was none
  bool spool_failing = false;  ///< what is in front of the receiver takes nothing (a full disk)
  std::string spool_reason{};
  /// When the sink was handed what it has not finished yet; nothing while it has nothing to do.
  std::optional<std::chrono::steady_clock::time_point> busy_since{};

  uint64_t dropped() const {
    return dropped_full + dropped_closed + dropped_refused + dropped_limited;
  }
};

/// One output as configured: what it is and how it is made.
struct OutputSpec {
  std::string name;
  std::string identity;  ///< equal for outputs of which one can go on in place of the other
  QueueLimits limits{};
  GateOptions gate{};
  std::function<std::unique_ptr<Sink>()> make;  ///< called by the thread that writes
};

class SinkQueue {
 public:
  SinkQueue(std::unique_ptr<Sink> sink, QueueLimits limits, const GateOptions& gate = {});
  /// Its sink is made when `former` has ended, which may be null: both write to the same place.
  SinkQueue(OutputSpec spec, std::shared_ptr<SinkQueue> former);
  ~SinkQueue();  ///< as close(0 ms)
  SinkQueue(const SinkQueue&) = delete;
  SinkQueue& operator=(const SinkQueue&) = delete;

  /// Never waits for the sink. False if the message was dropped, which is counted; what the gate
  /// keeps back is not.
  bool push(Message message);
  /// Waits until half of the queue is free, for at most `deadline`: for sources that can wait,
  /// which live events cannot. True also if the sink is closed.
  bool wait_for_room(std::chrono::milliseconds deadline);
  /// Writes what is queued, for at most `deadline`; the rest is counted as dropped. Later calls and
  /// pushes do nothing but count.
  void close(std::chrono::milliseconds deadline);
  /// Takes no more, and ends when all is written, or stop() is called. Does not wait.
  void retire();
  /// What is not written by now is counted as dropped, or stays in the spool. Does not wait.
  void stop();
  bool ended() const;
  /// From now on alerts have another index for it.
  void use_route(std::optional<size_t> route);
  const std::string& identity() const { return identity_; }
  const std::string& name() const { return stats_.name; }
  /// Has the sink reopen what it writes to, soon.
  void reopen();
  SinkStats stats() const;

 private:
  void start();
  void make_sink(std::unique_lock<std::mutex>& lock);
  void wait_until_ended();
  void end_sink(std::unique_lock<std::mutex>& lock);
  bool enqueue(Message message);
  void wait_until_due(std::unique_lock<std::mutex>& lock);
  void run();
  bool wait_for_work(std::unique_lock<std::mutex>& lock);
  void write_batch(std::unique_lock<std::mutex>& lock);
  void account(const WriteResult& result, size_t& done);
  std::chrono::milliseconds with_jitter(std::chrono::milliseconds pause);

  std::unique_ptr<Sink> sink_;  ///< null until it is made, and when the queue was retired and ended
  std::function<std::unique_ptr<Sink>()> make_;
  std::shared_ptr<SinkQueue> former_;
  std::string identity_;
  QueueLimits limits_;
  int stop_fd_;

  mutable std::mutex mutex_;
  std::condition_variable work_;  ///< something to write, or closing
  std::condition_variable idle_;  ///< something written, or the worker ended
  AlertGate gate_;
  std::vector<Message> queue_;
  size_t pending_messages_ = 0;  ///< queued or being written
  size_t pending_bytes_ = 0;
  bool closing_ = false;
  bool reopening_ = false;
  bool stopped_ = false;
  bool retired_ = false;
  bool ended_ = false;
  SinkStats stats_;

  std::vector<Message> batch_;  ///< worker's own
  std::minstd_rand random_{std::random_device{}()};
  std::thread worker_;
};

}  // namespace falcod

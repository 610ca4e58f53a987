// A sink behind a spool: what its queue hands over is on disk at once, and a thread of its own
// delivers from there, so that what a receiver does not take for hours needs no memory and survives
// falcod.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include "runtime/output/sink_queue.h"
#include "runtime/output/spool.h"

namespace falcod {

class DurableSink final : public Sink {
 public:
  DurableSink(std::unique_ptr<Sink> sink, Spool spool);
  /// Ends within a moment; what is not delivered stays in the spool.
  ~DurableSink() override;

  std::string_view name() const override { return sink_->name(); }
  /// RETRY while the spool is full.
  WriteResult write(std::span<const Message> batch, int stop_fd) override;
  void finish(std::chrono::milliseconds deadline) override;
  void add_stats(SinkStats& stats) const override;

 private:
  void deliver();
  bool deliver_batch(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds& pause);

  std::unique_ptr<Sink> sink_;
  int stop_fd_;

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable idle_;
  Spool spool_;
  bool stopping_ = false;
  uint64_t delivered_ = 0;
  DeliveryTimes delivery_;
  uint64_t refused_ = 0;
  uint64_t retries_ = 0;
  bool failing_ = false;
  std::string reason_;
  std::minstd_rand random_{std::random_device{}()};
  std::thread worker_;
};

}  // namespace falcod

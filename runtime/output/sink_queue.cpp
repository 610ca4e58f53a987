// See sink_queue.h.
#include "runtime/output/sink_queue.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace falcod {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100};       // short enough to hide a hiccup
constexpr milliseconds kLongestPause{10'000};  // a peer that is back is noticed within this

/// The JSON form is shared, so that this counts it once for each queue: too much, never too little.
size_t cost(const Message& message) {
  return message.line.size() + message.rule.size() + message.id.size() +
         (message.json == nullptr ? 0 : message.json->size());
}

int make_stop_fd() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

}  // namespace

SinkQueue::SinkQueue(std::unique_ptr<Sink> sink, QueueLimits limits, const GateOptions& gate)
    : sink_(std::move(sink)), limits_(limits), stop_fd_(make_stop_fd()), gate_(gate) {
  stats_.name = sink_->name();
  start();
}

SinkQueue::SinkQueue(OutputSpec spec, std::shared_ptr<SinkQueue> former)
    : make_(std::move(spec.make)),
      former_(std::move(former)),
      identity_(std::move(spec.identity)),
      limits_(spec.limits),
      stop_fd_(make_stop_fd()),
      gate_(spec.gate) {
  stats_.name = std::move(spec.name);
  start();
}

void SinkQueue::start() {
  worker_ = std::thread([this] { run(); });
}

SinkQueue::~SinkQueue() {
  close(milliseconds{0});
  ::close(stop_fd_);
}

bool SinkQueue::push(Message message) {
  {
    const std::lock_guard lock(mutex_);
    switch (gate_.ask(message, std::chrono::steady_clock::now())) {
      case AlertGate::Verdict::NOT_FOR_IT:
        return true;
      case AlertGate::Verdict::REPEATED:
        ++stats_.repeated;
        return true;
      case AlertGate::Verdict::OVER_LIMIT:
        ++stats_.dropped_limited;
        return false;
      case AlertGate::Verdict::PASSES:
        break;
    }
    if (!enqueue(std::move(message))) return false;
  }
  work_.notify_one();
  return true;
}

/// Under the lock.
bool SinkQueue::enqueue(Message message) {
  if (stats_.closed || closing_) {
    ++stats_.dropped_closed;
    return false;
  }
  const size_t bytes = cost(message);
  // A message larger than the whole bound still passes through an empty queue.
  const bool full = pending_messages_ >= limits_.messages ||
                    (pending_messages_ > 0 && pending_bytes_ + bytes > limits_.bytes);
  if (full) {
    ++stats_.dropped_full;
    return false;
  }
  ++pending_messages_;
  pending_bytes_ += bytes;
  queue_.push_back(std::move(message));
  return true;
}

bool SinkQueue::wait_for_room(milliseconds deadline) {
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, deadline, [this] {
    const bool room =
        pending_messages_ <= limits_.messages / 2 && pending_bytes_ <= limits_.bytes / 2;
    return room || stats_.closed || closing_;
  });
}

void SinkQueue::retire() {
  {
    const std::lock_guard lock(mutex_);
    for (Message& message : gate_.take_all(std::chrono::steady_clock::now())) {
      enqueue(std::move(message));
    }
    closing_ = true;
    retired_ = true;
  }
  work_.notify_one();
}

void SinkQueue::stop() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    stopped_ = true;
  }
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t woken = ::write(stop_fd_, &one, sizeof one);
  work_.notify_one();
}

bool SinkQueue::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void SinkQueue::wait_until_ended() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return ended_; });
}

void SinkQueue::use_route(std::optional<size_t> route) {
  const std::lock_guard lock(mutex_);
  gate_.use_route(route);
}

void SinkQueue::close(milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  std::unique_lock lock(mutex_);
  for (Message& message : gate_.take_all(std::chrono::steady_clock::now())) {
    enqueue(std::move(message));
  }
  closing_ = true;
  work_.notify_one();
  idle_.wait_until(lock, end, [this] { return ended_; });
  const bool late = !ended_;
  lock.unlock();
  if (late) stop();
  if (!worker_.joinable()) return;
  worker_.join();
  if (sink_ == nullptr) return;
  const auto left = end - std::chrono::steady_clock::now();
  sink_->finish(std::max(std::chrono::duration_cast<milliseconds>(left), milliseconds{0}));
}

void SinkQueue::reopen() {
  {
    const std::lock_guard lock(mutex_);
    reopening_ = true;
  }
  work_.notify_one();
}

SinkStats SinkQueue::stats() const {
  const std::lock_guard lock(mutex_);
  SinkStats stats = stats_;
  stats.queued = pending_messages_;
  stats.queued_bytes = pending_bytes_;
  if (sink_ != nullptr) sink_->add_stats(stats);
  return stats;
}

/// Until there is something to do. Puts what the gate has held back into the queue when it is due.
void SinkQueue::wait_until_due(std::unique_lock<std::mutex>& lock) {
  while (true) {
    for (Message& message : gate_.take_due(std::chrono::steady_clock::now())) {
      enqueue(std::move(message));
    }
    if (!queue_.empty() || closing_ || reopening_) return;
    if (const auto due = gate_.next_due()) {
      work_.wait_until(lock, *due);
    } else {
      work_.wait(lock);
    }
  }
}

/// False when there is nothing left to do.
bool SinkQueue::wait_for_work(std::unique_lock<std::mutex>& lock) {
  wait_until_due(lock);
  if (reopening_) {
    reopening_ = false;
    lock.unlock();
    sink_->reopen();
    lock.lock();
    if (queue_.empty() && !closing_) return true;
  }
  if (limits_.linger.count() > 0 && !closing_) {
    work_.wait_for(lock, limits_.linger, [this] { return closing_ || reopening_; });
  }
  return !queue_.empty() && !stopped_;
}

void SinkQueue::account(const WriteResult& result, size_t& done) {
  const auto leave = [&](size_t count) {
    for (size_t i = done; i < done + count; ++i) pending_bytes_ -= cost(batch_[i]);
    pending_messages_ -= count;
    done += count;
  };
  const uint64_t now = result.written == 0 ? 0 : epoch_now_ns();
  for (size_t i = done; i < done + result.written; ++i) stats_.delivery.add(batch_[i].time_ns, now);
  leave(result.written);
  stats_.written += result.written;
  stats_.failing =
      result.status == WriteResult::Status::RETRY || result.status == WriteResult::Status::REFUSED;
  if (result.status != WriteResult::Status::OK && !result.reason.empty()) {
    stats_.reason = result.reason;
  }
  if (result.status == WriteResult::Status::RETRY) ++stats_.retries;
  if (result.status == WriteResult::Status::CLOSED) stats_.closed = true;
  if (result.status == WriteResult::Status::REFUSED && done < batch_.size()) {
    leave(1);
    ++stats_.dropped_refused;
  }
  idle_.notify_all();
}

/// Many daemons that lost the same receiver do not all come back at once.
milliseconds SinkQueue::with_jitter(milliseconds pause) {
  std::uniform_int_distribution<milliseconds::rep> part(0, pause.count() / 2);
  return pause - milliseconds{part(random_)};
}

void SinkQueue::write_batch(std::unique_lock<std::mutex>& lock) {
  milliseconds pause = kFirstPause;
  size_t done = 0;
  stats_.busy_since = std::chrono::steady_clock::now();
  while (done < batch_.size() && !stopped_ && !stats_.closed) {
    lock.unlock();
    const WriteResult result = sink_->write(std::span(batch_).subspan(done), stop_fd_);
    lock.lock();
    account(result, done);
    if (result.written > 0) stats_.busy_since = std::chrono::steady_clock::now();
    if (result.status == WriteResult::Status::STOPPED) break;
    if (result.status != WriteResult::Status::RETRY) {
      pause = kFirstPause;
      continue;
    }
    if (result.written > 0) pause = kFirstPause;
    work_.wait_for(lock, std::max(with_jitter(pause), result.pause),
                   [this] { return stopped_ || reopening_; });
    if (std::exchange(reopening_, false)) {
      lock.unlock();
      sink_->reopen();
      lock.lock();
    }
    pause = std::min(pause * 2, kLongestPause);
  }
  stats_.busy_since.reset();
  batch_.clear();
}

/// What went before writes to the same file, program or spool.
void SinkQueue::make_sink(std::unique_lock<std::mutex>& lock) {
  if (sink_ != nullptr) return;
  lock.unlock();
  if (former_ != nullptr) former_->wait_until_ended();
  std::unique_ptr<Sink> sink = make_();
  lock.lock();
  former_.reset();
  sink_ = std::move(sink);
}

/// Of a queue that another follows: the sink gives up what it holds.
void SinkQueue::end_sink(std::unique_lock<std::mutex>& lock) {
  sink_->add_stats(stats_);
  stats_.queued = stats_.queued_bytes = stats_.spooled = 0;
  std::unique_ptr<Sink> sink = std::move(sink_);
  lock.unlock();
  sink.reset();
  lock.lock();
}

void SinkQueue::run() {
  std::unique_lock lock(mutex_);
  make_sink(lock);
  while (!stats_.closed && wait_for_work(lock)) {
    if (queue_.empty()) continue;  // it was about reopening
    batch_.swap(queue_);
    write_batch(lock);
    if (stopped_) break;
  }
  // Whatever is still pending can no longer be written.
  stats_.dropped_closed += pending_messages_;
  pending_messages_ = 0;
  pending_bytes_ = 0;
  queue_.clear();
  if (retired_) end_sink(lock);
  ended_ = true;
  idle_.notify_all();
}

}  // namespace falcod

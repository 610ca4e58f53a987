// See durable_sink.h.
#include "runtime/output/durable_sink.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace falcod {

namespace {

using std::chrono::milliseconds;
using Status = WriteResult::Status;

constexpr milliseconds kFirstPause{100};
/// While a receiver is down, one batch tries it so often: the circuit is open between.
constexpr milliseconds kLongestPause{30'000};
constexpr milliseconds kUnreadablePause{1000};
/// Read from disk at once.
constexpr size_t kBatch = 500;

int make_stop_fd() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

}  // namespace

DurableSink::DurableSink(std::unique_ptr<Sink> sink, Spool spool)
    : sink_(std::move(sink)), stop_fd_(make_stop_fd()), spool_(std::move(spool)) {
  worker_ = std::thread([this] { deliver(); });
}

DurableSink::~DurableSink() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t woken = ::write(stop_fd_, &one, sizeof one);
  work_.notify_one();
  worker_.join();
  ::close(stop_fd_);
}

WriteResult DurableSink::write(std::span<const Message> batch, int) {
  WriteResult result;
  {
    const std::lock_guard lock(mutex_);
    result.written = spool_.append(batch, result.reason);
  }
  work_.notify_one();
  if (result.written < batch.size()) result.status = Status::RETRY;
  return result;
}

void DurableSink::finish(milliseconds deadline) {
  std::unique_lock lock(mutex_);
  idle_.wait_for(lock, deadline, [this] { return spool_.pending() == 0 || failing_; });
}

void DurableSink::add_stats(SinkStats& stats) const {
  const std::lock_guard lock(mutex_);
  stats.written = delivered_;
  stats.delivery = delivery_;
  stats.dropped_refused += refused_;
  stats.retries += retries_;
  stats.queued += spool_.pending();
  stats.spooled = spool_.pending();
  // What the queue says is about the spool.
  stats.spool_failing = stats.failing;
  if (stats.spool_failing) stats.spool_reason = stats.reason;
  stats.failing = failing_;
  stats.reason = reason_;
}

/// False if nothing more can be done now.
bool DurableSink::deliver_batch(std::unique_lock<std::mutex>& lock, milliseconds& pause) {
  const std::vector<Message> batch = spool_.read(failing_ ? 1 : kBatch);
  if (batch.empty()) return false;
  lock.unlock();
  const WriteResult result = sink_->write(batch, stop_fd_);
  lock.lock();
  size_t left = result.written;
  delivered_ += result.written;
  const uint64_t now = result.written == 0 ? 0 : epoch_now_ns();
  for (size_t i = 0; i < result.written; ++i) delivery_.add(batch[i].time_ns, now);
  if (result.status == Status::REFUSED && left < batch.size()) {
    ++left;
    ++refused_;
  }
  spool_.done(left);
  failing_ = result.status == Status::RETRY;
  if (!result.reason.empty()) reason_ = result.reason;
  idle_.notify_all();
  if (result.status == Status::STOPPED || result.status == Status::CLOSED) return false;
  if (result.status != Status::RETRY) {
    pause = kFirstPause;
    return true;
  }
  ++retries_;
  std::uniform_int_distribution<milliseconds::rep> jitter(0, pause.count() / 2);
  const milliseconds wait = std::max(pause - milliseconds{jitter(random_)}, result.pause);
  work_.wait_for(lock, wait, [this] { return stopping_; });
  pause = std::min(pause * 2, kLongestPause);
  return true;
}

void DurableSink::deliver() {
  std::unique_lock lock(mutex_);
  milliseconds pause = kFirstPause;
  while (!stopping_) {
    work_.wait(lock, [this] { return stopping_ || spool_.pending() > 0; });
    if (stopping_ || deliver_batch(lock, pause)) continue;
    // The spool cannot be read now (no descriptors, say).
    work_.wait_for(lock, kUnreadablePause, [this] { return stopping_; });
  }
}

}  // namespace falcod

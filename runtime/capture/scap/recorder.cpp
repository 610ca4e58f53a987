// See recorder.h.
#include "runtime/capture/scap/recorder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "runtime/capture/scap/encode.h"
#include "runtime/capture/scap/output_file.h"

namespace falcod::scap {
namespace {

using falcoc::Code;
using falcoc::Diagnostic;

/// What waits for a slow disk at most.
constexpr size_t kMaxQueuedBytes = 64u << 20;
/// Handed over at once, without waiting for flush().
constexpr size_t kBatchBytes = 1u << 20;

struct Batch {
  std::string bytes;
  uint64_t events = 0;
  uint64_t new_file = 0;  ///< not 0: its number
};

Diagnostic cannot_write(const std::string& path, int error) {
  return Diagnostic::global(
      Code::CAPTURE_WRITE,
      fmt::format("capture file '{}' cannot be written: {}", path, std::strerror(error)),
      error == ENOSPC ? "make room; with --rotate-size and --rotate-keep a recording stays bounded"
                      : "give the path of a file that this user may write");
}

bool is_compressed(std::string_view path) { return path.ends_with(".gz"); }

class RecorderImpl final : public Recorder {
 public:
  RecorderImpl(RecorderOptions options, Head head)
      : options_(std::move(options)), head_(std::move(head)) {}
  ~RecorderImpl() override { RecorderImpl::close(); }

  std::expected<void, Diagnostic> start() {
    file_ = OutputFile::create(name_of(1), is_compressed(options_.path));
    if (file_ == nullptr) return std::unexpected(cannot_write(name_of(1), errno));
    batch_.bytes = head_();
    hand_over();
    began_ = Clock::now();
    writer_ = std::thread([this] { run(); });
    return {};
  }

  uint64_t write(const Event& event) override {
    const size_t before = batch_.bytes.size();
    append_event(batch_.bytes, event);
    ++batch_.events;
    const uint64_t bytes = batch_.bytes.size() - before;
    file_bytes_ += bytes;
    if (batch_.bytes.size() >= kBatchBytes) hand_over();
    return bytes;
  }

  void flush(Clock::time_point now) override {
    hand_over();
    const bool full = options_.rotate_bytes != 0 && file_bytes_ >= options_.rotate_bytes;
    const bool old = options_.rotate_after.count() != 0 && file_bytes_ != 0 &&
                     now - began_ >= options_.rotate_after;
    if (!full && !old) return;
    batch_.bytes = head_();
    batch_.new_file = ++number_;
    file_bytes_ = 0;
    began_ = now;
    hand_over();
  }

  std::optional<Diagnostic> take_error() override {
    const std::lock_guard lock(mutex_);
    return std::exchange(error_, std::nullopt);
  }

  void begin_close() override {
    hand_over();
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    wake_.notify_one();
  }

  bool is_closed() const override {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

  void close() override {
    if (!writer_.joinable()) return;
    begin_close();
    writer_.join();
  }

  RecorderStats stats() const override {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

 private:
  bool rotates() const { return options_.rotate_bytes != 0 || options_.rotate_after.count() != 0; }
  std::string name_of(uint64_t number) const {
    return rotates() ? rotated_name(options_.path, number) : options_.path;
  }

  void hand_over() {
    if (batch_.bytes.empty()) return;
    {
      const std::lock_guard lock(mutex_);
      // Tables always find room: without them a whole file would be lost.
      if (batch_.events != 0 && queued_bytes_ + batch_.bytes.size() > kMaxQueuedBytes) {
        stats_.lost += batch_.events;
      } else {
        queued_bytes_ += batch_.bytes.size();
        queue_.push_back(std::move(batch_));
      }
    }
    batch_ = {};
    wake_.notify_one();
  }

  // The writer's side.

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) break;
      const Batch batch = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      const bool written = put(batch);
      lock.lock();
      queued_bytes_ -= batch.bytes.size();
      (written ? stats_.events : stats_.lost) += batch.events;
    }
    lock.unlock();
    end_file();
    lock.lock();
    closed_ = true;
  }

  bool put(const Batch& batch) {
    if (batch.new_file != 0) next_file(batch.new_file);
    if (file_ == nullptr) return false;
    if (file_->write(batch.bytes)) return true;
    fail(errno);
    file_.reset();
    return false;
  }

  void next_file(uint64_t number) {
    end_file();
    written_number_ = number;
    const unsigned keep = options_.keep_files;
    if (keep != 0 && number > keep) ::unlink(name_of(number - keep).c_str());
    file_ = OutputFile::create(name_of(number), is_compressed(options_.path));
    if (file_ == nullptr) fail(errno);
  }

  void end_file() {
    if (file_ != nullptr && !file_->close()) fail(errno);
    file_.reset();
  }

  void fail(int error) {
    const std::lock_guard lock(mutex_);
    error_ = cannot_write(name_of(written_number_), error);
  }

  const RecorderOptions options_;
  const Head head_;
  Batch batch_;
  uint64_t number_ = 1;
  uint64_t file_bytes_ = 0;  ///< of events in the current file
  Clock::time_point began_;

  // The writer's own.
  std::unique_ptr<OutputFile> file_;  ///< null after a failure, until the next file
  uint64_t written_number_ = 1;

  // Shared.
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Batch> queue_;
  size_t queued_bytes_ = 0;
  bool closing_ = false;
  bool closed_ = false;
  std::optional<Diagnostic> error_;
  RecorderStats stats_;
  std::thread writer_;
};

}  // namespace

std::string rotated_name(const std::string& path, uint64_t number) {
  size_t end = path.size();
  if (path.ends_with(".gz")) end -= 3;
  if (std::string_view(path).substr(0, end).ends_with(".scap")) end -= 5;
  return fmt::format("{}.{}{}", path.substr(0, end), number, path.substr(end));
}

std::expected<std::unique_ptr<Recorder>, Diagnostic> Recorder::open(RecorderOptions options,
                                                                    Head head) {
  auto recorder = std::make_unique<RecorderImpl>(std::move(options), std::move(head));
  if (auto started = recorder->start(); !started) return std::unexpected(started.error());
  return recorder;
}

}  // namespace falcod::scap

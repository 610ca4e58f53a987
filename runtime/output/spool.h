// Messages on disk, in order, until they are delivered: a log of segments that survives the death
// of the process, `kill -9` included (the kernel has what was written; only a crash of the machine
// can lose the last moments). A segment whose messages are all delivered is deleted.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "compiler/source/diagnostic.h"
#include "runtime/output/sink.h"

namespace falcod {

class Spool {
 public:
  /// A segment is ended at this size.
  static constexpr uint64_t kSegmentBytes = uint64_t{4} << 20;

  /// `name` becomes a folder in `directory`. Both are made if they are missing, readable by their
  /// owner only. What an earlier process left is there. Fails if another process has it open.
  static std::expected<Spool, falcoc::Diagnostic> open(const std::string& directory,
                                                       const std::string& name, uint64_t max_bytes);
  Spool(Spool&& other) noexcept;
  Spool& operator=(Spool&&) = delete;
  ~Spool();

  /// Appends in order; returns how many fit. Sets `error` if that is fewer.
  size_t append(std::span<const Message> messages, std::string& error);
  /// The next messages that are not delivered, at most `count`, from the oldest. What is damaged
  /// (cut short by a crash of the machine) is passed over.
  std::vector<Message> read(size_t count);
  /// The first `count` of what read() returned last are delivered.
  void done(size_t count);
  /// Messages that are not delivered.
  size_t pending() const { return pending_; }
  uint64_t bytes() const { return bytes_; }

 private:
  struct Segment {
    uint64_t number = 0;
    uint64_t size = 0;
  };

  Spool(std::string folder, int lock, uint64_t max_bytes)
      : folder_(std::move(folder)), lock_(lock), max_bytes_(max_bytes) {}

  std::string path(uint64_t number) const;
  std::optional<falcoc::Diagnostic> recover();
  void recover_segment(Segment& segment, uint64_t begin);
  bool begin_segment(std::string& error);
  void write_progress();

  std::string folder_;
  int lock_ = -1;
  uint64_t max_bytes_;
  std::deque<Segment> segments_;  ///< oldest first; the last one is written to
  int write_fd_ = -1;
  int progress_fd_ = -1;
  uint64_t read_offset_ = 0;  ///< in the first segment: what is delivered ends here
  uint64_t last_ = 0;         ///< segments up to this one were written by an earlier process
  std::vector<std::pair<uint64_t, uint64_t>> read_;  ///< segment and end of each message read last
  size_t pending_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace falcod

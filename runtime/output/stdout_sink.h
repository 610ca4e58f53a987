// Alerts as lines on a file descriptor: standard output. Works on terminals, pipes, sockets and
// files, and can be interrupted on each of them.
#pragma once

#include "runtime/output/line_writer.h"

namespace falcod {

class StdoutSink final : public Sink {
 public:
  /// `fd` stays the caller's and must outlive the sink. SIGPIPE must be ignored.
  explicit StdoutSink(int fd);
  ~StdoutSink() override;
  StdoutSink(const StdoutSink&) = delete;
  StdoutSink& operator=(const StdoutSink&) = delete;

  std::string_view name() const override { return "stdout"; }
  WriteResult write(std::span<const Message> batch, int stop_fd) override;

 private:
  int fd_;      ///< what is written to
  bool owned_;  ///< fd_ is our own opening of the same file
  LineWriter writer_;
};

}  // namespace falcod

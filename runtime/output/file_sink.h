// Alerts appended to a file (`file_output`). A full disk is waited out; a pipe without a reader is,
// too.
#pragma once

#include <string>

#include "runtime/output/line_writer.h"

namespace falcod {

class FileSink final : public Sink {
 public:
  /// With `keep_alive` the file stays open between alerts, until reopen().
  FileSink(std::string path, bool keep_alive);
  ~FileSink() override;
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  std::string_view name() const override { return "file"; }
  WriteResult write(std::span<const Message> batch, int stop_fd) override;
  void reopen() override;

 private:
  void open();
  void close();

  std::string path_;
  bool keep_alive_;
  int fd_ = -1;
  LineWriter writer_;
};

}  // namespace falcod

// Alerts to a shell command's standard input (`program_output`): one command per alert, or one for
// all.
#pragma once

#include <sys/types.h>

#include <string>

#include "runtime/output/line_writer.h"

namespace falcod {

class ProgramSink final : public Sink {
 public:
  ProgramSink(std::string command, bool keep_alive);
  ~ProgramSink() override;
  ProgramSink(const ProgramSink&) = delete;
  ProgramSink& operator=(const ProgramSink&) = delete;

  std::string_view name() const override { return "program"; }
  WriteResult write(std::span<const Message> batch, int stop_fd) override;
  void reopen() override;

 private:
  std::string start();
  void close_input();
  /// Waits for the command's end; kills it if `stop_fd` becomes readable first, and says so.
  bool wait_for_end(int stop_fd);
  WriteResult one_each(std::span<const Message> batch, int stop_fd);

  std::string command_;
  bool keep_alive_;
  pid_t pid_ = -1;
  int fd_ = -1;
  LineWriter writer_;
};

}  // namespace falcod

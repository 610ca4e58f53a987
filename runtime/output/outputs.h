// All sinks of a daemon: each alert goes to every one of them.
#pragma once

#include "runtime/output/sink_queue.h"

namespace falcod {

class Outputs {
 public:
  void add(std::unique_ptr<Sink> sink, QueueLimits limits, const GateOptions& gate = {});
  /// Never waits for a sink.
  void emit(const Message& message);
  /// Waits until every sink has room, for at most `deadline` each; see SinkQueue.
  bool wait_for_room(std::chrono::milliseconds deadline);
  /// No sink takes anything any more.
  bool all_closed() const;
  void close(std::chrono::milliseconds deadline);
  /// SIGUSR1: files and programs are opened again.
  void reopen();
  std::vector<SinkStats> stats() const;

 private:
  std::vector<std::unique_ptr<SinkQueue>> queues_;
};

}  // namespace falcod

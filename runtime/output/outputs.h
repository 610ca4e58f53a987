// All sinks of a daemon: each alert goes to every one of them. They can be exchanged while alerts
// come.
#pragma once

#include <map>

#include "runtime/output/sink_queue.h"

namespace falcod {

class Outputs {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// How long one that is not wanted any more may write what it has.
  static constexpr std::chrono::seconds kRetireLimit{10};

  void add(std::unique_ptr<Sink> sink, QueueLimits limits, const GateOptions& gate = {});
  /// From now on these: one that is there already, by its identity, goes on with what it has;
  /// others write what they have, and end. Never waits for a sink.
  void use(std::vector<OutputSpec> specs, Time now);
  /// Ends those that had their time. To be called from time to time.
  void turn(Time now);
  /// Never waits for a sink. Not to the one of the name `except`.
  void emit(const Message& message, std::string_view except = {});
  /// Waits until every sink has room, for at most `deadline` each; see SinkQueue.
  bool wait_for_room(std::chrono::milliseconds deadline);
  /// No sink takes anything any more.
  bool all_closed() const;
  void close(std::chrono::milliseconds deadline);
  /// SIGUSR1: files and programs are opened again.
  void reopen();
  /// Of those that were, too: they are counted with one of the same name, if there is one.
  std::vector<SinkStats> stats() const;

 private:
  struct Retired {
    std::shared_ptr<SinkQueue> queue;
    Time deadline;
    bool stopped = false;
  };

  std::vector<std::shared_ptr<SinkQueue>> queues_;
  std::vector<Retired> retired_;
  std::map<std::string, SinkStats> former_;  ///< by name, of those that ended
};

}  // namespace falcod

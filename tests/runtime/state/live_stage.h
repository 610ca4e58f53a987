// A process table that the probe feeds, and processes that do something and say when they have done
// it.
#pragma once

#include <fmt/format.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <vector>

#include "runtime/capture/decode.h"
#include "runtime/capture/live.h"
#include "runtime/state/proc_reader.h"
#include "runtime/state/process_table.h"

namespace falcod::testing {

// ---- in the processes

/// A pid that no process has, beyond the kernel's limit of 2^22, by which number `number` is told.
inline int marked(int number) { return 0x40000000 + number; }
/// Tells that it is done: a signal to nobody.
inline void mark(int number) { kill(marked(number), 0); }
/// One that the test lost sight of, because a check failed, would keep the test's output open, and
/// whoever reads it waiting: it ends by itself.
inline constexpr unsigned kLongestTestSeconds = 240;
/// For the test to end it.
[[noreturn]] inline void wait_for_ever() {
  alarm(kLongestTestSeconds);
  while (true) pause();
}
/// In a child: ends with its parent, also if that has ended already.
inline void end_with(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
}
/// Ends the process if not; the test then waits in vain and fails.
inline void must(bool condition) {
  if (!condition) _exit(99);
}
/// A child that ends with its parent.
pid_t fork_waiting();

// ---- in the test

class LiveStage : public RecordHandler {
 public:
  /// Null if this machine does not allow it; the test has said so then.
  static std::unique_ptr<LiveStage> open();

  void on_record(std::span<const std::byte> record) override;

  /// A new process acts and marks number(), or what it starts does. Calls `then` with the one that
  /// marked, by default check_against_proc; ends the new process and returns the one that marked.
  ProcessPtr play(const std::function<void()>& act,
                  const std::function<void(const ProcessPtr&)>& then = {});
  /// Of the scene being played.
  int number() const { return number_; }
  pid_t last_actor() const { return actor_; }

  ProcessTable table{0};
  std::function<bool(const Event&)> drops;  ///< records that are lost, as it were

 private:
  ProcessPtr wait_for_mark();

  std::unique_ptr<LiveSource> source_;
  Decoder decoder_{0};
  int number_ = getpid() << 8;  ///< other tests mark at the same time
  pid_t actor_ = 0;
  ProcessPtr marker_;
};

/// That the table says of a process what /proc says.
void check_against_proc(const Process& process);
std::vector<int64_t> proc_children(int64_t pid);

}  // namespace falcod::testing

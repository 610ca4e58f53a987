// What the first picture of all processes costs: the kernel's iterators against /proc, in the same
// run, on a machine with thousands of threads that this program makes.
// Usage: bench_startup [THREADS [THREADS_PER_PROCESS]]
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "runtime/capture/decode.h"
#include "runtime/capture/process_snapshot.h"
#include "runtime/state/process_table.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 5;

/// A process with so many threads that do nothing; says by a byte that they are all there.
[[noreturn]] void be_busy(int threads, int ready) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int i = 1; i < threads; ++i) std::thread([] { pause(); }).detach();
  if (write(ready, "r", 1) != 1) _exit(1);
  while (true) pause();
}

/// The processes while this lives.
class Crowd {
 public:
  Crowd(int threads, int per_process) {
    int ready[2];
    if (pipe(ready) != 0) return;
    for (int left = threads; left > 0; left -= per_process) {
      const pid_t pid = fork();
      if (pid == 0) be_busy(std::min(left, per_process), ready[1]);
      if (pid < 0) break;
      pids_.push_back(pid);
    }
    for (size_t i = 0; i < pids_.size(); ++i) {
      char byte;
      if (read(ready[0], &byte, 1) != 1) break;
    }
    close(ready[0]);
    close(ready[1]);
  }
  ~Crowd() {
    for (const pid_t pid : pids_) kill(pid, SIGKILL);
    for (const pid_t pid : pids_) waitpid(pid, nullptr, 0);
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  size_t size() const { return pids_.size(); }

 private:
  std::vector<pid_t> pids_;
};

/// Records into a table, as the engine does it.
class Filler : public falcod::RecordHandler {
 public:
  explicit Filler(falcod::ProcessTable& table) : table_(table) {}
  void on_record(std::span<const std::byte> record) override {
    const falcod::Event* event = decoder_.decode(record);
    if (event != nullptr && event->kind == FC_STATE_TASK) table_.apply(*event);
  }

 private:
  falcod::Decoder decoder_{0};
  falcod::ProcessTable& table_;
};

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

struct Cost {
  double best_ms = 1e9;
  size_t processes = 0;
  void take(double milliseconds, size_t count) {
    best_ms = std::min(best_ms, milliseconds);
    processes = count;
  }
};

}  // namespace

int main(int argument_count, char** arguments) {
  const int threads = argument_count > 1 ? std::atoi(arguments[1]) : 5000;
  const int per_process = argument_count > 2 ? std::atoi(arguments[2]) : 10;
  if (threads < 1 || per_process < 1) {
    fmt::print(stderr, "usage: bench_startup [THREADS [THREADS_PER_PROCESS]]\n");
    return 2;
  }
  const Crowd crowd(threads, per_process);
  fmt::print("{} threads in {} processes of this program's making\n", threads, crowd.size());

  const auto before = Clock::now();
  auto snapshot = falcod::ProcessSnapshot::open();
  const double open_ms = milliseconds_since(before);
  if (!snapshot) fmt::print("no iterators: {}\n", snapshot.error().message);
  Cost iterators, proc;
  for (int round = 0; round < kRounds; ++round) {
    if (snapshot) {
      falcod::ProcessTable table(0);
      Filler filler(table);
      const auto begin = Clock::now();
      table.begin_scan();
      if (!(*snapshot)->read(filler)) return 1;
      table.end_scan();
      iterators.take(milliseconds_since(begin), table.size());
    }
    falcod::ProcessTable table(0);
    const auto begin = Clock::now();
    table.scan_proc();
    proc.take(milliseconds_since(begin), table.size());
  }
  if (snapshot) {
    fmt::print("iterators {:8.1f} ms, {} processes (loading them once: {:.1f} ms)\n",
               iterators.best_ms, iterators.processes, open_ms);
  }
  fmt::print("/proc     {:8.1f} ms, {} processes\n", proc.best_ms, proc.processes);
  if (snapshot) fmt::print("/proc takes {:.1f} times as long\n", proc.best_ms / iterators.best_ms);
  return 0;
}

// See generator.h.
#include "tools/bench/load/generator.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <chrono>
#include <new>
#include <thread>

namespace load {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t kRoundsPerLook = 32;  // between looks at the clock

/// One call of each event, in the order of kEvents. All but one fail, none changes anything.
void make_calls(Counts& counts) {
  static char memory[64] = "data that is read by a call that reads the own memory";
  static char copy[64];
  const iovec to{copy, 40}, from{memory, 40};
  const auto count = [&counts](size_t event) {
    counts.calls[event].fetch_add(1, std::memory_order_relaxed);
  };
  syscall(SYS_mknodat, AT_FDCWD, "no/such/directory", 0600, 0);
  count(0);
  syscall(SYS_delete_module, "no_such_module", O_NONBLOCK);
  count(1);
  syscall(SYS_process_vm_readv, getpid(), &to, 1, &from, 1, 0);
  count(2);
  syscall(SYS_quotactl, -1, "/dev/no-such-device", 0, nullptr);
  count(3);
  syscall(SYS_userfaultfd, -1);
  count(4);
  syscall(SYS_mlock2, nullptr, 0, -1);
  count(5);
  syscall(SYS_open_by_handle_at, -1, nullptr, 0);
  count(6);
  syscall(SYS_epoll_create, -1);
  count(7);
}

void generate(Counts& counts, const Limit& limit) {
  const auto begin = Clock::now();
  for (uint64_t round = 0; limit.rounds == 0 || round < limit.rounds; ++round) {
    make_calls(counts);
    if (round % kRoundsPerLook != 0 || limit.rounds != 0) continue;
    const std::chrono::duration<double> passed = Clock::now() - begin;
    if (passed.count() >= limit.seconds) return;
    if (limit.rate == 0) continue;
    const double ahead =
        static_cast<double>((round + 1) * kEvents.size()) / limit.rate - passed.count();
    if (ahead > 0.001) std::this_thread::sleep_for(std::chrono::duration<double>(ahead));
  }
}

}  // namespace

Counts* share_counts() {
  void* const memory =
      mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : new (memory) Counts{};
}

std::optional<pid_t> start_generator(Counts& counts, const Limit& limit, int go) {
  const pid_t pid = fork();
  if (pid < 0) return std::nullopt;
  if (pid > 0) return pid;
  char byte;
  if (read(go, &byte, 1) == 1) generate(counts, limit);
  _exit(0);
}

}  // namespace load

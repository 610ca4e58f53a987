// Both ways of hooking system calls tell the same. Functions are hooked one by one only where the
// kernel allows it: elsewhere these cases say so.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <map>
#include <set>

#include "tests/runtime/capture/scenario.h"

using namespace falcod;
using namespace falcod::test;

namespace {

const std::initializer_list<std::string_view> kWanted = {
    "open",   "openat", "connect", "socket", "mkdir",  "unlinkat", "execve", "clone",
    "clone3", "fork",   "vfork",   "setsid", "setuid", "getuid",   "dup3",   "fchmodat"};

std::unique_ptr<LiveSource> open_with(HookMode mode) {
  auto source = LiveSource::open({.wanted = events_named(kWanted), .hooks = mode});
  if (source) return std::move(*source);
  CHECK_MESSAGE(mode == HookMode::FENTRY, source.error().message);
  CHECK_MESSAGE(source.error().code == falcoc::Code::PROBE_HOOKS, source.error().message);
  MESSAGE("SKIPPED: ", source.error().message);
  return nullptr;
}

/// Makes the kernel answer this call with EPERM before it is made.
void forbid(unsigned number) {
  std::array<sock_filter, 4> code{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{code.size(), code.data()};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

void end_at_once(pid_t pid) {
  if (pid == 0) _exit(0);
  waitpid(pid, nullptr, 0);
}

void deeds() {
  close(open("/etc/passwd", O_RDONLY));
  syscall(SYS_openat, AT_FDCWD, "/nonexistent/file", O_RDONLY);
  sockaddr_un address{AF_UNIX, "/nonexistent/socket"};
  const int client = socket(AF_UNIX, SOCK_STREAM, 0);
  connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  dup3(client, 200, O_CLOEXEC);
  syscall(SYS_unlinkat, AT_FDCWD, "/nonexistent/file", 0);
  fchmodat(AT_FDCWD, "/nonexistent/file", 0600, 0);
  end_at_once(static_cast<pid_t>(syscall(SYS_fork)));
  end_at_once(fork());  // clone, in today's C libraries
  setsid();
  syscall(SYS_getuid);
  syscall(SYS_setuid, 0);
#if defined(__x86_64__)
  long result;  // getuid of the 32-bit table: 16 bits
  asm volatile("int $0x80" : "=a"(result) : "a"(24) : "memory");
#endif
  char* const arguments[] = {const_cast<char*>("nothing"), nullptr};
  execve("/nonexistent/program", arguments, environ);
  forbid(SYS_mkdir);
  syscall(SYS_mkdir, "/nonexistent/directory", 0700);
  execl("/bin/true", "true", nullptr);
}

/// What a record says, without when and without what changes from one moment to the next.
std::string told(const Seen& event) {
  static const std::set<std::string_view> kChanging = {"vm_size", "vm_rss", "vm_swap", "pgft_maj",
                                                       "pgft_min"};
  const fc_event& record = event.record();
  std::string text = event.name() + " of " + std::to_string(record.syscall_nr) + " flags " +
                     std::to_string(record.flags) + " = " + std::to_string(record.ret);
  for (const uint64_t argument : record.args) text += ' ' + std::to_string(argument);
  for (const auto& [name, bytes] : event.params()) {
    if (!kChanging.contains(name)) text += "\n  " + name + '=' + bytes;
  }
  return text;
}

/// By thread, in order: threads of their own do not wait for each other.
std::map<uint32_t, std::vector<std::string>> by_thread(const std::vector<Seen>& events) {
  std::map<uint32_t, std::vector<std::string>> threads;
  for (const Seen& event : events) threads[event.record().task.tid].push_back(told(event));
  return threads;
}

}  // namespace

TEST_CASE("hooks at single functions tell the same events as the tracepoint") {
  const auto one_by_one = open_with(HookMode::FENTRY);
  if (!one_by_one) return;
  const auto tracepoint = open_with(HookMode::TRACEPOINT);
  if (!tracepoint) return;
  LiveSource* const sources[] = {tracepoint.get(), one_by_one.get()};
  const auto seen = watch(sources, deeds);

  const auto expected = by_thread(seen[0]), found = by_thread(seen[1]);
  CHECK(expected.size() == 3);
  REQUIRE(found.size() == expected.size());
  for (const auto& [thread, events] : expected) {
    const auto same = found.find(thread);
    REQUIRE(same != found.end());
    CHECK(same->second == events);
  }
  const auto& events = seen[1];
  const auto refused = [](const Seen& event) { return event.ret() == -EPERM; };
  const auto in_child = [](const Seen& event) { return event.ret() == 0; };
  const auto compat = [](const Seen& event) { return event.record().flags & FC_EVENT_COMPAT32; };
  CHECK(find(events, "mkdir", refused) != nullptr);
  CHECK(find(events, "fork", in_child) != nullptr);
  CHECK(find(events, "clone", in_child) != nullptr);
  CHECK(find(events, "setsid") != nullptr);
#if defined(__x86_64__)
  CHECK(find(events, "getuid", compat) != nullptr);
#endif
  CHECK(one_by_one->losses().empty());
}

TEST_CASE("wanted calls change while functions are hooked") {
  const auto source = open_with(HookMode::FENTRY);
  if (!source) return;
  REQUIRE(source->set_wanted(events_named({"symlinkat", "open"})).has_value());
  const auto events = watch(*source, [] {
    close(static_cast<int>(syscall(SYS_open, "/etc/passwd", O_RDONLY)));
    syscall(SYS_symlinkat, "a", AT_FDCWD, "/nonexistent/link");
    syscall(SYS_mkdir, "/nonexistent/directory", 0700);
  });
  CHECK(find(events, "open") != nullptr);
  CHECK(find(events, "symlinkat") != nullptr);
  CHECK(find(events, "mkdir") == nullptr);
}

// Changes what process facts depend on, and opens files right before and right after. Every round
// waits in between for as long as falcod needs to find the facts, so that there is something to be
// wrong.
//
// changes WHAT: one of the functions in the table at the end.
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <thread>

namespace {

constexpr int kRounds = 12;
constexpr int kKnownMs = 300;  // falcod looks every 50 ms; more, because machines are busy
constexpr int kOpens = 5;

void wait_ms(int milliseconds) { poll(nullptr, 0, milliseconds); }

void open_files() {
  for (int i = 0; i < kOpens; ++i) {
    const int fd = open("/nonexistent/falcoc-facts", O_RDONLY);
    if (fd >= 0) close(fd);
  }
}

/// Long enough for the facts to be known, and used.
void be_known() {
  wait_ms(kKnownMs);
  open_files();
}

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  _exit(3);
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

pid_t start(const std::function<void()>& body) {
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    body();
    _exit(0);
  }
  return child;
}

const char* parity(int round) { return round % 2 == 0 ? "even" : "odd"; }

/// Executes this program again as `name`, to do `what` in the next round.
[[noreturn]] void execute(const char* name, const char* what, int round) {
  const std::string number = std::to_string(round);
  const std::string turn = std::string("TURN=") + parity(round);
  const char* arguments[] = {name, what, number.c_str(), parity(round), nullptr};
  const char* environment[] = {turn.c_str(), nullptr};
  execve("/proc/self/exe", const_cast<char**>(arguments), const_cast<char**>(environment));
  fail("execve");
}

// ---- the process itself

/// The facts of the image before are known when the next one opens its first file.
int executes(int round) {
  open_files();
  be_known();
  if (round == kRounds) return 0;
  execute(parity(round), "executes", round + 1);
}

int changes_user(int) {
  for (int round = 0; round < kRounds; ++round) {
    be_known();
    const uid_t id = round % 2 == 0 ? 12345 : 0;
    if (id == 0 && setresuid(-1, 0, -1) != 0) fail("setresuid");
    if (setresgid(-1, id, -1) != 0) fail("setresgid");
    if (id != 0 && setresuid(-1, id, -1) != 0) fail("setresuid");
    open_files();
  }
  return 0;
}

/// The kernel has credentials per thread; only libc keeps them together.
int changes_user_of_a_thread(int) {
  std::jthread other([](const std::stop_token& stop) {
    if (syscall(SYS_setresuid, -1, 12345, -1) != 0) fail("setresuid");
    while (!stop.stop_requested()) {
      open_files();
      wait_ms(50);
    }
  });
  for (int round = 0; round < kRounds; ++round) be_known();
  return 0;
}

void set_capabilities(uint32_t flipped) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data) != 0) fail("capget");
  data[0].effective ^= flipped;
  if (syscall(SYS_capset, &header, data) != 0) fail("capset");
}

int changes_capabilities(int) {
  for (int round = 0; round < kRounds; ++round) {
    be_known();
    set_capabilities(1u << CAP_SYS_ADMIN);
    open_files();
  }
  return 0;
}

/// All capabilities, of a namespace of its own.
int makes_user_namespace(int) {
  for (int round = 0; round < kRounds; ++round) {
    wait_for(start([] {
      if (setresgid(12345, 12345, 12345) != 0 || setresuid(12345, 12345, 12345) != 0)
        fail("setresuid");
      be_known();
      if (unshare(CLONE_NEWUSER) != 0) fail("unshare");
      open_files();
      be_known();
    }));
  }
  return 0;
}

int leads_session(int) {
  for (int round = 0; round < kRounds; ++round) {
    wait_for(start([] {
      be_known();
      if (setsid() < 0) fail("setsid");
      open_files();
      be_known();
    }));
  }
  return 0;
}

/// Shells put their children into groups: the child makes no call of its own.
int is_put_into_group(int) {
  for (int round = 0; round < kRounds; ++round) {
    int ready[2];
    if (pipe(ready) != 0) fail("pipe");
    const pid_t child = start([&] {
      be_known();
      char done = 0;
      if (write(ready[1], &done, 1) != 1) fail("write");
      for (int i = 0; i < 10; ++i) {
        open_files();
        wait_ms(30);
      }
    });
    char done = 0;
    if (read(ready[0], &done, 1) != 1) fail("read");
    if (setpgid(child, child) != 0) fail("setpgid");
    wait_for(child);
    close(ready[0]);
    close(ready[1]);
  }
  return 0;
}

int gets_terminal(int) {
  for (int round = 0; round < kRounds; ++round) {
    wait_for(start([] {
      signal(SIGHUP, SIG_IGN);
      if (setsid() < 0) fail("setsid");
      const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
      if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) fail("posix_openpt");
      const int own = open(ptsname(terminal), O_RDWR | O_NOCTTY);
      if (own < 0) fail("open");
      be_known();
      if (ioctl(own, TIOCSCTTY, 0) != 0) fail("TIOCSCTTY");
      open_files();
      set_capabilities(0);  // a call whose record tells of the terminal too
      open_files();
      be_known();
      close(own);
      close(terminal);  // hangs up
      open_files();
      set_capabilities(0);
      open_files();
    }));
  }
  return 0;
}

/// proc.name is what it was at the execve: nothing may change.
int renames_itself(int) {
  for (int round = 0; round < kRounds; ++round) {
    be_known();
    prctl(PR_SET_NAME, round % 2 == 0 ? "before" : "after");
    open_files();
    const int comm = open("/proc/self/comm", O_WRONLY);
    if (comm < 0 || write(comm, "before", 6) < 0) fail("comm");
    close(comm);
    open_files();
  }
  return 0;
}

// ---- ancestors

/// The child's facts are known when its parent becomes another.
int parent_executes(int round) {
  int ready[2];
  if (round == kRounds) {
    while (wait(nullptr) > 0) {
    }
    return 0;
  }
  if (pipe(ready) != 0) fail("pipe");
  start([&] {
    close(ready[0]);
    be_known();
    char done = 0;
    if (write(ready[1], &done, 1) != 1) fail("write");
    for (int i = 0; i < 20; ++i) {
      open_files();
      wait_ms(10);
    }
    be_known();
  });
  char done = 0;
  if (read(ready[0], &done, 1) != 1) fail("read");
  execute(round % 2 == 0 ? "before" : parity(round), "parent_executes", round + 1);
}

/// `depth` generations up somebody dies, and leaves a child to init.
int ancestor_dies(int depth) {
  for (int round = 0; round < kRounds; ++round) {
    int gone[2];
    if (pipe(gone) != 0) fail("pipe");
    const pid_t oldest = start([&] {
      prctl(PR_SET_NAME, "before");
      const std::function<void(int)> descend = [&](int left) {
        if (left > 0) {
          start([&] { descend(left - 1); });
          wait_ms(left == depth ? kKnownMs * 2 : kKnownMs * 4);
          return;  // the oldest dies here, those between live on
        }
        close(gone[0]);
        be_known();
        for (int i = 0; i < 40; ++i) {
          open_files();
          wait_ms(10);
        }
        be_known();
      };
      descend(depth);
    });
    close(gone[1]);
    wait_for(oldest);
    char none = 0;
    while (read(gone[0], &none, 1) > 0) {
    }
    close(gone[0]);
  }
  return 0;
}
int parent_dies(int) { return ancestor_dies(1); }
int grandparent_dies(int) { return ancestor_dies(2); }

// ---- the number of the process

pid_t start_as(pid_t number, const std::function<void()>& body) {
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  if (number != 0) {
    arguments.set_tid = reinterpret_cast<uint64_t>(&number);
    arguments.set_tid_size = 1;
  }
  const auto child = static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
  if (child == 0) {
    body();
    _exit(0);
  }
  return child;
}

int is_known(int) {
  open_files();
  be_known();
  return 0;
}

/// Another process gets the number of one whose facts are known, and executes as often as that did.
int pid_is_used_again(int) {
  for (int round = 0; round < kRounds; ++round) {
    const pid_t first = start_as(0, [] { execute("first", "is_known", 1); });
    if (first < 0) fail("clone3");
    wait_for(first);
    const pid_t second = start_as(first, [] { execute("second", "is_known", 2); });
    if (second < 0 && (errno == EPERM || errno == EINVAL)) return 77;
    if (second < 0) continue;  // somebody else was faster
    wait_for(second);
  }
  return 0;
}

// ---- cgroups

/// Another process moves it; CGROUP names the directory to make groups in.
int is_moved(int) {
  const char* const root = getenv("CGROUP");
  if (root == nullptr) return 77;
  // names as container engines give them
  std::string groups[2];
  for (int i = 0; i < 2; ++i) {
    groups[i] = std::string(root) + "/docker-" + std::string(64, i == 0 ? 'a' : 'b') + ".scope";
    if (mkdir(groups[i].c_str(), 0755) != 0) fail("mkdir");
  }
  const pid_t child = start([] {
    for (int round = 0; round < kRounds; ++round) {
      for (int i = 0; i < 20; ++i) {
        open_files();
        wait_ms(kKnownMs / 20);
      }
    }
  });
  for (int round = 0; round < kRounds; ++round) {
    wait_ms(kKnownMs);
    const int procs = open((groups[round % 2] + "/cgroup.procs").c_str(), O_WRONLY);
    const std::string pid = std::to_string(child);
    if (procs < 0 || write(procs, pid.data(), pid.size()) < 0) fail("cgroup.procs");
    close(procs);
  }
  const int status = wait_for(child);
  for (const std::string& group : groups) rmdir(group.c_str());
  return status;
}

struct Change {
  const char* name;
  int (*run)(int round);
};

constexpr Change kChanges[] = {
    {"executes", executes},
    {"changes_user", changes_user},
    {"changes_user_of_a_thread", changes_user_of_a_thread},
    {"changes_capabilities", changes_capabilities},
    {"makes_user_namespace", makes_user_namespace},
    {"leads_session", leads_session},
    {"is_put_into_group", is_put_into_group},
    {"gets_terminal", gets_terminal},
    {"renames_itself", renames_itself},
    {"parent_executes", parent_executes},
    {"parent_dies", parent_dies},
    {"grandparent_dies", grandparent_dies},
    {"pid_is_used_again", pid_is_used_again},
    {"is_moved", is_moved},
    {"is_known", is_known},
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const int round = argc > 2 ? std::atoi(argv[2]) : 0;
  for (const Change& change : kChanges) {
    if (std::strcmp(change.name, argv[1]) == 0) return change.run(round);
  }
  return 2;
}

// Does one thing that a standard rule is about, for its test. Linked statically: containers run it
// too.
//
//   provoke trace | traceme | write-memory | open-memory | open-environment | open-own-memory |
//           user-namespace | page-faults | bpf | packets | ring | connect PATH |
//           tcp ADDRESS PORT | as-nobody COMMAND…
//
// Exit status 0: it was done.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace {

constexpr uid_t kNobody = 65534;

/// A process that waits to be killed.
class Victim {
 public:
  Victim() : pid_(fork()) {
    if (pid_ != 0) return;
    for (;;) pause();
  }
  ~Victim() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;
  pid_t pid() const { return pid_; }
  std::string file(const char* name) const { return "/proc/" + std::to_string(pid_) + "/" + name; }

 private:
  pid_t pid_;
};

bool opens(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags);
  if (fd < 0) return false;
  close(fd);
  return true;
}

bool trace() {
  const Victim victim;
  return ptrace(PTRACE_ATTACH, victim.pid(), nullptr, nullptr) == 0;
}

bool be_traced() {
  const pid_t child = fork();
  if (child == 0) _exit(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0 ? 0 : 1);
  int status = 0;
  return waitpid(child, &status, 0) == child && status == 0;
}

bool write_memory() {
  static char there[8] = "before";
  const Victim victim;
  char here[8] = "after";
  const iovec from{here, sizeof here}, to{there, sizeof there};
  return process_vm_writev(victim.pid(), &from, 1, &to, 1, 0) == sizeof here;
}

bool load_program() {
  const bpf_insn program[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
  bpf_attr request{};
  request.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  request.insns = reinterpret_cast<uint64_t>(program);
  request.insn_cnt = 2;
  request.license = reinterpret_cast<uint64_t>("GPL");
  return syscall(SYS_bpf, BPF_PROG_LOAD, &request, sizeof request) >= 0;
}

bool set_up_ring() {
  io_uring_params parameters{};
  return syscall(SYS_io_uring_setup, 2, &parameters) >= 0;
}

bool connect_to(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  const int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
  const auto* const at = reinterpret_cast<const sockaddr*>(&address);
  return bind(server, at, sizeof address) == 0 && listen(server, 1) == 0 &&
         connect(client, at, sizeof address) == 0;
}

/// Both ends are here.
bool connect_to(const char* ip, const char* port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::atoi(port)));
  inet_pton(AF_INET, ip, &address.sin_addr);
  const int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  const auto* const at = reinterpret_cast<const sockaddr*>(&address);
  return bind(server, at, sizeof address) == 0 && listen(server, 1) == 0 &&
         connect(client, at, sizeof address) == 0;
}

bool as_nobody(bool (*act)()) { return setresuid(kNobody, kNobody, kNobody) == 0 && act(); }

bool provoke(std::string_view what, std::span<char*> arguments) {
  if (what == "trace") return trace();
  if (what == "traceme") return be_traced();
  if (what == "write-memory") return write_memory();
  if (what == "open-memory") return opens(Victim().file("mem"), O_RDONLY);
  if (what == "open-environment") return opens(Victim().file("environ"), O_RDONLY);
  if (what == "open-own-memory") return opens("/proc/self/mem", O_RDONLY);
  if (what == "user-namespace") return as_nobody([] { return unshare(CLONE_NEWUSER) == 0; });
  if (what == "page-faults") {
    constexpr int kUserModeOnly = 1;
    return as_nobody([] { return syscall(SYS_userfaultfd, O_CLOEXEC | kUserModeOnly) >= 0; });
  }
  if (what == "bpf") return load_program();
  if (what == "packets") return socket(AF_PACKET, SOCK_RAW, 0) >= 0;
  if (what == "ring") return set_up_ring();
  if (what == "as-nobody" && !arguments.empty() && setresuid(kNobody, kNobody, kNobody) == 0) {
    execv(arguments[0], arguments.data());
  }
  if (what == "connect") return arguments.size() == 1 && connect_to(arguments[0]);
  if (what == "tcp") return arguments.size() == 2 && connect_to(arguments[0], arguments[1]);
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  if (provoke(argv[1], std::span(argv, static_cast<size_t>(argc)).subspan(2))) return 0;
  std::perror(argv[1]);
  return 1;
}

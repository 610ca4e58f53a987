// Processes: making, replacing, ending, limiting, signalling, tracing them.
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <fstream>
#include <sstream>

#include "tests/live/calls/encode.h"
#include "tests/live/calls/families.h"

namespace calls {
namespace {

std::string content(const char* path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string link_target(const char* path) {
  char target[PATH_MAX]{};
  return readlink(path, target, sizeof target - 1) < 0 ? std::string{} : target;
}

/// A line "NAME:\tHEX" of /proc/self/status.
int64_t status_bits(const std::string& name) {
  const std::string status = content("/proc/self/status");
  const size_t at = status.find(name + ":");
  return at == std::string::npos
             ? 0
             : static_cast<int64_t>(std::stoull(status.substr(at + name.size() + 1), nullptr, 16));
}

std::string own_name() {
  char name[16]{};
  prctl(PR_GET_NAME, name);
  return name;
}

int64_t descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<int64_t>(limit.rlim_cur);
}

/// What events about the calling process as it is have in common.
void expect_self(Measured& measured) {
  measured.num("tid", gettid()).num("pid", getpid()).num("ptid", getppid());
  measured.text("cwd", link_target("/proc/self/cwd")).num("fdlimit", descriptor_limit());
  measured.kernel("pgft_maj").least("pgft_min", 1);
  measured.least("vm_size", 100).kernel("vm_rss").kernel("vm_swap");
  measured.kernel("cgroups").num("uid", geteuid()).num("gid", getegid());
}

void expect_parent(Measured& measured) {
  const std::string line = content("/proc/self/cmdline");
  const size_t end = line.find('\0') + 1;
  measured.ret("res").bytes("exe", line.substr(0, end)).bytes("args", line.substr(end));
  measured.text("comm", own_name()).num("vtid", gettid()).num("vpid", getpid());
  measured.kernel("pidns_init_start_ts");
  expect_self(measured);
}

void end_child(long pid) {
  if (pid == 0) _exit(0);
  if (pid > 0) waitpid(static_cast<pid_t>(pid), nullptr, 0);
}

void fork_cases(Report& report) {
  int id = report.mark();
  long pid = raw_call(SYS_fork, {});
  end_child(pid);
  {
    Measured forked = report.finish(id, "fork", 0, pid);
    expect_parent(forked);
    forked.num("flags", 0);
  }
  id = report.mark();
  pid = vfork();
  if (pid == 0) _exit(0);
  end_child(pid);
  {
    Measured forked = report.finish(id, "vfork", 0, pid);
    expect_parent(forked);
    forked.num("flags", 0);
  }
  id = report.mark();
  pid = raw_call(SYS_clone, {CLONE_FS | SIGCHLD, nullptr, nullptr, nullptr, 0});
  end_child(pid);
  {
    Measured cloned = report.finish(id, "clone", 0, pid);
    expect_parent(cloned);
    cloned.num("flags", 2);
  }
  clone_args arguments{};
  arguments.flags = CLONE_FILES;
  arguments.exit_signal = SIGCHLD;
  id = report.mark();
  pid = raw_call(SYS_clone3, {&arguments, sizeof arguments});
  end_child(pid);
  {
    Measured cloned = report.finish(id, "clone3", 0, pid);
    expect_parent(cloned);
    cloned.num("flags", 1);
  }
  {
    Measured failed = report.fails("clone", EINVAL, SYS_clone, {CLONE_THREAD, nullptr, nullptr});
    expect_parent(failed);
    failed.num("flags", 8192);
  }
  arguments.flags = CLONE_THREAD;
  {
    Measured failed = report.fails("clone3", EINVAL, SYS_clone3, {&arguments, sizeof arguments});
    expect_parent(failed);
    failed.num("flags", 8192);
  }
  report.skip("fork", true, "only the lack of memory or process numbers makes it fail");
  report.skip("vfork", true, "only the lack of memory or process numbers makes it fail");
}

/// Of the executable of an event: its file as it is, whether the caller may write it.
void expect_image(Measured& measured, const std::string& path) {
  struct stat facts{};
  stat(path.c_str(), &facts);
  constexpr int64_t kSecondNs = 1'000'000'000;
  measured.text("trusted_exepath", path).num("exe_ino", static_cast<int64_t>(facts.st_ino));
  measured.num("exe_ino_ctime", facts.st_ctim.tv_sec * kSecondNs + facts.st_ctim.tv_nsec);
  measured.num("exe_ino_mtime", facts.st_mtim.tv_sec * kSecondNs + facts.st_mtim.tv_nsec);
  struct statfs system{};
  statfs(path.c_str(), &system);
  constexpr long kOverlay = 0x794c7630;  // there the layer is part of the flags
  if (system.f_type == kOverlay) {
    measured.kernel("flags");
  } else {
    measured.num("flags", access(path.c_str(), W_OK) == 0 ? 1 : 0);
  }
}

void expect_execution(Measured& measured) {
  expect_self(measured);
  measured.kernel("tty").num("vpgid", getpgrp()).num("pgid", getpgrp());
  measured.num("loginuid", static_cast<int64_t>(std::stoul(content("/proc/self/loginuid"))));
  measured.num("cap_inheritable", status_bits("CapInh"));
}

const std::string kTrue = [] {
  char path[PATH_MAX]{};
  return realpath("/bin/true", path) == nullptr ? std::string{} : std::string(path);
}();

void execve_cases(Report& report) {
  // on the stack, where the kernel can read them without having touched them
  char name[] = "a-name", word[] = "two words", variable[] = "V=1";
  char* const arguments[] = {name, word, nullptr};
  char* const environment[] = {variable, nullptr};
  for (const bool by_descriptor : {false, true}) {
    const char* event = by_descriptor ? "execveat" : "execve";
    in_child([&] {
      const int fd = open(kTrue.c_str(), O_PATH | O_CLOEXEC);
      {
        Measured executed = report.next(event, false, 0);
        executed.ret("res").text("exe", "a-name").bytes("args", std::string("two words\0", 10));
        executed.bytes("env", std::string("V=1\0", 4));
        if (by_descriptor) {
          executed.kernel("comm");  // the name of the file, before Linux 6.14 of the descriptor
        } else {
          executed.text("comm", "true").text("filename", kTrue);
        }
        expect_execution(executed);
        expect_image(executed, kTrue);
        // root gets what the bounding set allows
        executed.num("cap_permitted", status_bits("CapBnd"));
        executed.num("cap_effective", status_bits("CapBnd"));
      }
      if (by_descriptor) {
        raw_call(SYS_execveat, {fd, "", arguments, environment, AT_EMPTY_PATH});
      } else {
        raw_call(SYS_execve, {kTrue.c_str(), arguments, environment});
      }
    });
    Measured failed =
        by_descriptor
            ? report.fails(event, ENOENT, SYS_execveat,
                           {AT_FDCWD, "no/program", arguments, environment, 0})
            : report.fails(event, ENOENT, SYS_execve, {"no/program", arguments, environment});
    failed.ret("res").text("exe", "a-name").bytes("args", std::string("two words\0", 10));
    failed.bytes("env", std::string("V=1\0", 4)).text("comm", own_name());
    if (!by_descriptor) failed.text("filename", "no/program");
    expect_execution(failed);
    expect_image(failed, link_target("/proc/self/exe"));
    failed.num("cap_permitted", status_bits("CapPrm"));
    failed.num("cap_effective", status_bits("CapEff"));
  }
}

void exit_cases(Report& report) {
  in_child([&] {
    report.next("procexit", false, 0)
        .num("status", 3 << 8)
        .num("ret", 3)
        .num("sig", 0)
        .num("core", 0)
        .num("reaper_tid", 0);
    _exit(3);
  });
  in_child([&] {
    report.next("procexit", true, 0)
        .num("status", SIGKILL)
        .num("ret", 0)
        .num("sig", SIGKILL)
        .num("core", 0)
        .num("reaper_tid", 0);
    raise(SIGKILL);
  });
}

void signal_cases(Report& report) {
  report.ok("kill", SYS_kill, {getpid(), 0}).ret("res").num("pid", getpid()).num("sig", 0);
  report.fails("kill", EINVAL, SYS_kill, {getpid(), 99})
      .ret("res")
      .num("pid", getpid())
      .num("sig", 99);
  report.ok("tkill", SYS_tkill, {gettid(), 0}).ret("res").num("tid", gettid()).num("sig", 0);
  report.fails("tkill", EINVAL, SYS_tkill, {-1, SIGTERM})
      .ret("res")
      .num("tid", -1)
      .num("sig", SIGTERM);
  report.ok("tgkill", SYS_tgkill, {getpid(), gettid(), 0})
      .ret("res")
      .num("pid", getpid())
      .num("tid", gettid())
      .num("sig", 0);
  report.fails("tgkill", EINVAL, SYS_tgkill, {-1, -2, SIGHUP})
      .ret("res")
      .num("pid", -1)
      .num("tid", -2)
      .num("sig", SIGHUP);
  in_child([&] {
    signal(SIGHUP, [](int) {});
    report.next("signaldeliver", false, 0)
        .num("spid", getpid())
        .num("dpid", gettid())
        .num("sig", SIGHUP);
    raise(SIGHUP);
  });
  report.skip("signaldeliver", true, "it tells of what happened");
}

void group_cases(Report& report) {
  in_child([&] {
    report.ok("setpgid", SYS_setpgid, {0, 0}).ret("res").num("pid", 0).num("pgid", 0);
    report.fails("setpgid", EINVAL, SYS_setpgid, {0, -1}).ret("res").num("pid", 0).num("pgid", -1);
  });
  in_child([&] {
    report.ok("setsid", SYS_setsid, {}).ret("res");
    report.fails("setsid", EPERM, SYS_setsid, {}).ret("res");
  });
}

void limit_cases(Report& report) {
  rlimit limit{};
  {
    Measured got = report.ok("getrlimit", SYS_getrlimit, {RLIMIT_NOFILE, &limit});
    got.ret("res").num("cur", static_cast<int64_t>(limit.rlim_cur));
    got.num("max", static_cast<int64_t>(limit.rlim_max)).num("resource", 7);
  }
  report.fails("getrlimit", EINVAL, SYS_getrlimit, {99, &limit})
      .ret("res")
      .num("cur", -1)
      .num("max", -1)
      .num("resource", 255);
  const auto current = static_cast<int64_t>(limit.rlim_cur);
  const auto maximum = static_cast<int64_t>(limit.rlim_max);
  report.ok("setrlimit", SYS_setrlimit, {RLIMIT_NOFILE, &limit})
      .ret("res")
      .num("cur", current)
      .num("max", maximum)
      .num("resource", 7);
  report.fails("setrlimit", EFAULT, SYS_setrlimit, {RLIMIT_CORE, nullptr})
      .ret("res")
      .num("cur", 0)
      .num("max", 0)
      .num("resource", 4);
  rlimit before{};
  {
    Measured set = report.ok("prlimit", SYS_prlimit64, {0, RLIMIT_NOFILE, &limit, &before});
    set.ret("res").num("newcur", current).num("newmax", maximum).num("oldcur", current);
    set.num("oldmax", maximum).num("pid", 0).num("resource", 7);
  }
  report.fails("prlimit", ESRCH, SYS_prlimit64, {-5, RLIMIT_STACK, &limit, &before})
      .ret("res")
      .num("newcur", current)
      .num("newmax", maximum)
      .num("oldcur", 0)
      .num("oldmax", 0)
      .num("pid", -5)
      .num("resource", 3);
}

void prctl_cases(Report& report) {
  in_child([&] {
    report.ok("prctl", SYS_prctl, {PR_SET_NAME, "renamed"})
        .ret("res")
        .num("option", PR_SET_NAME)
        .text("arg2_str", "renamed")
        .num("arg2_int", 0);
    char name[16]{};
    report.ok("prctl", SYS_prctl, {PR_GET_NAME, name})
        .ret("res")
        .num("option", PR_GET_NAME)
        .text("arg2_str", "renamed")
        .num("arg2_int", 0);
    report.ok("prctl", SYS_prctl, {PR_SET_CHILD_SUBREAPER, 1})
        .ret("res")
        .num("option", PR_SET_CHILD_SUBREAPER)
        .empty("arg2_str")
        .num("arg2_int", 1);
    int is_reaper = 0;
    report.ok("prctl", SYS_prctl, {PR_GET_CHILD_SUBREAPER, &is_reaper})
        .ret("res")
        .num("option", PR_GET_CHILD_SUBREAPER)
        .empty("arg2_str")
        .num("arg2_int", 1);
  });
  report.fails("prctl", EINVAL, SYS_prctl, {PR_CAPBSET_READ, 9999})
      .ret("res")
      .num("option", PR_CAPBSET_READ)
      .empty("arg2_str")
      .num("arg2_int", 9999);
  uint32_t action = 0x7fff0000;  // SECCOMP_RET_ALLOW
  report.ok("seccomp", SYS_seccomp, {2, 0, &action}).ret("res").num("op", 2).num("flags", 0);
  report.fails("seccomp", EINVAL, SYS_seccomp, {77, 5, nullptr})
      .ret("res")
      .num("op", 77)
      .num("flags", 5);
}

std::string number(int64_t value) { return std::string(1, '\0') + raw(value); }

void ptrace_cases(Report& report) {
  int64_t secret = 0x1122334455667788, seen = 0;
  const pid_t child = fork();
  if (child == 0) {
    report.ok("ptrace", SYS_ptrace, {PTRACE_TRACEME, 0, 5, 6})
        .ret("res")
        .bytes("addr", number(5))
        .bytes("data", number(6))
        .num("request", 1)
        .num("pid", 0);
    raise(SIGSTOP);
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  report.ok("ptrace", SYS_ptrace, {PTRACE_PEEKDATA, child, &secret, &seen})
      .ret("res")
      .bytes("addr", number(reinterpret_cast<int64_t>(&secret)))
      .bytes("data", number(secret))
      .num("request", 3)
      .num("pid", child);
  report.ok("ptrace", SYS_ptrace, {PTRACE_CONT, child, 0, SIGKILL})
      .ret("res")
      .bytes("addr", number(0))
      .bytes("data", std::string("\1\11", 2))  // as a signal
      .num("request", 8)
      .num("pid", child);
  waitpid(child, nullptr, 0);
  report.fails("ptrace", ESRCH, SYS_ptrace, {PTRACE_ATTACH, -1, 7, 8})
      .ret("res")
      .bytes("addr", number(0))
      .bytes("data", number(0))
      .num("request", 11)
      .num("pid", -1);
}

}  // namespace

void process_calls(Report& report) {
  fork_cases(report);
  execve_cases(report);
  exit_cases(report);
  signal_cases(report);
  group_cases(report);
  limit_cases(report);
  prctl_cases(report);
  // a tracer of this program leaves no room for another
  if (status_bits("TracerPid") == 0) {
    ptrace_cases(report);
  } else {
    report.skip("ptrace", false, "this program is traced");
    report.skip("ptrace", true, "this program is traced");
  }
}

}  // namespace calls

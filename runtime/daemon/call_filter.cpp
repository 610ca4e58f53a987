// See call_filter.h.
#include "runtime/daemon/call_filter.h"

#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

namespace falcod {

namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#endif

constexpr std::array kRefused{
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_init_module,
    SYS_finit_module, SYS_delete_module, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot,
    SYS_unshare, SYS_setns, SYS_swapon, SYS_swapoff, SYS_reboot, SYS_kexec_load, SYS_acct,
    SYS_quotactl, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime,
    SYS_sethostname, SYS_setdomainname, SYS_add_key, SYS_request_key, SYS_keyctl, SYS_userfaultfd,
    SYS_open_by_handle_at, SYS_fanotify_init, SYS_personality, SYS_mknodat, SYS_vhangup,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
    SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_mknod,
#endif
    // Of Linux 5.1 and later; headers may be older.
    425,  // io_uring_setup
    426,  // io_uring_enter
    427,  // io_uring_register
    428,  // open_tree
    429,  // move_mount
    430,  // fsopen
    431,  // fsconfig
    432,  // fsmount
    433,  // fspick
    438,  // pidfd_getfd
    440,  // process_madvise
    442,  // mount_setattr
    443,  // quotactl_fd
};

constexpr sock_filter load(size_t offset) {
  return {BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<uint32_t>(offset)};
}
/// What follows is skipped unless the value is, or is not less than, `number`.
constexpr sock_filter unless(uint16_t test, uint32_t number) {
  return {static_cast<uint16_t>(BPF_JMP | test | BPF_K), 0, 1, number};
}
constexpr sock_filter answer(uint32_t what) { return {BPF_RET | BPF_K, 0, 0, what}; }

std::vector<sock_filter> program() {
  constexpr sock_filter kRefuse = answer(SECCOMP_RET_ERRNO | EPERM);
  // Another architecture's calls have other numbers; falcod makes none.
  std::vector<sock_filter> steps{
      load(offsetof(seccomp_data, arch)),
      {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, kArchitecture},
      kRefuse,
      load(offsetof(seccomp_data, nr)),
  };
#if defined(__x86_64__)
  constexpr uint32_t kX32Bit = 0x40000000;  // from here on the same calls with another ABI
  steps.push_back(unless(BPF_JGE, kX32Bit));
  steps.push_back(kRefuse);
#endif
  for (const int number : refused_calls()) {
    steps.push_back(unless(BPF_JEQ, static_cast<uint32_t>(number)));
    steps.push_back(kRefuse);
  }
  steps.push_back(answer(SECCOMP_RET_ALLOW));
  return steps;
}

}  // namespace

std::span<const int> refused_calls() { return kRefused; }

std::expected<void, falcoc::Diagnostic> refuse_calls() {
  std::vector<sock_filter> steps = program();
  const sock_fprog whole{static_cast<unsigned short>(steps.size()), steps.data()};
  const long failed =
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &whole);
  if (failed == 0) return {};
  return std::unexpected(falcoc::Diagnostic::global(
      falcoc::Code::PRIVILEGE_KEPT,
      failed > 0 ? fmt::format("seccomp: thread {} has a filter of its own", failed)
                 : fmt::format("seccomp: {}", std::strerror(errno)),
      "falcod goes on with every system call at hand"));
}

}  // namespace falcod

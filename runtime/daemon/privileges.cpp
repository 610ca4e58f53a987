// See privileges.h.
#include "runtime/daemon/privileges.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace falcod {

namespace {

/// CAP_PERFMON and CAP_BPF as the kernel numbers them, for headers that are older.
constexpr std::array kNeeded{
    CAP_DAC_READ_SEARCH,  // rule files, passwd files and programs in containers
    CAP_DAC_OVERRIDE,     // outputs in folders of others
    CAP_SYS_PTRACE,       // /proc of other users' processes
    CAP_SYS_RESOURCE,     // locked memory, before Linux 5.11
    CAP_SYS_ADMIN,        // libbpf asks the kernel for the type information of its modules
    CAP_SYSLOG,           // kernel addresses in /proc/kallsyms
    38,                   // CAP_PERFMON
    39,                   // CAP_BPF
};

std::unexpected<falcoc::Diagnostic> failed(const char* what) {
  return std::unexpected(falcoc::Diagnostic::global(
      falcoc::Code::PRIVILEGE_KEPT, fmt::format("{}: {}", what, std::strerror(errno)),
      "falcod goes on with all the rights it was started with"));
}

using Mask = std::array<uint32_t, 2>;

Mask needed() {
  Mask mask{};
  for (const int capability : kNeeded) {
    mask[static_cast<size_t>(capability) / 32] |= 1u << (capability % 32);
  }
  return mask;
}

bool is_in(const Mask& mask, int capability) {
  return (mask[static_cast<size_t>(capability) / 32] >> (capability % 32) & 1) != 0;
}

/// Nothing else is left to this thread. Returns what failed, null if nothing did.
const char* restrict_to(const Mask& mask) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return "capget";
  // What is not in the bounding set no program that is started can have either.
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    if (is_in(mask, capability) || ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 0) continue;
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EPERM) {
      return "capability bounding set";
    }
  }
  for (size_t i = 0; i < sets.size(); ++i) {
    sets[i].effective &= mask[i];
    sets[i].permitted &= mask[i];
    sets[i].inheritable &= mask[i];
  }
  return ::syscall(SYS_capset, &header, sets.data()) != 0 ? "capset" : nullptr;
}

}  // namespace

std::expected<void, falcoc::Diagnostic> give_up_privileges() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs");
  if (const char* what = restrict_to(needed())) return failed(what);
  return {};
}

}  // namespace falcod

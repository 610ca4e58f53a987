// See load_failure.h.
#include "runtime/capture/load_failure.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

bool has_loading_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
  if (syscall(SYS_capget, &header, data) != 0) return true;
  const auto has = [&](int capability) {
    return (data[capability / 32].effective >> (capability % 32) & 1u) != 0;
  };
  return has(CAP_SYS_ADMIN) || (has(CAP_BPF) && has(CAP_PERFMON));
}

/// Kernels that count by memory cgroup have a helper that came with the same version.
bool kernel_counts_locked_memory() {
  btf* const types = btf__load_vmlinux_btf();
  if (types == nullptr) return false;
  const bool is_newer = btf__find_by_name_kind(types, "bpf_ktime_get_coarse_ns", BTF_KIND_FUNC) > 0;
  btf__free(types);
  return !is_newer;
}

/// "none integrity [confidentiality]": the mode in brackets is on. Programs that read the kernel's
/// memory are refused in the last one only.
bool kernel_is_locked_down() {
  std::ifstream file("/sys/kernel/security/lockdown");
  const std::string modes{std::istreambuf_iterator<char>(file), {}};
  return modes.find("[confidentiality]") != std::string::npos;
}

Diagnostic no_permission(const LoadFailure& failure) {
  if (!failure.has_capabilities) {
    return Diagnostic::global(Code::PROBE_PRIVILEGE, "no permission to load eBPF programs",
                              "run as root, or with the capabilities CAP_BPF, CAP_PERFMON and "
                              "CAP_SYS_RESOURCE");
  }
  if (failure.is_locked_down) {
    return Diagnostic::global(Code::PROBE_PRIVILEGE,
                              "the kernel's lockdown mode forbids eBPF programs to read its memory",
                              "boot with lockdown=integrity or without");
  }
  if (failure.counts_locked && failure.locked_limit != UINT64_MAX) {
    return Diagnostic::global(
        Code::PROBE_LOCKED_MEMORY,
        fmt::format("the probe needs more locked memory than the {} KiB that are allowed",
                    failure.locked_limit / 1024),
        "raise the limit (ulimit -l unlimited, LimitMEMLOCK=infinity in a systemd unit)");
  }
  return Diagnostic::global(Code::PROBE_PRIVILEGE,
                            "the kernel refuses to load eBPF programs, capabilities or not",
                            "a container's seccomp profile or a security module may forbid it");
}

}  // namespace

void examine(LoadFailure& failure) {
  failure.has_ring_buffer = libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, nullptr) != 0;
  failure.has_capabilities = has_loading_capabilities();
  failure.counts_locked = kernel_counts_locked_memory();
  failure.is_locked_down = kernel_is_locked_down();
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    failure.locked_limit = limit.rlim_cur;
  }
}

Diagnostic explain(const LoadFailure& failure) {
  const char* const text = std::strerror(-failure.error);
  if (failure.error == -EPERM || (failure.error == -EACCES && !failure.from_verifier)) {
    return no_permission(failure);
  }
  if (!failure.has_ring_buffer) {
    return Diagnostic::global(Code::PROBE_KERNEL_TOO_OLD, "this kernel has no eBPF ring buffer",
                              "Linux 5.8 or later is needed");
  }
  if (failure.from_verifier) {
    return Diagnostic::global(
        Code::PROBE_REFUSED,
        fmt::format("the kernel's verifier refused the probe ({}):\n{}", text, failure.log),
        "report this with the kernel version (uname -r)");
  }
  if (failure.error == -ENOMEM) {
    return Diagnostic::global(
        Code::PROBE_MEMORY,
        fmt::format("the kernel has no memory for the probe's maps (ring buffer of {} bytes)",
                    failure.ring_bytes),
        "use a smaller ring buffer, or raise the memory limit of this service");
  }
  return Diagnostic::global(Code::PROBE_REFUSED,
                            fmt::format("the probe cannot be loaded: {}\n{}", text, failure.log),
                            "report this with the kernel version (uname -r)");
}

}  // namespace falcod

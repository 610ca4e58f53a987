// See kernel_functions.h. Irregular names as in the kernel's arch/x86/entry/syscalls/*.tbl.
#include "runtime/capture/kernel_functions.h"

#include <bpf/btf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "compiler/catalog/catalog.h"

namespace falcod {

namespace {

struct Renamed {
  int number;
  std::string_view entry;
};

#if defined(__aarch64__)
constexpr std::array<std::string_view, 1> kNativePrefixes{"__arm64_sys_"};
constexpr std::array<std::string_view, 2> kCompatPrefixes{"__arm64_compat_sys_", "__arm64_sys_"};
constexpr std::array<Renamed, 4> kNative{
    {{71, "sendfile64"}, {39, "umount"}, {80, "newfstat"}, {160, "newuname"}}};
constexpr std::array<Renamed, 0> kCompat{};
#else
constexpr std::array<std::string_view, 1> kNativePrefixes{"__x64_sys_"};
constexpr std::array<std::string_view, 2> kCompatPrefixes{"__ia32_compat_sys_", "__ia32_sys_"};
constexpr std::array<Renamed, 6> kNative{{
    {4, "newstat"},
    {5, "newfstat"},
    {6, "newlstat"},
    {40, "sendfile64"},
    {63, "newuname"},
    {166, "umount"},
}};
// Sorted by number.
constexpr Renamed kCompat[] = {
    {13, "time32"},
    {16, "lchown16"},
    {18, "stat"},
    {22, "oldumount"},
    {23, "setuid16"},
    {24, "getuid16"},
    {25, "stime32"},
    {28, "fstat"},
    {30, "utime32"},
    {46, "setgid16"},
    {47, "getgid16"},
    {49, "geteuid16"},
    {50, "getegid16"},
    {52, "umount"},
    {55, "fcntl64"},
    {59, "olduname"},
    {70, "setreuid16"},
    {71, "setregid16"},
    {76, "old_getrlimit"},
    {80, "getgroups16"},
    {81, "setgroups16"},
    {82, "old_select"},
    {84, "lstat"},
    {89, "old_readdir"},
    {90, "ia32_mmap"},
    {95, "fchown16"},
    {106, "newstat"},
    {107, "newlstat"},
    {108, "newfstat"},
    {109, "uname"},
    {120, "ia32_clone"},
    {122, "newuname"},
    {124, "adjtimex_time32"},
    {138, "setfsuid16"},
    {139, "setfsgid16"},
    {140, "llseek"},
    {142, "select"},
    {161, "sched_rr_get_interval_time32"},
    {162, "nanosleep_time32"},
    {164, "setresuid16"},
    {165, "getresuid16"},
    {170, "setresgid16"},
    {171, "getresgid16"},
    {177, "rt_sigtimedwait_time32"},
    {180, "ia32_pread64"},
    {181, "ia32_pwrite64"},
    {182, "chown16"},
    {191, "getrlimit"},
    {192, "mmap_pgoff"},
    {193, "ia32_truncate64"},
    {194, "ia32_ftruncate64"},
    {195, "ia32_stat64"},
    {196, "ia32_lstat64"},
    {197, "ia32_fstat64"},
    {198, "lchown"},
    {199, "getuid"},
    {200, "getgid"},
    {201, "geteuid"},
    {202, "getegid"},
    {203, "setreuid"},
    {204, "setregid"},
    {205, "getgroups"},
    {206, "setgroups"},
    {207, "fchown"},
    {208, "setresuid"},
    {209, "getresuid"},
    {210, "setresgid"},
    {211, "getresgid"},
    {212, "chown"},
    {213, "setuid"},
    {214, "setgid"},
    {215, "setfsuid"},
    {216, "setfsgid"},
    {221, "fcntl64"},
    {225, "ia32_readahead"},
    {239, "sendfile64"},
    {240, "futex_time32"},
    {247, "io_getevents_time32"},
    {250, "ia32_fadvise64"},
    {260, "timer_settime32"},
    {261, "timer_gettime32"},
    {264, "clock_settime32"},
    {265, "clock_gettime32"},
    {266, "clock_getres_time32"},
    {267, "clock_nanosleep_time32"},
    {271, "utimes_time32"},
    {272, "ia32_fadvise64_64"},
    {279, "mq_timedsend_time32"},
    {280, "mq_timedreceive_time32"},
    {299, "futimesat_time32"},
    {300, "ia32_fstatat64"},
    {308, "pselect6_time32"},
    {309, "ppoll_time32"},
    {314, "ia32_sync_file_range"},
    {320, "utimensat_time32"},
    {324, "ia32_fallocate"},
    {325, "timerfd_settime32"},
    {326, "timerfd_gettime32"},
    {337, "recvmmsg_time32"},
    {343, "clock_adjtime32"},
    {385, "io_pgetevents"},
    {403, "clock_gettime"},
    {404, "clock_settime"},
    {405, "clock_adjtime"},
    {406, "clock_getres"},
    {407, "clock_nanosleep"},
    {408, "timer_gettime"},
    {409, "timer_settime"},
    {410, "timerfd_gettime"},
    {411, "timerfd_settime"},
    {412, "utimensat"},
    {413, "pselect6_time64"},
    {414, "ppoll_time64"},
    {417, "recvmmsg_time64"},
    {418, "mq_timedsend"},
    {419, "mq_timedreceive"},
    {420, "semtimedop"},
    {421, "rt_sigtimedwait_time64"},
    {422, "futex"},
    {423, "sched_rr_get_interval"},
};
#endif

#if !defined(__aarch64__)
// Calls that x32 numbers apart, from FC_X32_FIRST on; a kernel with x32 has functions of its own
// for most of them.
constexpr std::array<std::string_view, 2> kX32Prefixes{"__x64_compat_sys_", "__x32_compat_sys_"};
constexpr std::array<std::string_view, 36> kX32{"rt_sigaction",
                                                "x32_rt_sigreturn",
                                                "ioctl",
                                                "readv",
                                                "writev",
                                                "recvfrom",
                                                "sendmsg",
                                                "recvmsg",
                                                "execve",
                                                "ptrace",
                                                "rt_sigpending",
                                                "rt_sigtimedwait_time64",
                                                "rt_sigqueueinfo",
                                                "sigaltstack",
                                                "timer_create",
                                                "mq_notify",
                                                "kexec_load",
                                                "waitid",
                                                "set_robust_list",
                                                "get_robust_list",
                                                "vmsplice",
                                                "move_pages",
                                                "preadv64",
                                                "pwritev64",
                                                "rt_tgsigqueueinfo",
                                                "recvmmsg_time64",
                                                "sendmmsg",
                                                "process_vm_readv",
                                                "process_vm_writev",
                                                "setsockopt",
                                                "getsockopt",
                                                "io_setup",
                                                "io_submit",
                                                "execveat",
                                                "preadv64v2",
                                                "pwritev64v2"};
#endif

int number_of(const falcoc::SyscallInfo& syscall, int abi) {
#if defined(__aarch64__)
  return abi == 0 ? syscall.aarch64 : -1;
#else
  return abi == 0 ? syscall.x86_64 : syscall.ia32;
#endif
}

std::optional<std::string_view> entry_of(int abi, uint16_t number) {
  const auto find = [&](std::span<const Renamed> table) -> std::optional<std::string_view> {
    const auto found = std::ranges::find(table, int{number}, &Renamed::number);
    if (found == table.end()) return std::nullopt;
    return found->entry;
  };
#if !defined(__aarch64__)
  if (abi == 0 && number >= FC_X32_FIRST) {
    const size_t index = number - size_t{FC_X32_FIRST};
    return index < kX32.size() ? std::optional(kX32[index]) : std::nullopt;
  }
#endif
  if (const auto renamed = abi == 0 ? find(kNative) : find(kCompat)) return renamed;
  const auto all = falcoc::syscalls();
  const auto same = std::ranges::find_if(
      all, [&](const falcoc::SyscallInfo& syscall) { return number_of(syscall, abi) == number; });
  if (same == all.end()) return std::nullopt;
  return same->name;
}

}  // namespace

KernelFunctions::KernelFunctions(const btf& types) {
  const uint32_t count = btf__type_cnt(&types);
  for (uint32_t id = 1; id < count; ++id) {
    const btf_type* const type = btf__type_by_id(&types, id);
    if (!btf_is_func(type)) continue;
    const std::string_view name = btf__name_by_offset(&types, type->name_off);
    const btf_type* const prototype = btf__type_by_id(&types, type->type);
    entries_.try_emplace(name, Entry{{std::string(name), id, type->type}, btf_vlen(prototype)});
  }
}

const KernelFunction* KernelFunctions::find(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second.function;
}

uint32_t KernelFunctions::params(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? 0 : found->second.params;
}

std::vector<std::string> function_names(int abi, uint16_t number) {
  const auto entry = entry_of(abi, number);
  if (!entry) return {};
  std::vector<std::string> names;
  const auto add = [&](std::span<const std::string_view> prefixes) {
    for (const std::string_view prefix : prefixes)
      names.push_back(fmt::format("{}{}", prefix, *entry));
  };
#if !defined(__aarch64__)
  if (abi == 0 && number >= FC_X32_FIRST) add(kX32Prefixes);
#endif
  if (abi == 0) {
    add(kNativePrefixes);
  } else {
    add(kCompatPrefixes);
  }
  // a call without parameters is one function for all ABIs; the names by ABI are aliases, which
  // the type information leaves out
  names.push_back(fmt::format("__do_sys_{}", *entry));
  return names;
}

void BtfDeleter::operator()(btf* types) const { btf__free(types); }

KernelTypes load_kernel_types() { return KernelTypes(btf__load_vmlinux_btf()); }

std::vector<HookedFunction> functions_of(const SyscallKinds& kinds,
                                         const KernelFunctions& functions) {
  std::vector<HookedFunction> found;
  for (uint16_t number = 0; number < kinds.size(); ++number) {
    for (int abi = 0; abi < 2; ++abi) {
      const uint16_t kind = kinds[number][static_cast<size_t>(abi)];
      if (kind == 0) continue;
      for (const std::string& name : function_names(abi, number)) {
        const KernelFunction* const function = functions.find(name);
        if (function == nullptr) continue;
        const auto same = [&](const HookedFunction& other) {
          return other.function.id == function->id;
        };
        if (std::ranges::none_of(found, same)) found.push_back({*function, kind});
        break;
      }
    }
  }
  return found;
}

}  // namespace falcod

// System calls without an event of their own: each number, with arguments that make it fail at
// once.
#include <fcntl.h>
#include <sys/syscall.h>

#include <algorithm>

#include "compiler/catalog/catalog.h"
#include "tests/live/calls/families.h"

namespace calls {
namespace {

/// Calls that cannot be made here, and why.
struct Left {
  std::string_view name;
  const char* why;
};
constexpr Left kLeft[] = {
    {"exit", "it does not return"},
    {"exit_group", "it does not return"},
    {"pause", "it waits for a signal"},
    {"rt_sigreturn", "it needs the frame of a signal"},
    {"sigreturn", "it needs the frame of a signal"},
    {"vhangup", "it ends the terminal of the one who runs the test"},
    {"sync", "it waits for all disks of the machine"},
    {"getpriority", "it is the mark before each call"},
    {"uretprobe", "only the kernel's own trampoline may call it"},
    {"uprobe", "only the kernel's own trampoline may call it"},
};

long native_number(const falcoc::SyscallInfo& syscall) {
#if defined(__aarch64__)
  return syscall.aarch64;
#else
  return syscall.x86_64;
#endif
}

}  // namespace

void generic_calls(Report& report) {
  for (const falcoc::SyscallInfo& syscall : falcoc::syscalls()) {
    const long number = native_number(syscall);
    if (syscall.event != falcoc::EventCode::GENERIC || number < 0) continue;
    const std::string name = "generic:" + std::string(syscall.name);
    const auto* left = std::ranges::find(kLeft, syscall.name, &Left::name);
    if (left != std::end(kLeft)) {
      report.skip(name.c_str(), true, left->why);
      continue;
    }
    // in a child: some change the caller whatever the arguments
    in_child([&] {
      const std::string call(syscall.name);
      report.generic(call.c_str(), number, {-1, -1, -1, -1, -1, -1});
    });
  }
}

}  // namespace calls

// Whether the kernel preempts itself: a process can then lose the processor in the middle of a
// system call, and of a program that hooks it.
#pragma once

#include <string_view>

namespace falcod {

enum class Preemption { NO, YES, UNKNOWN };

/// What the kernel was built for, from `uname -v`; UNKNOWN: it is chosen at boot.
Preemption built_preemption(std::string_view version);

/// What the running kernel does. Needs the right to run eBPF programs to find out what was chosen
/// at boot.
Preemption kernel_preemption();

}  // namespace falcod

// What the probe extracts per event kind, derived from the event table: the rows of the probe's
// `plans` and of its table of wanted system calls.
#pragma once

#include <array>

#include "compiler/catalog/catalog.h"
#include "probe/abi.h"

namespace falcod {

/// The operations for one kind; kinds without an event of their own need none.
fc_plan extraction_plan(falcoc::EventKind kind);

/// The kind that events of a system call have: its own, or that of a generic one.
falcoc::EventKind kind_of_syscall(const falcoc::SyscallInfo& syscall);

/// Kind by native system call number and ABI (0 native, 1 32-bit), 0 = not wanted.
using SyscallKinds = std::array<std::array<uint16_t, 2>, FC_SYSCALL_LIMIT>;
SyscallKinds wanted_syscalls(const falcoc::EventSet& wanted);

}  // namespace falcod

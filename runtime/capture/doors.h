// The doors into the kernel beside the plain native system call, as tables for the probe: io_uring
// requests, socketcall and x32 numbers, and the calls whose texts are caught at their entry. Knows
// the catalog and the probe's ABI.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "compiler/catalog/catalog.h"
#include "probe/abi.h"
#include "runtime/capture/extraction_plan.h"

struct btf;

namespace falcod {

/// Event kind by io_uring opcode, 0 = not wanted.
using RingKinds = std::array<uint16_t, FC_RING_OP_LIMIT>;
RingKinds wanted_requests(const falcoc::EventSet& wanted);

/// Event kind by number of a 32-bit socketcall, 0 = not wanted.
using SocketcallKinds = std::array<uint16_t, FC_SOCKETCALL_LIMIT>;
SocketcallKinds wanted_socketcalls(const falcoc::EventSet& wanted);

/// Adds to the table what is called otherwise: x32's own numbers, and socketcall itself.
void add_other_numbers(const falcoc::EventSet& wanted, SyscallKinds& kinds);

/// Whether the events of this kind are told by texts alone: no kernel object says at the call's end
/// what they were, and another thread could have rewritten them by then.
bool needs_entry(falcoc::EventKind kind);

/// What the tracepoints of io_uring look like on a kernel.
struct RingTracepoints {
  std::string submit;       ///< name of the one at submission
  bool complete_has_entry;  ///< io_uring_complete's third argument is the queue entry
  bool has_overflow;        ///< there is an io_uring_cqe_overflow
};
/// Nothing where they do not name the request (before 6.0), or there is no io_uring.
std::optional<RingTracepoints> ring_tracepoints(const btf& types);

}  // namespace falcod

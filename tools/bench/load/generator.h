// A process that makes system calls as fast as it may, and counts them. All of them are calls that
// no other program of a usual machine makes, so that the losses counted for their events are its
// own.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

namespace load {

/// Names of the events, text, paths, data and numbers among their parameters.
inline constexpr std::array<std::string_view, 8> kEvents = {
    "mknodat",     "delete_module", "process_vm_readv",  "quotactl",
    "userfaultfd", "mlock2",        "open_by_handle_at", "epoll_create"};

/// Calls made so far, by event; written by one generator, read by anybody.
struct Counts {
  std::array<std::atomic<uint64_t>, kEvents.size()> calls{};
};

/// Until when a generator goes on: so many seconds, or so many rounds of all calls.
struct Limit {
  double seconds = 0;
  uint64_t rounds = 0;  ///< 0: no limit
  double rate = 0;      ///< calls per second, 0: as fast as it can
};

/// Memory that generators and the reader share; null if there is none.
Counts* share_counts();

/// Starts a generator; nothing if that fails. It begins when it can read a byte from `go`.
std::optional<pid_t> start_generator(Counts& counts, const Limit& limit, int go);

}  // namespace load

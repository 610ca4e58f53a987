// The checker's eyes: runs a program under the live source and keeps what it and its descendants
// did.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/capture/live.h"
#include "tests/runtime/capture/scenario.h"

namespace calls {

/// What was seen of one run.
struct Observation {
  std::vector<falcod::test::Seen> events;  ///< in order
  bool complete = false;                   ///< nothing was lost
  int status = -1;                         ///< of the program, as wait(2) says
};

/// Every event that a system call or a tracepoint makes, but those that come too often to be
/// watched together with the others.
falcoc::EventSet all_calls();

/// Runs `program` in `directory`; nothing if the machine does not allow the live source. A loaded
/// machine can do more than the ring takes: `complete` says whether it did.
std::optional<Observation> observe(const falcoc::EventSet& wanted,
                                   const std::vector<std::string>& program,
                                   const std::string& directory);

/// Events that follow the mark of each call in its thread, up to the next mark.
std::map<int, std::vector<const falcod::test::Seen*>> by_call(const Observation& observation);

}  // namespace calls

// Every process of the machine at once, from the kernel's own list: BPF iterators. For the start,
// and for putting things right after losses.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "compiler/source/diagnostic.h"
#include "runtime/capture/event_source.h"

namespace falcod {

class ProcessSnapshot {
 public:
  /// Loads the iterators; to be kept for later snapshots. What that took to find out about this
  /// kernel is kept in `cache_directory`; empty: nowhere. The diagnostic says why the kernel has
  /// none (5.8 has no readable command lines, containers may lack the permission): /proc is then
  /// the way (ProcessTable::scan_proc).
  static std::expected<std::unique_ptr<ProcessSnapshot>, falcoc::Diagnostic> open(
      const std::string& cache_directory = {});

  virtual ~ProcessSnapshot() = default;
  /// Delivers a FC_STATE_TASK record for each process, in the order of pids, then a
  /// FC_STATE_LISTENER record for each listening IP socket. Returns how many there were.
  virtual std::expected<size_t, falcoc::Diagnostic> read(RecordHandler& handler) = 0;
};

}  // namespace falcod

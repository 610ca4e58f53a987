// The live source: loads the embedded probe, attaches its hooks, reads its ring buffer.
#pragma once

#include <memory>

#include "compiler/catalog/types.h"
#include "runtime/capture/event_source.h"

namespace falcod {

struct LiveOptions {
  /// Events that rules or state need; everything else leaves the kernel program at the first check.
  falcoc::EventSet wanted;
  uint32_t ring_bytes = 8u << 20;  ///< power of two, multiple of the page size
  /// Events that come with descriptors 0 to 2 of their process (FC_ITEM_STANDARD_FD).
  falcoc::EventSet with_standard_fds{};
};

/// What this process does itself is not delivered, or it would watch itself reporting; what its
/// children do is.
class LiveSource : public EventSource {
 public:
  /// Needs root or CAP_BPF + CAP_PERFMON and a kernel with BTF, 5.8 or later; each lack is its own
  /// diagnostic. Hooks are attached when this returns.
  static std::expected<std::unique_ptr<LiveSource>, falcoc::Diagnostic> open(
      const LiveOptions& options);

  /// One poll() ends after so many records even if more keep coming, so that the caller gets round
  /// to signals and deadlines on the busiest machine: some 10 ms of work.
  static constexpr size_t kMaxBatch = 8192;

  /// Changes the wanted sets of LiveOptions without detaching a hook.
  virtual void set_wanted(const falcoc::EventSet& wanted,
                          const falcoc::EventSet& with_standard_fds = {}) = 0;
  /// Events the kernel programs passed to the ring, by kind.
  virtual std::vector<uint64_t> submitted() const = 0;
};

}  // namespace falcod

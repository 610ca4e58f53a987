// The live source: loads the embedded probe, attaches its hooks, reads its ring buffer.
#pragma once

#include <memory>
#include <string>

#include "compiler/catalog/types.h"
#include "runtime/capture/event_source.h"
#include "runtime/capture/fact_store.h"
#include "runtime/capture/filter_loader.h"
#include "runtime/capture/hook_mode.h"

namespace falcod {

/// What events bring along beyond their parameters, because rules ask for it.
struct EventDetails {
  falcoc::EventSet standard_fds{};  ///< descriptors 0 to 2 of the process (FC_ITEM_STANDARD_FD)
  falcoc::EventSet fd_table{};      ///< all descriptors (FC_ITEM_FD_TABLE)
  falcoc::EventSet polled_fds{};    ///< those of poll and ppoll (FC_ITEM_POLLED_FD)
  falcoc::EventSet true_names{};    ///< all names of their file (FC_ITEM_FD_ALIAS)
  /// Sockets say who is the client (fc_fd.role): the probe looks at connect and accept, whether or
  /// not they are wanted. Requests of io_uring for these are delivered, for the runtime to
  /// remember.
  bool socket_roles = false;

  bool operator==(const EventDetails&) const = default;
  EventDetails operator|(const EventDetails& other) const {
    return {.standard_fds = standard_fds | other.standard_fds,
            .fd_table = fd_table | other.fd_table,
            .polled_fds = polled_fds | other.polled_fds,
            .true_names = true_names | other.true_names,
            .socket_roles = socket_roles || other.socket_roles};
  }
};

struct LiveOptions {
  /// Events that rules or state need; everything else leaves the kernel program at the first check.
  falcoc::EventSet wanted{};
  uint32_t ring_bytes = 8u << 20;  ///< power of two, multiple of the page size
  /// How much of what is read and written comes with the event, at most FC_MOST_DATA_BYTES.
  uint32_t data_bytes = FC_DATA_BYTES;
  EventDetails details{};
  /// Texts of calls that leave no kernel object behind (unlink, rename, chmod …) are caught at the
  /// call's entry, if such a call is wanted; else they are what the caller's memory holds at the
  /// end, which another thread could have rewritten. Every system call of the machine pays some
  /// 20 ns for it, until hook_entries_one_by_one() has found a cheaper way.
  bool arguments_at_entry = true;
  HookMode hooks = HookMode::AUTO;
  /// Filters will be used: AUTO means the hooks that take them.
  bool filtered = false;
  /// Every record says what the kernel knew of its process's facts (FC_ITEM_FACTS). For checking:
  /// takes the place of filters.
  bool report_facts = false;
  /// What loading the probe took to find out about this kernel is kept there; empty: nowhere.
  std::string cache_directory{};
};

/// What this process does itself is not delivered, or it would watch itself reporting; what its
/// children do is.
class LiveSource : public EventSource {
 public:
  /// Needs root or CAP_BPF + CAP_PERFMON and a kernel with BTF, 5.8 or later; each lack is its own
  /// diagnostic. Hooks are attached when this returns.
  static std::expected<std::unique_ptr<LiveSource>, falcoc::Diagnostic> open(
      const LiveOptions& options);

  /// The same in two steps, the first of which takes long and does not depend on rules: `wanted`
  /// and `details` of the options are not used. Any thread; nothing is attached when it returns.
  static std::expected<std::unique_ptr<LiveSource>, falcoc::Diagnostic> load(
      const LiveOptions& options);
  /// Attaches the hooks; once.
  virtual std::expected<void, falcoc::Diagnostic> start(const falcoc::EventSet& wanted,
                                                        const EventDetails& details) = 0;

  /// One poll() ends after so many records even if more keep coming, so that the caller gets round
  /// to signals and deadlines on the busiest machine: some 10 ms of work.
  static constexpr size_t kMaxBatch = 8192;

  /// Changes `wanted` and `details` of LiveOptions; hooks that they need in addition are attached.
  /// Those of signals, task switches and page faults, and those at single functions, are detached
  /// when nobody wants their events any longer, no other ever is. On failure hooks are missing,
  /// everything else is in force.
  virtual std::expected<void, falcoc::Diagnostic> set_wanted(const falcoc::EventSet& wanted,
                                                             const EventDetails& details = {}) = 0;
  /// Whether requests through io_uring are seen: from Linux 6.0, or where the kernel has none.
  virtual bool sees_io_uring() const = 0;
  /// How system calls are hooked and why so, for the log. It changes when poll() has put something
  /// else in force.
  virtual std::string hooks() const = 0;
  /// Begins to replace the hook at the entry of all system calls by hooks at the functions behind
  /// those whose arguments are caught there, for what is wanted now; others cost less then. Takes
  /// some hundred milliseconds in the background, then a poll() puts it in force; nothing is missed
  /// in between. Where it is impossible (fentry programs are not allowed, or the kernel preempts
  /// itself) or not asked for (HookMode::TRACEPOINT), the hook stays.
  virtual void hook_entries_one_by_one() = 0;
  /// Exactly who runs now, which /proc does not tell; empty if the kernel does not say.
  virtual std::vector<fc_identity> identities() const = 0;
  /// Where the kernel's filters look for process facts.
  virtual FactStore& facts() = 0;
  /// From now on filters take the address, 4 or 16 bytes in network order, for one that rules have
  /// a name for. For good.
  virtual void name_address(std::string_view address) = 0;
  /// Where filters are loaded; null: the hooks in use take none, and hooks() says why.
  virtual FilterLoader* filters() = 0;
  /// Events the kernel programs passed to the ring, by kind.
  virtual std::vector<uint64_t> submitted() const = 0;
  /// Events that filters dropped, by kind.
  virtual std::vector<uint64_t> rejected() const = 0;
};

}  // namespace falcod

// How system calls are hooked: by the tracepoint behind all of them, or one by one where the kernel
// allows it (fexit). Both feed the same extraction and the same filters. Knows the probe's programs
// and maps, nothing of records.
#pragma once

#include <bpf/bpf.h>

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "compiler/source/diagnostic.h"
#include "runtime/capture/event_source.h"
#include "runtime/capture/extraction_plan.h"
#include "runtime/capture/hook_mode.h"

struct btf;
struct falcoc_probe;

namespace falcod {

/// Where programs that run behind a hook live: a filter must be loaded once for each of these, as a
/// program of this type, and put into this array. `attach_btf_id` and `attach_type` are part of the
/// type: the kernel mixes none that differ.
struct ProgramHost {
  bpf_prog_type type;
  bpf_attach_type attach_type;
  uint32_t attach_btf_id;  ///< 0: programs of this type name no function
  int filters_fd;          ///< program array by event kind
  int extractors_fd;       ///< what a filter that passes tail calls into
};

/// Borrows the probe in every call. Detaches when destroyed.
class SyscallHooks {
 public:
  virtual ~SyscallHooks() = default;

  /// Chooses the programs that are loaded. Before falcoc_probe__load.
  virtual void prepare(falcoc_probe& probe) = 0;
  /// Fills the program arrays of extractors; behind falcoc_probe__load.
  virtual std::expected<void, std::string> install(falcoc_probe& probe) = 0;
  /// Attaches what these kinds need and detaches what they do not. On errors everything that was
  /// attached stays.
  virtual std::expected<void, std::string> want(falcoc_probe& probe, const SyscallKinds& kinds) = 0;
  /// Where filters of system calls run.
  virtual ProgramHost host(const falcoc_probe& probe) const = 0;
  virtual bool is_per_function() const = 0;
  /// Events that the hooks themselves missed.
  virtual std::vector<LossCount> losses() const { return {}; }
  /// For the start log: what is hooked and why so, without full stop.
  virtual std::string description() const = 0;
};

/// By the tracepoint, and why.
std::unique_ptr<SyscallHooks> tracepoint_hooks(const btf& types, std::string why);

/// More functions than these are not hooked one by one of falcod's own accord: each is a program to
/// load and a patch of the kernel's code, some milliseconds together, and with so many wanted calls
/// few unwanted ones are left to save on.
constexpr size_t kMaxFunctions = 100;

/// What `mode` comes to for these kinds. An error only if FENTRY is asked for and impossible.
/// `filtered`: programs are put into the arrays that filters run in. That is done for the
/// tracepoint only (ProgramHost says what else it takes), and saves more than single functions do.
std::expected<std::unique_ptr<SyscallHooks>, falcoc::Diagnostic> choose_hooks(
    HookMode mode, const btf& types, const SyscallKinds& kinds, bool filtered);

/// That error.
falcoc::Diagnostic hooks_unavailable(const std::string& why);

}  // namespace falcod

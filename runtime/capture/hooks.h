// How system calls are hooked: by the tracepoint behind all of them, or one by one where the kernel
// allows it (fexit). Both feed the same extraction and the same filters. Knows the probe's programs
// and maps, nothing of records.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/source/diagnostic.h"
#include "runtime/capture/event_source.h"
#include "runtime/capture/extraction_plan.h"
#include "runtime/capture/hook_mode.h"

struct btf;
struct falcoc_probe;

namespace falcod {

class Probe;

/// Borrows the probe in every call. Detaches when destroyed.
class SyscallHooks {
 public:
  virtual ~SyscallHooks() = default;

  /// Chooses the programs that are loaded. Before falcoc_probe__load.
  virtual void prepare(falcoc_probe& probe) = 0;
  /// Fills the program arrays of extractors and keeps what only libbpf has of programs; behind
  /// falcoc_probe__load.
  virtual std::expected<void, std::string> install(falcoc_probe& probe) = 0;
  /// Attaches what these kinds need and detaches what they do not. On errors everything that was
  /// attached stays.
  virtual std::expected<void, std::string> want(Probe& probe, const SyscallKinds& kinds) = 0;
  virtual bool is_per_function() const = 0;
  /// Events that the hooks themselves missed.
  virtual std::vector<LossCount> losses() const { return {}; }
  /// For the start log: what is hooked and why so, without full stop.
  virtual std::string description() const = 0;
};

/// By the tracepoint, and why. `direct`: the kernel has bpf_rdonly_cast, which makes the first
/// look, which every system call pays for, twice as cheap; since 6.2.
std::unique_ptr<SyscallHooks> tracepoint_hooks(bool direct, std::string why);

/// Why system calls are hooked by tracepoint in this mode, whatever is wanted. Nothing if that
/// depends. `filtered`: programs are put into the arrays that filters run in. That is done for the
/// tracepoint only, and saves more than single functions do.
std::optional<std::string> tracepoint_reason(HookMode mode, bool filtered);

/// More functions than these are not hooked one by one of falcod's own accord: each is a program to
/// load and a patch of the kernel's code, some milliseconds together, and with so many wanted calls
/// few unwanted ones are left to save on.
constexpr size_t kMaxFunctions = 100;

/// What `mode` comes to for these kinds where it depends on them. An error only if FENTRY is asked
/// for and impossible.
std::expected<std::unique_ptr<SyscallHooks>, falcoc::Diagnostic> choose_hooks(
    HookMode mode, const btf& types, const SyscallKinds& kinds);

/// That error.
falcoc::Diagnostic hooks_unavailable(const std::string& why);

}  // namespace falcod

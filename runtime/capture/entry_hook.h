// Where arguments are caught while calls begin: at the tracepoint of all system calls as soon as a
// call is wanted, later at the functions behind the wanted ones if the kernel allows it.
#pragma once

#include <expected>
#include <future>
#include <optional>
#include <stop_token>
#include <string>

#include "runtime/capture/entry_functions.h"

namespace falcod {

/// Borrows the probe until it is destroyed.
class EntryHook {
 public:
  EntryHook() = default;
  ~EntryHook() { stop_.request_stop(); }
  EntryHook(EntryHook&&) = default;
  EntryHook& operator=(EntryHook&&) = default;

  /// Catches the arguments of these calls from now on. What was hooked stays, and once the
  /// tracepoint is needed it stays until functions are found again.
  std::expected<void, std::string> want(Probe& probe, const SyscallKinds& calls);

  /// Begins to hook functions in place of the tracepoint, if that is in use. In the background.
  void find_functions(const Probe& probe);
  /// Puts in force what was found. Until the tracepoint is left both catch the same.
  void turn();

  /// Hooked functions, 0: the tracepoint is used, or nothing.
  size_t functions() const { return functions_ ? functions_->count() : 0; }

 private:
  const Probe* probe_ = nullptr;  ///< since functions were looked for
  bool is_refused_ = false;       ///< this kernel will not do it next time either
  SyscallKinds calls_{};
  Handle tracepoint_;
  std::optional<EntryFunctions> functions_;
  std::stop_source stop_;  ///< of what is under way
  std::future<std::expected<EntryFunctions, std::string>> next_;
};

}  // namespace falcod

// Arguments caught where single calls begin, at the functions of the kernel that serve them
// (probe/at_entry.h): other system calls pay nothing, while a hook at the tracepoint of all calls
// costs each of them as much as the one at their end does. Knows the probe's programs and maps.
#pragma once

#include <expected>
#include <stop_token>
#include <string>
#include <vector>

#include "runtime/capture/extraction_plan.h"
#include "runtime/capture/handle.h"

namespace falcod {

class Probe;

class EntryFunctions {
 public:
  /// More are left to the tracepoint: each is a program to verify and a place of the kernel's code
  /// to patch, some milliseconds together.
  static constexpr size_t kMost = 100;

  /// Hooks the functions behind these calls, any of both ABIs; all or none. Reads the kernel's
  /// types, which takes a moment. Any thread: of the probe, only descriptors of maps are used. The
  /// error says why this kernel does not do it, or that it was stopped.
  static std::expected<EntryFunctions, std::string> hook(const Probe& probe,
                                                         const SyscallKinds& kinds,
                                                         const std::stop_token& stop);

  /// Whether all of these calls are hooked.
  bool cover(const SyscallKinds& kinds) const;
  size_t count() const { return links_.size(); }

 private:
  EntryFunctions(const SyscallKinds& kinds, std::vector<Handle> links)
      : kinds_(kinds), links_(std::move(links)) {}

  SyscallKinds kinds_;
  std::vector<Handle> links_;
};

}  // namespace falcod

// See entry_hook.h.
#include "runtime/capture/entry_hook.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "runtime/capture/probe.h"

namespace falcod {

std::expected<void, std::string> EntryHook::want(Probe& probe, const SyscallKinds& calls) {
  calls_ = calls;
  const bool any = calls != SyscallKinds{};
  if (functions_ && functions_->cover(calls)) return {};
  if (any && !tracepoint_.is_open()) {
    tracepoint_ = Handle(bpf_raw_tracepoint_open("sys_enter", probe.program("falcoc_sys_enter")));
    if (!tracepoint_.is_open()) {
      return std::unexpected(fmt::format("sys_enter: {}", std::strerror(errno)));
    }
  }
  functions_.reset();
  return {};
}

void EntryHook::find_functions(const Probe& probe) {
  if (!tracepoint_.is_open() || next_.valid() || is_refused_) return;
  probe_ = &probe;
  next_ = std::async(std::launch::async, [&probe, calls = calls_, stop = stop_.get_token()] {
    return EntryFunctions::hook(probe, calls, stop);
  });
}

void EntryHook::turn() {
  if (!next_.valid() || next_.wait_for(std::chrono::seconds{0}) != std::future_status::ready) {
    return;
  }
  auto hooked = next_.get();
  is_refused_ = !hooked;
  if (!hooked) return;
  if (!hooked->cover(calls_)) return find_functions(*probe_);  // others are wanted meanwhile
  functions_ = std::move(*hooked);
  tracepoint_ = Handle();
}

}  // namespace falcod

// See hooks.h: the tracepoint, and the choice.
#include "runtime/capture/hooks.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "runtime/capture/fexit_hooks.h"
#include "runtime/capture/handle.h"
#include "runtime/capture/probe.h"
#include "runtime/capture/probe_globals.h"

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

class TracepointHooks final : public SyscallHooks {
 public:
  TracepointHooks(bool direct, std::string why) : direct_(direct), why_(std::move(why)) {}

  void prepare(falcoc_probe& probe) override {
    bpf_program__set_autoload(probe.progs.falcoc_sys_exit, direct_);
    bpf_program__set_autoload(probe.progs.falcoc_sys_exit_before_6_2, !direct_);
  }

  std::expected<void, std::string> install(falcoc_probe&) override { return {}; }

  std::expected<void, std::string> want(Probe& probe, const SyscallKinds&) override {
    if (link_.is_open()) return {};
    const int program = probe.program(direct_ ? "falcoc_sys_exit" : "falcoc_sys_exit_before_6_2");
    link_ = Handle(bpf_raw_tracepoint_open("sys_exit", program));
    if (!link_.is_open()) return std::unexpected(fmt::format("sys_exit: {}", std::strerror(errno)));
    return {};
  }

  bool is_per_function() const override { return false; }

  std::string description() const override { return fmt::format("by tracepoint ({})", why_); }

 private:
  bool direct_;
  std::string why_;
  Handle link_;
};

}  // namespace

std::unique_ptr<SyscallHooks> tracepoint_hooks(bool direct, std::string why) {
  return std::make_unique<TracepointHooks>(direct, std::move(why));
}

std::optional<std::string> tracepoint_reason(HookMode mode, bool filtered) {
  if (mode == HookMode::TRACEPOINT) return "asked for";
  if (mode == HookMode::AUTO && filtered) return "the kernel's filters run behind it only";
  return std::nullopt;
}

std::expected<std::unique_ptr<SyscallHooks>, Diagnostic> choose_hooks(HookMode mode,
                                                                      const btf& types,
                                                                      const SyscallKinds& kinds) {
  auto hooks = fexit_hooks(types, kinds, mode == HookMode::AUTO ? kMaxFunctions : SIZE_MAX);
  if (hooks) return std::move(*hooks);
  if (mode == HookMode::AUTO) {
    return tracepoint_hooks(kernel_features(types).has_cast, hooks.error());
  }
  return std::unexpected(hooks_unavailable(hooks.error()));
}

Diagnostic hooks_unavailable(const std::string& why) {
  return Diagnostic::global(Code::PROBE_HOOKS,
                            fmt::format("system calls cannot be hooked one by one: {}", why),
                            "--hooks=auto uses the tracepoint then");
}

}  // namespace falcod

// See hooks.h: the tracepoint, and the choice.
#include "runtime/capture/hooks.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/types.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "falcoc.skel.h"
#include "runtime/capture/fexit_hooks.h"

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

struct LinkDeleter {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};

class TracepointHooks final : public SyscallHooks {
 public:
  TracepointHooks(bool direct, std::string why) : direct_(direct), why_(std::move(why)) {}

  void prepare(falcoc_probe& probe) override {
    bpf_program__set_autoload(probe.progs.falcoc_sys_exit, direct_);
    bpf_program__set_autoload(probe.progs.falcoc_sys_exit_before_6_2, !direct_);
  }

  std::expected<void, std::string> install(falcoc_probe&) override { return {}; }

  std::expected<void, std::string> want(falcoc_probe& probe, const SyscallKinds&) override {
    if (link_) return {};
    link_.reset(bpf_program__attach(direct_ ? probe.progs.falcoc_sys_exit
                                            : probe.progs.falcoc_sys_exit_before_6_2));
    if (!link_) return std::unexpected(fmt::format("sys_exit: {}", std::strerror(errno)));
    return {};
  }

  ProgramHost host(const falcoc_probe& probe) const override {
    return {BPF_PROG_TYPE_RAW_TRACEPOINT, bpf_attach_type{}, 0, bpf_map__fd(probe.maps.filters),
            bpf_map__fd(probe.maps.extractors)};
  }

  bool is_per_function() const override { return false; }

  std::string description() const override { return fmt::format("by tracepoint ({})", why_); }

 private:
  bool direct_;
  std::string why_;
  std::unique_ptr<bpf_link, LinkDeleter> link_;
};

}  // namespace

std::unique_ptr<SyscallHooks> tracepoint_hooks(const btf& types, std::string why) {
  // makes the first look, which every system call pays for, twice as cheap; since 6.2
  const bool direct = btf__find_by_name_kind(&types, "bpf_rdonly_cast", BTF_KIND_FUNC) > 0;
  return std::make_unique<TracepointHooks>(direct, std::move(why));
}

std::expected<std::unique_ptr<SyscallHooks>, Diagnostic> choose_hooks(HookMode mode,
                                                                      const btf& types,
                                                                      const SyscallKinds& kinds,
                                                                      bool filtered) {
  if (mode == HookMode::TRACEPOINT) return tracepoint_hooks(types, "asked for");
  if (mode == HookMode::AUTO && filtered) {
    return tracepoint_hooks(types, "the kernel's filters run behind it only");
  }
  auto hooks = fexit_hooks(types, kinds, mode == HookMode::AUTO ? kMaxFunctions : SIZE_MAX);
  if (hooks) return std::move(*hooks);
  if (mode == HookMode::AUTO) return tracepoint_hooks(types, hooks.error());
  return std::unexpected(hooks_unavailable(hooks.error()));
}

Diagnostic hooks_unavailable(const std::string& why) {
  return Diagnostic::global(Code::PROBE_HOOKS,
                            fmt::format("system calls cannot be hooked one by one: {}", why),
                            "--hooks=auto uses the tracepoint then");
}

}  // namespace falcod

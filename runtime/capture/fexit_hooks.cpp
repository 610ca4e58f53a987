// See fexit_hooks.h: copies of one loaded program, each for a function of the kernel.
#include "runtime/capture/fexit_hooks.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

#include "runtime/capture/function_program.h"
#include "runtime/capture/handle.h"
#include "runtime/capture/kernel_functions.h"
#include "runtime/capture/object_image.h"
#include "runtime/capture/probe.h"
#include "runtime/capture/probe_globals.h"

namespace falcod {

namespace {

using Result = std::expected<void, std::string>;

constexpr const char* kChildFunction = "schedule_tail";
constexpr const char* kDeniedFunction = "__secure_computing";
constexpr size_t kAlonePrograms = 6;  // FC_FEXIT_ALONE in the probe

/// A program at its function: detached when this goes.
struct Attached {
  Handle program;
  Handle link;
  uint16_t kind;
};

/// Of the functions with the most frequent prototype, one.
KernelFunction most_like_others(const std::vector<HookedFunction>& hooked) {
  const auto alike = [&](const HookedFunction& one) {
    return std::ranges::count(hooked, one.function.prototype,
                              [](const HookedFunction& other) { return other.function.prototype; });
  };
  return std::ranges::max_element(hooked, {}, alike)->function;
}

class FexitHooks final : public SyscallHooks {
 public:
  FexitHooks(KernelFunctions functions, const std::vector<HookedFunction>& first)
      : functions_(std::move(functions)), target_(most_like_others(first)) {
    for (const HookedFunction& hooked : first) {
      if (!is_shared(hooked)) alone_.push_back(hooked.function);
    }
  }

  void prepare(falcoc_probe& probe) override;
  Result install(falcoc_probe& probe) override;
  Result want(Probe& probe, const SyscallKinds& kinds) override;
  std::vector<LossCount> losses() const override;
  bool is_per_function() const override { return true; }
  size_t alone() const { return alone_.size(); }
  std::string description() const override {
    return fmt::format("one by one (fexit programs at {} functions of the kernel)",
                       attached_.size());
  }

 private:
  /// Whether a copy of the shared program can be at this function.
  bool is_shared(const HookedFunction& hooked) const {
    return hooked.function.prototype == target_.prototype;
  }
  std::expected<Attached, std::string> attach(Probe& probe, const HookedFunction& hooked) const;
  std::expected<Attached, std::string> attach_copy(const Probe& probe,
                                                   const HookedFunction& hooked) const;

  KernelFunctions functions_;
  /// What the programs that are not attached are loaded for: one of the functions, so that they
  /// have the type of those that are.
  KernelFunction target_;
  std::vector<bpf_insn> code_;  ///< of the shared program, with the maps of who loaded it
  /// The maps that it is to name instead, and where.
  std::vector<std::pair<uint32_t, std::string>> maps_;
  std::vector<KernelFunction> alone_;      ///< those with programs of their own, in their order
  std::map<uint32_t, Attached> attached_;  ///< by function
  Handle child_, denied_;
};

/// By enum fc_extractor; null where system calls do not need one.
std::array<bpf_program*, FC_EXTRACTOR_COUNT> extractors_of(const falcoc_probe& probe) {
  std::array<bpf_program*, FC_EXTRACTOR_COUNT> programs{};
  programs[FC_EXTRACT_SYSCALL] = probe.progs.falcoc_fexit_extract_syscall;
  programs[FC_EXTRACT_MESSAGES] = probe.progs.falcoc_fexit_extract_messages;
  programs[FC_EXTRACT_PROCESS] = probe.progs.falcoc_fexit_extract_process;
  return programs;
}

std::string alone_program(size_t index) { return fmt::format("falcoc_fexit_alone_{}", index); }

void FexitHooks::prepare(falcoc_probe& probe) {
  bpf_program__set_autoload(probe.progs.falcoc_sys_exit, false);
  bpf_program__set_autoload(probe.progs.falcoc_sys_exit_before_6_2, false);
  const auto add = [](bpf_program* program, const KernelFunction& function) {
    bpf_program__set_autoload(program, true);
    bpf_program__set_attach_target(program, 0, function.name.c_str());
  };
  add(probe.progs.falcoc_fexit, target_);
  for (bpf_program* program : extractors_of(probe)) {
    if (program != nullptr) add(program, target_);
  }
  for (size_t i = 0; i < alone_.size(); ++i) {
    add(bpf_object__find_program_by_name(probe.obj, alone_program(i).c_str()), alone_[i]);
  }
  bpf_program__set_autoload(probe.progs.falcoc_fexit_child, true);
  bpf_program__set_autoload(probe.progs.falcoc_fexit_denied, true);
  probe.rodata->secure_computing_params = functions_.params(kDeniedFunction);
}

Result FexitHooks::install(falcoc_probe& probe) {
  const auto extractors = extractors_of(probe);
  for (uint32_t i = 0; i < extractors.size(); ++i) {
    if (extractors[i] == nullptr) continue;
    const int program = bpf_program__fd(extractors[i]);
    const int error = bpf_map__update_elem(probe.maps.fexit_extractors, &i, sizeof i, &program,
                                           sizeof program, 0);
    if (error != 0) {
      return std::unexpected(
          fmt::format("{}: {}", bpf_program__name(extractors[i]), std::strerror(-error)));
    }
  }
  const bpf_insn* const code = bpf_program__insns(probe.progs.falcoc_fexit);
  code_.assign(code, code + bpf_program__insn_cnt(probe.progs.falcoc_fexit));
  std::vector<int> descriptors;
  std::vector<std::string> names;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, probe.obj) {
    descriptors.push_back(bpf_map__fd(map));
    names.push_back(map_name(*map));
  }
  const auto uses = map_uses(code_, descriptors);
  if (!uses) return std::unexpected("the shared program uses a map that is not the probe's");
  for (const ObjectImage::MapUse& use : *uses) maps_.emplace_back(use.instruction, names[use.map]);
  return {};
}

std::expected<Attached, std::string> FexitHooks::attach_copy(const Probe& probe,
                                                             const HookedFunction& hooked) const {
  std::vector<bpf_insn> code = code_;
  for (const auto& [instruction, map] : maps_) code[instruction].imm = probe.map(map);
  Handle copy = load_function_program(code, BPF_TRACE_FEXIT, hooked.function.id);
  if (!copy.is_open()) {
    return std::unexpected(
        fmt::format("{} cannot be hooked ({})", hooked.function.name, std::strerror(errno)));
  }
  auto link = attach_function_program(copy.get(), hooked.function.name);
  if (!link) return std::unexpected(link.error());
  return Attached{std::move(copy), std::move(*link), hooked.kind};
}

std::expected<Attached, std::string> FexitHooks::attach(Probe& probe,
                                                        const HookedFunction& hooked) const {
  if (is_shared(hooked)) return attach_copy(probe, hooked);
  const auto own = std::ranges::find(alone_, hooked.function.id, &KernelFunction::id);
  if (own == alone_.end()) {
    return std::unexpected(
        fmt::format("no program was loaded for {} when falcod started", hooked.function.name));
  }
  const auto index = static_cast<size_t>(own - alone_.begin());
  Handle program(dup(probe.program(alone_program(index))));
  auto link = attach_function_program(program.get(), hooked.function.name);
  if (!link) return std::unexpected(link.error());
  return Attached{std::move(program), std::move(*link), hooked.kind};
}

Result FexitHooks::want(Probe& probe, const SyscallKinds& kinds) {
  const std::pair<Handle*, std::pair<const char*, const char*>> others[] = {
      {&child_, {"falcoc_fexit_child", kChildFunction}},
      {&denied_, {"falcoc_fexit_denied", kDeniedFunction}},
  };
  for (const auto& [link, what] : others) {
    if (link->is_open()) continue;
    auto attached = attach_function_program(probe.program(what.first), what.second);
    if (!attached) return std::unexpected(attached.error());
    *link = std::move(*attached);
  }
  const std::vector<HookedFunction> wanted = functions_of(kinds, functions_);
  for (const HookedFunction& hooked : wanted) {
    if (attached_.contains(hooked.function.id)) continue;
    auto attached = attach(probe, hooked);
    if (!attached) return std::unexpected(attached.error());
    attached_.emplace(hooked.function.id, std::move(*attached));
  }
  std::erase_if(attached_, [&](const auto& entry) {
    return std::ranges::none_of(
        wanted, [&](const HookedFunction& hooked) { return hooked.function.id == entry.first; });
  });
  return {};
}

/// The kernel leaves a program out that is running on this processor already.
std::vector<LossCount> FexitHooks::losses() const {
  std::vector<LossCount> result;
  for (const auto& [function, attached] : attached_) {
    bpf_prog_info info{};
    uint32_t size = sizeof info;
    if (bpf_obj_get_info_by_fd(attached.program.get(), &info, &size) != 0) continue;
    if (info.recursion_misses == 0) continue;
    result.push_back({attached.kind, FC_LOSS_HOOK_BUSY, info.recursion_misses});
  }
  return result;
}

}  // namespace

std::expected<std::unique_ptr<SyscallHooks>, std::string> fexit_hooks(const btf& types,
                                                                      const SyscallKinds& kinds,
                                                                      size_t limit) {
  if (auto allowed = allows_function_programs(types, BPF_TRACE_FEXIT); !allowed) {
    return std::unexpected(allowed.error());
  }
  KernelFunctions functions(types);
  if (functions.find("bpf_task_pt_regs") == nullptr || functions.find(kDeniedFunction) == nullptr) {
    return std::unexpected("the kernel is older than 5.15, or has no seccomp");
  }
  std::vector<HookedFunction> wanted = functions_of(kinds, functions);
  if (wanted.empty()) return std::unexpected("no system call is wanted");
  if (wanted.size() > limit) {
    return std::unexpected(fmt::format(
        "{} functions of the kernel would have to be hooked, more than {}", wanted.size(), limit));
  }
  auto hooks = std::make_unique<FexitHooks>(std::move(functions), wanted);
  if (hooks->alone() > kAlonePrograms) {
    return std::unexpected(fmt::format("{} wanted calls take no parameters, more than {}",
                                       hooks->alone(), kAlonePrograms));
  }
  return hooks;
}

}  // namespace falcod

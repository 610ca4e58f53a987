// See entry_functions.h: two programs of the probe, loaded by libbpf on the maps that are in use,
// and copies of the first.
#include "runtime/capture/entry_functions.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>

#include "runtime/capture/function_program.h"
#include "runtime/capture/kernel_functions.h"
#include "runtime/capture/libbpf_log.h"
#include "runtime/capture/object_image.h"
#include "runtime/capture/probe.h"
#include "runtime/capture/probe_globals.h"

namespace falcod {

namespace {

/// The two programs in the kernel, on the maps of the probe that is in use.
std::expected<ProbeSkeleton, std::string> load_programs(const Probe& probe,
                                                        const KernelFunction& target) {
  const LibbpfLog log;
  ProbeSkeleton skeleton(falcoc_probe__open());
  if (!skeleton) return std::unexpected(error_text(errno));
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton->obj) bpf_program__set_autoload(program, false);
  for (bpf_program* needed : {skeleton->progs.falcoc_fentry, skeleton->progs.falcoc_fentry_begin}) {
    bpf_program__set_autoload(needed, true);
    bpf_program__set_attach_target(needed, 0, target.name.c_str());
  }
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, skeleton->obj) {
    const int used = probe.map(map_name(*map));
    if (const int error = used < 0 ? -ENOENT : bpf_map__reuse_fd(map, used); error != 0) {
      return std::unexpected(fmt::format("{}: {}", bpf_map__name(map), error_text(error)));
    }
  }
  if (const int error = bpf_object__load(skeleton->obj); error != 0) {
    return std::unexpected(
        fmt::format("the program for functions is refused: {}", error_text(error)));
  }
  const uint32_t place = FC_EXTRACT_BEGIN;
  const int begin = bpf_program__fd(skeleton->progs.falcoc_fentry_begin);
  if (bpf_map_update_elem(probe.map("entry_extractors"), &place, &begin, BPF_ANY) != 0) {
    return std::unexpected(
        fmt::format("an extractor cannot be put into its place: {}", std::strerror(errno)));
  }
  return skeleton;
}

}  // namespace

std::expected<EntryFunctions, std::string> EntryFunctions::hook(const Probe& probe,
                                                                const SyscallKinds& kinds,
                                                                const std::stop_token& stop) {
  if (forbids_function_programs(BPF_TRACE_FENTRY)) {
    return std::unexpected("the kernel forbids fentry programs");
  }
  const KernelTypes types = load_kernel_types();
  if (!types) return std::unexpected(std::strerror(errno));
  if (auto allowed = allows_function_programs(*types, BPF_TRACE_FENTRY); !allowed) {
    return std::unexpected(allowed.error());
  }
  const KernelFunctions functions(*types);
  const std::vector<HookedFunction> wanted = functions_of(kinds, functions);
  if (wanted.empty() || wanted.size() > kMost) {
    return std::unexpected(
        fmt::format("{} functions would have to be hooked, at most {} are", wanted.size(), kMost));
  }
  // since 6.12 programs that call each other are for functions of one prototype
  const KernelFunction& target = wanted.front().function;
  for (const HookedFunction& hooked : wanted) {
    if (hooked.function.prototype == target.prototype) continue;
    return std::unexpected(
        fmt::format("{} is declared otherwise than {}", hooked.function.name, target.name));
  }
  auto loaded = load_programs(probe, target);
  if (!loaded) return std::unexpected(loaded.error());
  const bpf_program* const program = (*loaded)->progs.falcoc_fentry;
  const std::span code(bpf_program__insns(program), bpf_program__insn_cnt(program));
  std::vector<Handle> links;
  for (const HookedFunction& hooked : wanted) {
    if (stop.stop_requested()) return std::unexpected("stopped");
    const Handle copy = load_function_program(code, BPF_TRACE_FENTRY, hooked.function.id);
    if (!copy.is_open()) {
      return std::unexpected(
          fmt::format("{} cannot be hooked ({})", hooked.function.name, std::strerror(errno)));
    }
    auto link = attach_function_program(copy.get(), hooked.function.name);  // holds the program
    if (!link) return std::unexpected(link.error());
    links.push_back(std::move(*link));
  }
  return EntryFunctions(kinds, std::move(links));
}

bool EntryFunctions::cover(const SyscallKinds& kinds) const {
  for (size_t number = 0; number < kinds.size(); ++number) {
    for (size_t abi = 0; abi < kinds[number].size(); ++abi) {
      if (kinds[number][abi] != 0 && kinds_[number][abi] == 0) return false;
    }
  }
  return true;
}

}  // namespace falcod

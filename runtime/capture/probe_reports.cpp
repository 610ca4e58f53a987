#include "runtime/capture/probe_reports.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>

#include "probe/scratch_layout.h"
#include "runtime/capture/handle.h"
#include "runtime/capture/probe.h"

namespace falcod {
namespace {

/// Sum over CPUs of a per-CPU counter map's entries.
std::vector<uint64_t> counters(int map, size_t count, size_t cpus) {
  std::vector<uint64_t> sums(count);
  std::vector<uint64_t> per_cpu(cpus);
  for (uint32_t i = 0; i < count; ++i) {
    if (bpf_map_lookup_elem(map, &i, per_cpu.data()) != 0) continue;
    for (const uint64_t value : per_cpu) sums[i] += value;
  }
  return sums;
}

std::vector<LossCount> loss_counts(const Probe& probe, bool faults) {
  const auto sums =
      counters(probe.map("losses"), size_t{FC_KIND_COUNT} * FC_LOSS_COUNT, probe.cpus());
  std::vector<LossCount> result;
  for (size_t i = 0; i < sums.size(); ++i) {
    const auto reason = static_cast<fc_loss>(i % FC_LOSS_COUNT);
    if (sums[i] == 0 || (reason == FC_LOSS_FAULT) != faults) continue;
    result.push_back(
        {.kind = static_cast<uint16_t>(i / FC_LOSS_COUNT), .reason = reason, .count = sums[i]});
  }
  return result;
}

}  // namespace

std::vector<LossCount> kernel_losses(const Probe& probe) { return loss_counts(probe, false); }

std::vector<LossCount> kernel_faults(const Probe& probe) { return loss_counts(probe, true); }

std::vector<uint64_t> submitted_events(const Probe& probe) {
  return counters(probe.map("submitted"), FC_KIND_COUNT, probe.cpus());
}

std::vector<uint64_t> rejected_events(const Probe& probe) {
  std::vector<uint64_t> sums(FC_KIND_COUNT);
  const auto scratch = std::make_unique<fc_scratch>();
  for (uint32_t cpu = 0; cpu < probe.cpus(); ++cpu) {
    if (bpf_map_lookup_elem(probe.map("scratches"), &cpu, scratch.get()) != 0) continue;
    for (size_t kind = 0; kind < sums.size(); ++kind) sums[kind] += scratch->rejected[kind];
  }
  return sums;
}

std::vector<fc_identity> running_tasks(Probe& probe) {
  std::vector<fc_identity> result;
  const Handle link(
      bpf_link_create(probe.program("falcoc_identities"), 0, BPF_TRACE_ITER, nullptr));
  if (!link.is_open()) return result;
  const Handle tasks(bpf_iter_create(link.get()));
  if (!tasks.is_open()) return result;
  std::array<fc_identity, 256> part{};
  size_t used = 0;  // bytes of an identity that came in two reads
  auto* const bytes = reinterpret_cast<char*>(part.data());
  for (ssize_t size = 0; (size = read(tasks.get(), bytes + used, sizeof part - used)) > 0;) {
    used += static_cast<size_t>(size);
    const size_t whole = used / sizeof(fc_identity);
    result.insert(result.end(), part.begin(), part.begin() + static_cast<ptrdiff_t>(whole));
    used -= whole * sizeof(fc_identity);
    std::memmove(bytes, bytes + whole * sizeof(fc_identity), used);
  }
  return result;
}

}  // namespace falcod

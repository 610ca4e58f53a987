#include "runtime/capture/probe_reports.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/types.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>

#include "falcoc.skel.h"
#include "probe/scratch_layout.h"

namespace falcod {
namespace {

struct LinkDeleter {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};

/// Sum over CPUs of a per-CPU counter map's entries.
std::vector<uint64_t> counters(const bpf_map* map, size_t count, size_t cpus) {
  std::vector<uint64_t> sums(count);
  std::vector<uint64_t> per_cpu(cpus);
  for (uint32_t i = 0; i < count; ++i) {
    if (bpf_map__lookup_elem(map, &i, sizeof i, per_cpu.data(), per_cpu.size() * sizeof(uint64_t),
                             0) != 0) {
      continue;
    }
    for (const uint64_t value : per_cpu) sums[i] += value;
  }
  return sums;
}

std::vector<LossCount> loss_counts(const falcoc_probe& probe, size_t cpus, bool faults) {
  const auto sums = counters(probe.maps.losses, size_t{FC_KIND_COUNT} * FC_LOSS_COUNT, cpus);
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

std::vector<LossCount> kernel_losses(const falcoc_probe& probe, size_t cpus) {
  return loss_counts(probe, cpus, false);
}

std::vector<LossCount> kernel_faults(const falcoc_probe& probe, size_t cpus) {
  return loss_counts(probe, cpus, true);
}

std::vector<uint64_t> submitted_events(const falcoc_probe& probe, size_t cpus) {
  return counters(probe.maps.submitted, FC_KIND_COUNT, cpus);
}

std::vector<uint64_t> rejected_events(const falcoc_probe& probe, size_t cpus) {
  std::vector<uint64_t> sums(FC_KIND_COUNT);
  const auto scratch = std::make_unique<fc_scratch>();
  for (uint32_t cpu = 0; cpu < cpus; ++cpu) {
    if (bpf_map__lookup_elem(probe.maps.scratches, &cpu, sizeof cpu, scratch.get(), sizeof *scratch,
                             0) != 0) {
      continue;
    }
    for (size_t kind = 0; kind < sums.size(); ++kind) sums[kind] += scratch->rejected[kind];
  }
  return sums;
}

std::vector<fc_identity> running_tasks(const falcoc_probe& probe) {
  std::vector<fc_identity> result;
  const std::unique_ptr<bpf_link, LinkDeleter> link(
      bpf_program__attach_iter(probe.progs.falcoc_identities, nullptr));
  if (!link) return result;
  const int fd = bpf_iter_create(bpf_link__fd(link.get()));
  if (fd < 0) return result;
  std::array<fc_identity, 256> part{};
  size_t used = 0;  // bytes of an identity that came in two reads
  auto* const bytes = reinterpret_cast<char*>(part.data());
  for (ssize_t size = 0; (size = read(fd, bytes + used, sizeof part - used)) > 0;) {
    used += static_cast<size_t>(size);
    const size_t whole = used / sizeof(fc_identity);
    result.insert(result.end(), part.begin(), part.begin() + static_cast<ptrdiff_t>(whole));
    used -= whole * sizeof(fc_identity);
    std::memmove(bytes, bytes + whole * sizeof(fc_identity), used);
  }
  close(fd);
  return result;
}

}  // namespace falcod

// See drops.h.
#include "runtime/daemon/drops.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/observe/loss_groups.h"

namespace falcod {
namespace {

/// What came on top of `before`, which was read from the same counters.
std::vector<LossCount> difference(std::vector<LossCount> now,
                                  const std::vector<LossCount>& before) {
  for (LossCount& loss : now) {
    for (const LossCount& each : before) {
      if (each.kind == loss.kind && each.reason == loss.reason) loss.count -= each.count;
    }
  }
  return now;
}

uint64_t count_if(const std::vector<LossCount>& losses, auto&& is_meant) {
  uint64_t sum = 0;
  for (const LossCount& loss : losses) {
    if (is_meant(loss)) sum += loss.count;
  }
  return sum;
}

InternalAlert alert_of(const std::vector<LossCount>& lost, uint64_t drops, uint64_t events) {
  InternalAlert alert;
  alert.rule = "Falco internal: syscall event drop";
  alert.message = fmt::format("{}. {} system calls dropped in last second.", alert.rule, drops);
  const auto of_reason = [&](fc_loss reason) {
    return std::to_string(
        count_if(lost, [&](const LossCount& loss) { return loss.reason == reason; }));
  };
  alert.fields = {{"n_evts", std::to_string(events)},
                  {"n_drops", std::to_string(drops)},
                  {"n_drops_buffer_total", of_reason(FC_LOSS_RING_FULL)},
                  {"n_drops_scratch_map", of_reason(FC_LOSS_SCRATCH)},
                  {"n_drops_page_faults", "0"},  // such events are delivered, in part
                  {"n_drops_bug", of_reason(FC_LOSS_TAIL_CALL)},
                  {"ebpf_enabled", "1"}};
  for (const LossGroup& group : loss_groups()) {
    alert.fields[fmt::format("n_drops_buffer_{}_exit", group.name)] =
        std::to_string(lost_events(lost, FC_LOSS_RING_FULL, group));
  }
  return alert;
}

}  // namespace

DropMonitor::DropMonitor(DropPolicy policy, Time now)
    : policy_(std::move(policy)), last_look_(now), tokens_(policy_.max_burst), last_token_(now) {}

std::optional<InternalAlert> DropMonitor::look(const DropCounters& counters, Time now) {
  const std::vector<LossCount> lost = difference(counters.lost, last_.lost);
  uint64_t drops = count_if(lost, [](const LossCount&) { return true; });
  const uint64_t read = counters.read - last_.read;
  last_ = counters;
  last_look_ = now;
  if (policy_.simulate_drops) ++drops;
  if (drops == 0) return std::nullopt;
  const uint64_t events = read + drops;
  const double share = static_cast<double>(drops) / static_cast<double>(events);
  if (share <= (policy_.simulate_drops ? 0 : policy_.threshold)) return std::nullopt;
  ++occurrences_;
  if (!claim_token(now)) return std::nullopt;
  ++actions_taken_;
  return alert_of(lost, drops, events);
}

/// A bucket that becomes larger is not filled at once, a smaller one holds no more than it can.
void DropMonitor::use(DropPolicy policy) {
  policy_ = std::move(policy);
  tokens_ = std::min(tokens_, static_cast<double>(policy_.max_burst));
}

bool DropMonitor::claim_token(Time now) {
  const double seconds = std::chrono::duration<double>(now - last_token_).count();
  tokens_ = std::min(static_cast<double>(policy_.max_burst), tokens_ + seconds * policy_.rate);
  last_token_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

std::string DropMonitor::statistics() const {
  return fmt::format(
      "Syscall event drop monitoring:\n"
      "   - event drop detected: {} occurrences\n"
      "   - num times actions taken: {}\n",
      occurrences_, actions_taken_);
}

}  // namespace falcod

// See loss_watch.h.
#include "runtime/daemon/loss_watch.h"

#include <fmt/format.h>

namespace falcod {

LossWatch::LossWatch(DropPolicy policy, const Reporter& reporter, Hooks hooks)
    : reporter_(reporter),
      hooks_(std::move(hooks)),
      next_report_(Clock::now() + kInterval),
      drops_(std::move(policy), Clock::now()) {}

void LossWatch::report(Clock::time_point now) {
  if (now < next_report_) return;
  next_report_ = now + kInterval;
  Losses all = hooks_.losses();
  if (const Losses fresh = all.since(reported_); fresh.any()) {
    reporter_.loss(fmt::format("Within {} seconds:\n{}", kInterval.count(), losses_text(fresh)));
    // Forks and ends may be among what was lost.
    if (!fresh.events.empty()) hooks_.rescan();
  }
  reported_ = std::move(all);
}

bool LossWatch::apply_policy(const EventSource& source, uint64_t read, Clock::time_point now) {
  if (!drops_.is_due(now)) return true;
  if (const uint64_t lost = source.lost(); lost != last_lost_) {
    last_lost_ = lost;
    counters_.lost = source.losses();
  }
  counters_.read = read;
  auto alert = drops_.look(counters_, now);
  if (!alert) return true;
  const DropPolicy& policy = drops_.policy();
  const bool ends = policy.has(DropAction::EXIT);
  if (policy.has(DropAction::LOG) || ends) {
    reporter_.loss(fmt::format("{}{}\n", alert->message, ends ? " falcod ends." : ""));
  }
  if (policy.has(DropAction::ALERT)) hooks_.alert(std::move(*alert));
  return !ends;
}

}  // namespace falcod

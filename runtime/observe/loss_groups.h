// Falco's groups of events whose losses it counts together.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "compiler/catalog/catalog.h"
#include "runtime/capture/event_source.h"

namespace falcod {

struct LossGroup {
  std::string_view name;  ///< "clone_fork"
  std::span<const falcoc::EventCode> events;
};
std::span<const LossGroup> loss_groups();

/// Losses for this reason, of the group's events.
uint64_t lost_events(const std::vector<LossCount>& losses, fc_loss reason, const LossGroup& group);
/// For this reason, of all events.
uint64_t lost_events(const std::vector<LossCount>& losses, fc_loss reason);

}  // namespace falcod

// What rules ask of metadata that may come late, and what of an event must be kept until it does.
// Belongs to one ruleset; used by the match loop, for events of containers that nobody has
// described yet.
#pragma once

#include <memory>
#include <vector>

#include "compiler/ir/partial.h"
#include "runtime/engine/alert.h"
#include "runtime/engine/context.h"

namespace falcod {

/// Fields whose values come from a container engine or orchestrator.
bool is_metadata(falcoc::FieldId field);

/// One event of which rules are left to be evaluated: everything they ask of it but metadata, as it
/// was at the event. Owns what it holds.
struct HeldEvent {
  struct Saved {
    bool present = false;
    falcoc::Value value{};
  };

  Event event{};       ///< without parameters
  ProcessPtr process;  ///< a copy: as it was
  uint64_t first_event_time_ns = 0;
  std::vector<uint32_t> rules;  ///< left to be evaluated, in match order
  std::vector<Saved> saved;     ///< parallel to `slots`
  std::vector<uint32_t> slots;  ///< ascending
  std::vector<std::unique_ptr<std::byte[]>> blocks;
  size_t bytes = 0;  ///< of all that is held, about
};

/// What accessors see of a held event.
struct LateContext : EventContext {
  const HeldEvent* held = nullptr;
  const falcoc::ir::Program* program = nullptr;
};

class LateRules {
 public:
  LateRules(const falcoc::ir::Program& program, std::span<const falcoc::Accessor> accessors,
            const AlertOptions& options, const std::string& hostname);
  LateRules(const LateRules&) = delete;
  LateRules& operator=(const LateRules&) = delete;

  /// Whether the rule's output, or where it goes, depends on metadata.
  bool shows_metadata(size_t rule) const { return shows_[rule]; }
  /// Whether its condition or output asks for it.
  bool asks_for_metadata(size_t rule) const { return asks_[rule]; }

  void begin_event() { partial_.begin_event(); }
  /// Whether the rule matches, with all metadata unknown.
  falcoc::ir::Truth matches(size_t rule, EventContext& context, falcoc::ir::ValueArena& arena);
  /// Keeps of the event what these rules ask of it.
  HeldEvent hold(EventContext& context, std::vector<uint32_t> rules) const;

  /// The same for a held event, with the metadata that there is now; `context` is prepared here.
  void prepare(LateContext& context, const HeldEvent& held) const;
  bool matches_late(size_t rule, LateContext& context, falcoc::ir::ValueArena& arena) const;
  const AlertFormatter& formatter() const { return formatter_; }

 private:
  /// Fields that are to be saved, metadata not among them.
  std::vector<uint32_t> slots_of(const std::vector<uint32_t>& rules) const;

  const falcoc::ir::Program& program_;
  std::span<const falcoc::Accessor> accessors_;
  std::vector<bool> metadata_;  ///< parallel to Program::fields
  falcoc::ir::PartialEvaluator partial_;
  std::vector<falcoc::Accessor> late_accessors_;
  AlertFormatter formatter_;
  std::vector<bool> shows_, asks_;  ///< parallel to Program::rules
};

}  // namespace falcod

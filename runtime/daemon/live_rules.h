// The rules in force on the live kernel: what the source delivers for them, and their filters
// there.
#pragma once

#include <memory>
#include <optional>

#include "runtime/capture/live.h"
#include "runtime/daemon/report.h"
#include "runtime/engine/engine.h"

namespace falcod {

class LiveRules {
 public:
  /// `filtered`: events may be filtered in the kernel. `recorded`: kinds to be delivered whatever
  /// rules want.
  LiveRules(Engine& engine, LiveSource& source, bool filtered, falcoc::EventSet recorded,
            const Reporter& reporter);

  /// Says so if filters cannot be where they are wanted.
  void check_filters() const;
  /// Gives the rules in force what they were armed without. No event gets lost: one that a filter
  /// has not seen is matched against all rules, and what a filter drops no rule matches.
  void complete(Completion completion, LoadedFiltersPtr filters);
  /// Puts other rules in force, between two records, and returns those of before. Until the new
  /// rules are in, everything is delivered that either of the two rulesets wants: no event gets
  /// lost, and each is matched once, by one of them. An event that a filter drops was matched by
  /// the rules that the filter is of.
  std::unique_ptr<ArmedRules> swap(std::unique_ptr<ArmedRules> rules, LoadedFiltersPtr filters);

  /// With these rules it will go on: what costs less in the long run may take its time now.
  void settle() { source_.hook_entries_one_by_one(); }

  bool filtered() const { return filtered_; }
  /// Where filters are loaded; null: nowhere.
  FilterLoader* loader() const { return filtered_ ? source_.filters() : nullptr; }
  /// Kinds that a filter looks at.
  size_t filtered_kinds() const { return filtered_kinds_; }

 private:
  void set_wanted(const falcoc::EventSet& wanted, const EventDetails& details);
  void use(LoadedFiltersPtr filters, falcoc::Diagnostics warnings = {});

  Engine& engine_;
  LiveSource& source_;
  bool filtered_;
  falcoc::EventSet recorded_;
  const Reporter& reporter_;
  size_t filtered_kinds_ = 0;
};

}  // namespace falcod

// See live_rules.h.
#include "runtime/daemon/live_rules.h"

namespace falcod {

using falcoc::Code;
using falcoc::Diagnostic;

LiveRules::LiveRules(Engine& engine, LiveSource& source, bool filtered, falcoc::EventSet recorded,
                     const Reporter& reporter)
    : engine_(engine),
      source_(source),
      filtered_(filtered),
      recorded_(recorded),
      reporter_(reporter) {}

void LiveRules::check_filters() const {
  if (!filtered_ || source_.filters() != nullptr) return;
  reporter_.show(Diagnostic::global(Code::FILTERS_UNUSABLE,
                                    "kernel filters run behind the tracepoint of system calls only",
                                    "leave the choice of hooks to falcod (--hooks=auto)"));
}

void LiveRules::complete(Completion completion, LoadedFiltersPtr filters) {
  // what a candidate bit stands for is known before the first record has one
  engine_.use(std::move(completion));
  if (source_.filters() != nullptr) use(std::move(filters));
  // native code knows of more kinds that no rule can match them
  set_wanted(engine_.wanted(), engine_.details());
}

std::unique_ptr<ArmedRules> LiveRules::swap(std::unique_ptr<ArmedRules> rules,
                                            LoadedFiltersPtr filters) {
  // Some events of the new rules may not be seen; all others can, so the new rules come in.
  set_wanted(engine_.wanted() | engine_.wanted_with(*rules), engine_.details() | rules->details());
  if (source_.filters() != nullptr) use(std::move(filters));
  auto former = engine_.replace_rules(std::move(rules));
  set_wanted(engine_.wanted(), engine_.details());
  return former;
}

void LiveRules::set_wanted(const falcoc::EventSet& wanted, const EventDetails& details) {
  if (auto set = source_.set_wanted(wanted | recorded_, details); !set) reporter_.show(set.error());
}

void LiveRules::use(LoadedFiltersPtr filters, falcoc::Diagnostics warnings) {
  filtered_kinds_ = source_.filters()->use(std::move(filters), warnings);
  reporter_.show(warnings);
}

}  // namespace falcod

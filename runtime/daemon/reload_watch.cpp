// See reload_watch.h.
#include "runtime/daemon/reload_watch.h"

#include <fmt/format.h>

#include <algorithm>

namespace falcod {

using falcoc::Code;
using falcoc::Diagnostic;

ReloadWatch::ReloadWatch(const Options& options, Engine& engine, LiveRules& rules,
                         std::string fingerprint, const Reporter& reporter)
    : engine_(engine),
      rules_(rules),
      reporter_(reporter),
      reloader_(options, engine, rules.loader(), std::move(fingerprint)),
      settles_(options.command.empty()) {
  if (!options.config.watch_config_files) return;
  watch(watched_paths(options));
  reloader_.request(Reload::IF_CHANGED);
}

void ReloadWatch::watch(std::vector<std::string> paths) {
  auto files = FileWatch::open(std::move(paths));
  if (!files) return reporter_.show(files.error());
  files_.emplace(std::move(*files));
}

void ReloadWatch::complete() { reloader_.complete(engine_.rules()); }

std::optional<ReloadOutcome> ReloadWatch::look(Clock::time_point now) {
  // before rules are exchanged: it is for those in force
  if (auto completion = reloader_.take_completion()) use(std::move(*completion));
  if (files_ && files_->changed(now)) reloader_.request(Reload::IF_CHANGED);
  auto outcome = reloader_.take();
  if (!outcome) return std::nullopt;
  const Reporter reporter(outcome->sources, reporter_.options());
  reporter.show(outcome->diagnostics);
  if (files_ && !outcome->watched.empty()) watch(std::move(outcome->watched));
  if (outcome->rules == nullptr) {
    ++counts_.failed;
    reporter.show(Diagnostic::global(Code::RELOAD_UNSUPPORTED,
                                     "the rules were not loaded again: those from before stay",
                                     "mend what is wrong; changes are noticed, or send SIGHUP"));
    return std::nullopt;
  }
  swap(std::move(outcome->rules), std::move(outcome->filters));
  return outcome;
}

void ReloadWatch::use(CompletionOutcome outcome) {
  reporter_.show(outcome.diagnostics);
  rules_.complete(std::move(outcome.completion), std::move(outcome.filters));
  is_complete_ = true;
  if (settles_) rules_.settle();
  if (rules_.filtered()) {
    reporter_.info(
        fmt::format("Filtered in the kernel: {} kinds of events\n", rules_.filtered_kinds()));
  }
}

void ReloadWatch::swap(std::unique_ptr<ArmedRules> rules, LoadedFiltersPtr filters) {
  reloader_.retire(rules_.swap(std::move(rules), std::move(filters)));
  if (settles_) rules_.settle();
  ++counts_.done;
  const auto enabled = std::ranges::count_if(engine_.program().rules, &falcoc::ir::Rule::enabled);
  reporter_.info(fmt::format("falcod: rules loaded again: {}, {} kinds of events\n", enabled,
                             engine_.wanted().count()));
}

}  // namespace falcod

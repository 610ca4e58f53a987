// See reload.h.
#include "runtime/daemon/reload.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "runtime/daemon/load.h"

namespace falcod {

using falcoc::Code;
using falcoc::Diagnostic;

std::string reload_fingerprint(const Options& options) {
  return rules_fingerprint(options.rule_paths) + rules_fingerprint(options.config.files);
}

std::vector<std::string> watched_paths(const Options& options) {
  std::vector<std::string> paths = options.rule_paths;
  paths.insert(paths.end(), options.config.watched.begin(), options.config.watched.end());
  return paths;
}

Reloader::Reloader(const Options& options, const Engine& engine, const FilterLoader* filters,
                   std::string fingerprint)
    : options_(options),
      engine_(engine),
      filters_(filters),
      fingerprint_(std::move(fingerprint)),
      worker_([this] { work(); }) {}

Reloader::~Reloader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  worker_.join();
}

void Reloader::request(Reload reload) {
  {
    const std::lock_guard lock(mutex_);
    requested_ = std::max(requested_.value_or(reload), reload);
  }
  wake_.notify_one();
}

void Reloader::complete(const ArmedRules& rules) {
  {
    const std::lock_guard lock(mutex_);
    incomplete_ = &rules;
  }
  wake_.notify_one();
}

std::optional<CompletionOutcome> Reloader::take_completion() {
  const std::lock_guard lock(mutex_);
  return std::exchange(completion_, std::nullopt);
}

std::optional<ReloadOutcome> Reloader::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(outcome_, std::nullopt);
}

void Reloader::retire(std::unique_ptr<ArmedRules> rules) {
  {
    const std::lock_guard lock(mutex_);
    retired_.push_back(std::move(rules));
  }
  wake_.notify_one();
}

void Reloader::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] {
      return stopping_ || incomplete_ != nullptr || requested_ || !retired_.empty();
    });
    if (stopping_) return;
    if (const ArmedRules* const rules = std::exchange(incomplete_, nullptr)) {
      lock.unlock();
      CompletionOutcome completion = completion_of(*rules);
      lock.lock();
      completion_ = std::move(completion);
      continue;
    }
    const std::optional<Reload> reload = std::exchange(requested_, std::nullopt);
    std::vector<std::unique_ptr<ArmedRules>> retired = std::exchange(retired_, {});
    lock.unlock();
    retired.clear();
    std::optional<ReloadOutcome> outcome = reload ? load(*reload) : std::nullopt;
    lock.lock();
    // An outcome that nobody took is older, and what it holds was never used.
    if (outcome) outcome_ = std::move(outcome);
  }
}

CompletionOutcome Reloader::completion_of(const ArmedRules& rules) const {
  CompletionOutcome outcome;
  try {
    outcome.completion = engine_.complete(rules, outcome.diagnostics);
    if (filters_ != nullptr && outcome.completion.filters) {
      outcome.filters = filters_->load(*outcome.completion.filters,
                                       {.ruleset = rules.number(), .deliver = engine_.needed()},
                                       outcome.diagnostics);
    }
  } catch (const std::exception& error) {  // out of memory: the rules serve on as they are
    outcome.completion = {.ruleset = rules.number()};
    outcome.diagnostics.add(Diagnostic::global(Code::SYSTEM_CALL_FAILED, error.what()));
  }
  return outcome;
}

std::optional<ReloadOutcome> Reloader::load(Reload reload) {
  ReloadOutcome outcome;
  try {
    // Which rules, and what is added to them, may have changed too.
    Options options = options_;
    configure(options, config::process_environment(), outcome.sources, outcome.diagnostics);
    // Before the files are read for good: what changes in between is found by the next request.
    std::string fingerprint = reload_fingerprint(options);
    if (reload == Reload::IF_CHANGED && fingerprint == fingerprint_) return std::nullopt;
    fingerprint_ = std::move(fingerprint);
    if (outcome.diagnostics.has_errors()) return outcome;
    outcome.watched = watched_paths(options);
    outcome.rule_paths = options.rule_paths;
    if (std::ranges::count(options.rule_paths, "-") != 0) {
      outcome.diagnostics.add(Diagnostic::global(Code::FILE_UNREADABLE,
                                                 "standard input cannot be read a second time",
                                                 "name rule files to be able to load them again"));
      return outcome;
    }
    auto loaded = load_rules(options.rule_paths,
                             {.additions = options.config.append_output,
                              .selections = options.config.rules,
                              .routes = route::alert_routes(options.routes),
                              .static_fields = options.config.static_fields},
                             outcome.sources, outcome.diagnostics);
    if (!loaded) return outcome;
    auto armed =
        engine_.arm(std::move(loaded->program), options.config.alerts, outcome.diagnostics);
    if (armed) {
      if (filters_ != nullptr) {
        outcome.filters = filters_->load(
            (*armed)->filters(), {.ruleset = (*armed)->number(), .deliver = engine_.needed()},
            outcome.diagnostics);
      }
      outcome.rules = std::move(*armed);
      outcome.config = std::move(options.config);
      outcome.routes = std::move(options.routes);
    } else {
      outcome.diagnostics.add(std::move(armed.error()));
    }
  } catch (const std::exception& error) {  // out of memory: the old rules run on
    outcome.rules = nullptr;
    outcome.diagnostics.add(Diagnostic::global(Code::SYSTEM_CALL_FAILED, error.what()));
  }
  return outcome;
}

}  // namespace falcod

// Loads rules again beside the running match loop: reads, compiles and verifies in a thread of its
// own, and hands over what can be swapped in, or what was wrong with it. So are native code and
// filters made for the first rules, which serve without until then.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "compiler/source/diagnostic.h"
#include "runtime/capture/filter_loader.h"
#include "runtime/daemon/options.h"
#include "runtime/engine/engine.h"

namespace falcod {

/// When a request leads to rules.
enum class Reload : uint8_t {
  IF_CHANGED,  ///< if the files hold something else than what was loaded last
  ALWAYS,
};

/// What one request came to.
struct ReloadOutcome {
  std::unique_ptr<ArmedRules> rules;    ///< null: they are wrong, `diagnostics` says how
  LoadedFiltersPtr filters;             ///< of these rules, not in use yet; null: none
  std::vector<std::string> watched;     ///< what is to be watched from now on; empty: as before
  std::vector<std::string> rule_paths;  ///< that `rules` come from
  Config config;                        ///< that came with `rules`
  route::Routes routes;                 ///< likewise
  falcoc::SourceMap sources;
  falcoc::Diagnostics diagnostics;
};

/// What rules that were armed at once get behind that.
struct CompletionOutcome {
  Completion completion;
  LoadedFiltersPtr filters;  ///< not in use yet; null: none
  falcoc::Diagnostics diagnostics;
};

/// Of the rules and the configuration that `options` name: differs if one of their files does.
std::string reload_fingerprint(const Options& options);
/// The paths behind them.
std::vector<std::string> watched_paths(const Options& options);

class Reloader {
 public:
  /// `options`, `engine` and `filters` (null: rules bring none) must outlive it. `fingerprint`: of
  /// the rules that run now.
  Reloader(const Options& options, const Engine& engine, const FilterLoader* filters,
           std::string fingerprint);
  /// Waits for what it is doing.
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  /// Never waits. Requests that come while one is worked on become one more.
  void request(Reload reload);
  /// Completes rules before anything else; they must be in force, and retired here.
  void complete(const ArmedRules& rules);
  /// What came of it, once. It is there before the outcome of any request.
  std::optional<CompletionOutcome> take_completion();
  /// The outcome of a request, once; nothing as long as there is none.
  std::optional<ReloadOutcome> take();
  /// Ends rules that are not used any more, off the caller's thread.
  void retire(std::unique_ptr<ArmedRules> rules);

 private:
  void work();
  std::optional<ReloadOutcome> load(Reload reload);
  CompletionOutcome completion_of(const ArmedRules& rules) const;

  const Options& options_;
  const Engine& engine_;
  const FilterLoader* filters_;
  std::string fingerprint_;  ///< the worker's own

  std::mutex mutex_;
  std::condition_variable wake_;
  const ArmedRules* incomplete_ = nullptr;
  std::optional<CompletionOutcome> completion_;
  std::optional<Reload> requested_;
  std::optional<ReloadOutcome> outcome_;
  std::vector<std::unique_ptr<ArmedRules>> retired_;
  bool stopping_ = false;
  std::thread worker_;  ///< last: it uses all of the above
};

}  // namespace falcod

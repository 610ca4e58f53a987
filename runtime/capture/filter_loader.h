// Kernel filters into the kernel: fills in what only the running probe knows, has them verified,
// and puts them where the probe calls them. Knows nothing of rules.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "compiler/codegen/bpf/filters.h"
#include "compiler/source/diagnostic.h"

namespace falcod {

/// Descriptors of the probe's maps; they outlive everything loaded for them.
struct FilterMaps {
  int scratches = -1;
  int extractors = -1;
  int filters = -1;
  int parts = -1;
};

/// Which ruleset filters are for.
struct FilterPurpose {
  uint32_t ruleset = 0;  ///< what records and facts say of whom they are for; not 0
  /// Kinds that are delivered even if no rule can match: the runtime's state needs them.
  falcoc::EventSet deliver{};
};

/// Filters that the kernel has accepted. Called by nobody yet; gone with this.
class LoadedFilters;
struct LoadedFiltersDeleter {
  void operator()(LoadedFilters* filters) const;
};
using LoadedFiltersPtr = std::unique_ptr<LoadedFilters, LoadedFiltersDeleter>;

/// What a program came to in the verifier.
struct FilterReport {
  falcoc::EventKind kind = 0;
  size_t part = 0;
  size_t instructions = 0;
  uint64_t walked = 0;  ///< instructions, each as often as it was looked at
  uint64_t states = 0;
  double milliseconds = 0;
};

class FilterLoader {
 public:
  /// `prepare` makes ready what filters go on with, in front of every load() and in its thread;
  /// false: that cannot be had, and errno says why.
  explicit FilterLoader(const FilterMaps& maps, std::function<bool()> prepare = {});
  ~FilterLoader();
  FilterLoader(const FilterLoader&) = delete;
  FilterLoader& operator=(const FilterLoader&) = delete;

  /// What the kernel refuses is left out, with a warning: those kinds are then not filtered. Takes
  /// some milliseconds for each; any thread, beside the others. `reports` is for benchmarks.
  LoadedFiltersPtr load(const falcoc::bpf::Filters& filters, const FilterPurpose& purpose,
                        falcoc::Diagnostics& warnings,
                        std::vector<FilterReport>* reports = nullptr) const;
  /// From now on these are called, and those before are not. For each kind of events from one
  /// moment to the next. Null: none. Returns how many kinds are filtered.
  size_t use(LoadedFiltersPtr filters, falcoc::Diagnostics& warnings);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace falcod

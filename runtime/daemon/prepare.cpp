// See prepare.h.
#include "runtime/daemon/prepare.h"

#include "runtime/daemon/privileges.h"
#include "runtime/daemon/recordings.h"

namespace falcod {

bool filters_events(const Options& options) {
  return options.filter && !records_events(options) && !options.check_facts;
}

void give_up(const Options& options, const Reporter& reporter,
             std::expected<void, falcoc::Diagnostic> (*rights)()) {
  if (!options.command.empty() || options.config.outputs.program_output.enabled) return;
  if (auto given = rights(); !given) reporter.show(given.error());
}

std::expected<std::unique_ptr<Preparation>, falcoc::Diagnostic> Preparation::begin(
    const Options& options, const Reporter& reporter) {
  auto signals = Signals::open();
  if (!signals) return std::unexpected(signals.error());
  give_up(options, reporter, give_up_privileges);
  std::unique_ptr<Preparation> made(new Preparation(std::move(*signals)));
  const LiveOptions live{.ring_bytes = options.ring_bytes,
                         .data_bytes = options.config.engine.data_bytes,
                         .arguments_at_entry = options.arguments_at_entry,
                         .hooks = options.hooks,
                         .filtered = filters_events(options),
                         .report_facts = options.check_facts,
                         .cache_directory = options.code_cache};
  made->source_ = std::async(std::launch::async, [live] { return LiveSource::load(live); });
  made->snapshot_ = std::async(std::launch::async,
                               [use = !options.config.engine.disable_iterators,
                                cache = options.code_cache]() -> std::unique_ptr<ProcessSnapshot> {
                                 if (!use) return nullptr;
                                 auto snapshot = ProcessSnapshot::open(cache);
                                 return snapshot ? std::move(*snapshot) : nullptr;
                               });
  return made;
}

}  // namespace falcod

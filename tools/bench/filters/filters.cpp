// What kernel filters of a ruleset come to: per program its instructions, what the verifier walked,
// the states it kept and how long it took; then how long it takes to make and to load all.
//
//   bench_filters FILE…                rule files, bundles
//   bench_filters --generate COUNT     so many rules in the manner of Falco's stable ones
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/types.h>

#include <chrono>
#include <cstdarg>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// clang-format off: the skeleton uses the types of the ABI
#include "probe/abi.h"
#include "falcoc.skel.h"
// clang-format on
#include "compiler/codegen/bpf/generate.h"
#include "compiler/ir/compile.h"
#include "compiler/ir/split/split.h"
#include "runtime/capture/filter_loader.h"
#include "runtime/daemon/load.h"
#include "tools/bench/match/generate.h"

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

int silent(libbpf_print_level, const char*, va_list) { return 0; }

falcoc::ir::Program read_program(const std::vector<std::string>& paths) {
  falcoc::SourceMap sources;
  falcoc::Diagnostics diagnostics;
  auto loaded = falcod::load_rules(paths, {}, sources, diagnostics);
  if (loaded) return std::move(loaded->program);
  for (const falcoc::Diagnostic& item : diagnostics.items()) {
    fmt::print(stderr, "{}\n", item.message);
  }
  std::exit(2);
}

falcoc::ir::Program generate_program(size_t count) {
  falcoc::SourceMap sources;
  falcoc::rules::RuleSet set;
  falcoc::Diagnostics diagnostics;
  const auto file = sources.add("generated.yaml", falcoc::bench::generate_stable_like_rules(count));
  if (!falcoc::rules::load_rules(file, sources, set, diagnostics)) std::exit(2);
  return falcoc::ir::compile(set, {.sources = &sources}, diagnostics);
}

void print(const falcod::FilterReport& report) {
  fmt::print("{:<18}{:>6}{:>14}{:>12}{:>10}{:>10.2f}\n", falcoc::event_kind_name(report.kind),
             report.part, report.instructions, report.walked, report.states, report.milliseconds);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) {
    fmt::print(stderr, "usage: bench_filters FILE… | --generate COUNT\n");
    return 2;
  }
  const bool generated = words.front() == "--generate" && words.size() == 2;
  const falcoc::ir::Program program =
      generated ? generate_program(std::strtoul(words[1].c_str(), nullptr, 10))
                : read_program(words);
  libbpf_set_print(silent);
  falcoc_probe* const probe = falcoc_probe__open_and_load();
  if (probe == nullptr) {
    fmt::print(stderr, "the probe cannot be loaded: root is needed\n");
    return 2;
  }
  const auto begin = Clock::now();
  const auto plans = falcoc::ir::split::plan_kernel(program);
  const auto planned = Clock::now();
  const auto filters = falcoc::bpf::generate(plans);
  const auto made = Clock::now();
  if (!filters) {
    fmt::print(stderr, "{}\n", filters.error().message);
    return 1;
  }
  const falcod::FilterLoader loader({.scratches = bpf_map__fd(probe->maps.scratches),
                                     .extractors = bpf_map__fd(probe->maps.extractors),
                                     .filters = bpf_map__fd(probe->maps.filters),
                                     .parts = bpf_map__fd(probe->maps.filter_parts)});
  falcoc::Diagnostics warnings;
  std::vector<falcod::FilterReport> reports;
  auto loaded = loader.load(*filters, {.ruleset = 1}, warnings, &reports);
  const auto end = Clock::now();
  fmt::print("{:<18}{:>6}{:>14}{:>12}{:>10}{:>10}\n", "event", "part", "instructions", "walked",
             "states", "ms");
  uint64_t walked = 0;
  for (const falcod::FilterReport& report : reports) {
    print(report);
    walked += report.walked;
  }
  for (const falcoc::Diagnostic& item : warnings.items()) fmt::print("{}\n", item.message);
  size_t live = 0;
  for (const auto& plan : plans) live += plan.rules.empty() ? 0 : 1;
  fmt::print("{} rules, {} types of events, {} filtered; {} instructions walked\n",
             program.rules.size(), live, filters->size(), walked);
  fmt::print("split {:.1f} ms, code {:.1f} ms, verified and loaded {:.1f} ms\n",
             Milliseconds(planned - begin).count(), Milliseconds(made - planned).count(),
             Milliseconds(end - made).count());
  loaded.reset();
  falcoc_probe__destroy(probe);
  return warnings.items().empty() ? 0 : 1;
}

// What the probe costs to load: per program its instructions, those the verifier walked (a loop
// counts once per round) and the time it took for that; then the load of all programs together.
//
//   bench_verifier [--functions]       also what each function takes of its programs
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/types.h>

#include <algorithm>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// clang-format off: the skeleton uses the types of the ABI
#include "runtime/capture/extraction_plan.h"
#include "falcoc.skel.h"
// clang-format on

namespace {

using Clock = std::chrono::steady_clock;

// log levels of the kernel (include/linux/bpf_verifier.h)
constexpr uint32_t kLogEveryStep = 2;
constexpr uint32_t kLogStatistics = 4;
constexpr size_t kStepLogBytes = 64u << 20;  // every walked instruction is a line or more
constexpr size_t kStatisticsLogBytes = 1u << 16;

int silent(libbpf_print_level, const char*, va_list) { return 0; }

/// How many instructions were walked in each function, from the verifier's log.
std::map<std::string, size_t> walked(std::string_view log, std::string_view program) {
  std::map<std::string, size_t> counts;
  std::string function(program);
  while (!log.empty()) {
    const size_t end = std::min(log.find('\n'), log.size());
    const std::string_view line = log.substr(0, end);
    log.remove_prefix(std::min(end + 1, log.size()));
    constexpr std::string_view kBegin = "Validating ";
    if (line.starts_with(kBegin)) {
      function = line.substr(kBegin.size(), line.find('(') - kBegin.size());
    } else if (const size_t colon = line.find(": (");
               colon != std::string_view::npos && colon != 0 &&
               std::ranges::all_of(line.substr(0, colon),
                                   [](char digit) { return digit >= '0' && digit <= '9'; })) {
      ++counts[function];
    }
  }
  return counts;
}

struct Load {
  uint32_t instructions = 0;
  uint32_t walked = 0;      ///< 0: the kernel does not tell (before 5.16)
  double verifier_ms = -1;  ///< from the verifier's log; negative: not told
};

Load describe(const bpf_program* program, const std::string& log) {
  Load load{.instructions = static_cast<uint32_t>(bpf_program__insn_cnt(program))};
  bpf_prog_info info{};
  uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0) {
    load.walked = info.verified_insns;
  }
  unsigned long microseconds = 0;
  const size_t at = log.rfind("verification time ");
  if (at != std::string::npos &&
      std::sscanf(log.c_str() + at, "verification time %lu usec", &microseconds) == 1) {
    load.verifier_ms = static_cast<double>(microseconds) / 1000;
  }
  return load;
}

void set_plans(falcoc_probe& probe) {
  for (size_t kind = 0; kind < std::size(probe.rodata->plans); ++kind) {
    probe.rodata->plans[kind] = falcod::extraction_plan(static_cast<falcoc::EventKind>(kind));
  }
}

/// Loads one program alone and reports it. False: it was refused.
bool load_alone(const std::string& name, bool functions, uint64_t& walked_total) {
  falcoc_probe* const probe = falcoc_probe__open();
  set_plans(*probe);
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, probe->obj) {
    bpf_program__set_autoload(program, name == bpf_program__name(program));
  }
  program = bpf_object__find_program_by_name(probe->obj, name.c_str());
  std::vector<char> buffer(functions ? kStepLogBytes : kStatisticsLogBytes);
  bpf_program__set_log_buf(program, buffer.data(), buffer.size());
  bpf_program__set_log_level(program, functions ? kLogEveryStep | kLogStatistics : kLogStatistics);
  const bool loaded = falcoc_probe__load(probe) == 0;
  const std::string log = buffer.data();
  if (loaded) {
    const Load load = describe(program, log);
    fmt::print("{:<30}{:>14}{:>14}{:>14.1f}\n", name, load.instructions, load.walked,
               load.verifier_ms);
    walked_total += load.walked;
  } else {
    fmt::print("{:<30}{:>42}\n", name, "refused");
  }
  for (const auto& [function, count] :
       functions ? walked(log, name) : std::map<std::string, size_t>{}) {
    fmt::print("    {:<26}{:>28}\n", function, count);
  }
  falcoc_probe__destroy(probe);
  return loaded;
}

/// Opens and loads what falcod does: everything but the exit hook of other kernels.
double load_together(const std::string& other_hook) {
  falcoc_probe* const probe = falcoc_probe__open();
  set_plans(*probe);
  bpf_program__set_autoload(bpf_object__find_program_by_name(probe->obj, other_hook.c_str()),
                            false);
  const auto begin = Clock::now();
  const bool loaded = falcoc_probe__load(probe) == 0;
  const std::chrono::duration<double, std::milli> taken = Clock::now() - begin;
  falcoc_probe__destroy(probe);
  return loaded ? taken.count() : -1;
}

/// Of those that every kernel loads: fexit programs need a function, and a kernel that allows them.
std::vector<std::string> program_names() {
  std::vector<std::string> names;
  falcoc_probe* const probe = falcoc_probe__open();
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, probe->obj) {
    if (bpf_program__autoload(program)) names.emplace_back(bpf_program__name(program));
  }
  falcoc_probe__destroy(probe);
  return names;
}

}  // namespace

int main(int argc, char** argv) {
  const bool functions = argc > 1 && std::strcmp(argv[1], "--functions") == 0;
  libbpf_set_print(&silent);
  fmt::print("{:<30}{:>14}{:>14}{:>14}\n", "program", "instructions", "walked", "verifier ms");
  uint64_t walked_total = 0;
  size_t refused = 0;
  for (const std::string& name : program_names()) {
    refused += load_alone(name, functions, walked_total) ? 0 : 1;
  }
  fmt::print("{:<30}{:>14}{:>14}\n", "together", "", walked_total);
  // kernels before 6.2 load the one exit hook, later ones the other
  double all = load_together("falcoc_sys_exit_before_6_2");
  if (all < 0) all = load_together("falcoc_sys_exit");
  fmt::print("{:<30}{:>42.1f}\n", "load of the whole object, ms", all);
  return refused > 1 || all < 0 ? 1 : 0;
}

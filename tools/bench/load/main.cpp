// What the live path does under load: generators make mixed system calls on all processors while
// the engine reads, keeps state and matches. Prints what was sent, read and lost, what it cost, and
// how the resident memory moved.
//
//   bench_load [--seconds=60] [--rate=1000000] [--generators=2] [--ring=8388608] [--hold]
//
// --hold: the generators end before anything is read, from a ring that is far too small.
// Exit status: 0, or 1 if an event was neither read nor counted as lost, or memory grew. Needs what
// falcod needs; says SKIPPED where that is missing.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "compiler/ir/compile.h"
#include "runtime/capture/live.h"
#include "runtime/engine/engine.h"
#include "tools/bench/load/generator.h"

namespace {

using Clock = std::chrono::steady_clock;

/// Of the resident memory: caches fill up. The pages of the ring, which is mapped twice in a row,
/// are counted as they are first read, and come on top.
constexpr int64_t kGrowthLimitKb = 16 << 10;
constexpr uint64_t kHeldRounds = 20'000;
constexpr uint32_t kHeldRing = 64u << 10;
constexpr int kPollMs = 20;

/// Looks at the events and never reports one.
constexpr std::string_view kRules = R"(
- rule: Load
  desc: Takes every event of the generators to the last comparison
  condition: >
    evt.type in (mknodat, delete_module, process_vm_readv, quotactl, userfaultfd, mlock2,
    open_by_handle_at, epoll_create) and proc.name != "" and user.name = nobody-of-this-name
  output: load %evt.args
  priority: DEBUG
)";

struct Settings {
  double seconds = 60;
  double rate = 1e6;
  int generators = 2;
  uint32_t ring_bytes = 8u << 20;
  bool hold = false;
};

/// Hands records to the engine and counts those of the generators.
class Counter : public falcod::RecordHandler {
 public:
  Counter(falcod::Engine& engine, std::vector<uint32_t> pids)
      : engine_(engine), pids_(std::move(pids)), counts_(FC_KIND_COUNT) {}

  void on_record(std::span<const std::byte> record) override {
    const auto& event = *reinterpret_cast<const fc_event*>(record.data());
    if (event.kind < counts_.size() && std::ranges::find(pids_, event.task.pid) != pids_.end()) {
      ++counts_[event.kind];
    }
    ++all_;
    engine_.on_record(record);
  }

  uint64_t count(uint16_t kind) const { return counts_[kind]; }
  uint64_t all() const { return all_; }

 private:
  falcod::Engine& engine_;
  std::vector<uint32_t> pids_;
  std::vector<uint64_t> counts_;
  uint64_t all_ = 0;
};

std::unique_ptr<falcod::Engine> make_engine() {
  falcoc::SourceMap sources;
  falcoc::rules::RuleSet rules;
  falcoc::Diagnostics diagnostics;
  if (!falcoc::rules::load_rules(sources.add("load.yaml", std::string(kRules)), sources, rules,
                                 diagnostics)) {
    return nullptr;
  }
  falcoc::ir::Program program = falcoc::ir::compile(rules, {}, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  auto engine =
      falcod::Engine::create(std::move(program), {}, [](const falcod::Alert&) {}, diagnostics);
  return engine ? std::move(*engine) : nullptr;
}

int64_t resident_kb() {
  std::ifstream file("/proc/self/statm");
  int64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

bool all_ended(std::vector<pid_t>& pids) {
  std::erase_if(pids, [](pid_t pid) { return waitpid(pid, nullptr, WNOHANG) == pid; });
  return pids.empty();
}

uint16_t kind_of(std::string_view event) {
  for (const falcoc::EventInfo& info : falcoc::events()) {
    if (info.name == event) return static_cast<uint16_t>(info.code);
  }
  std::abort();
}

/// Per event: sent = read + lost, or more was lost if others make such calls too. Prints the sums;
/// false if anything is missing.
bool report_sums(const load::Counts& sent, const Counter& counter,
                 const std::vector<falcod::LossCount>& losses) {
  bool agrees = true;
  uint64_t all_sent = 0, all_read = 0, all_lost = 0;
  fmt::print("{:<20}{:>14}{:>14}{:>14}\n", "event", "sent", "read", "lost");
  for (size_t i = 0; i < load::kEvents.size(); ++i) {
    const uint16_t kind = kind_of(load::kEvents[i]);
    uint64_t lost = 0;
    for (const falcod::LossCount& loss : losses) lost += loss.kind == kind ? loss.count : 0;
    const uint64_t calls = sent.calls[i].load(), read = counter.count(kind);
    const bool is_there = calls <= read + lost;
    fmt::print("{:<20}{:>14}{:>14}{:>14}{}\n", load::kEvents[i], calls, read, lost,
               is_there ? "" : "  some are missing");
    agrees = agrees && is_there;
    all_sent += calls, all_read += read, all_lost += lost;
  }
  fmt::print("{:<20}{:>14}{:>14}{:>14}\n", "together", all_sent, all_read, all_lost);
  return agrees;
}

bool parse(int argc, char** argv, Settings& settings) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    const char* const value = equals == std::string_view::npos ? "" : argument.data() + equals + 1;
    if (name == "--hold") {
      settings.hold = true;
    } else if (name == "--seconds") {
      settings.seconds = std::atof(value);
    } else if (name == "--rate") {
      settings.rate = std::atof(value);
    } else if (name == "--generators") {
      settings.generators = std::atoi(value);
    } else if (name == "--ring") {
      settings.ring_bytes = static_cast<uint32_t>(std::atol(value));
    } else {
      return false;
    }
  }
  return settings.seconds > 0 && settings.generators > 0;
}

/// Starts the generators and reads until all they did was read or lost.
int run(const Settings& settings, falcod::Engine& engine, falcod::LiveSource& source) {
  load::Counts* const sent = load::share_counts();
  int go[2];
  if (sent == nullptr || pipe(go) != 0) return 1;
  load::Limit limit{
      .seconds = settings.seconds, .rounds = 0, .rate = settings.rate / settings.generators};
  if (settings.hold) limit.rounds = kHeldRounds;
  std::vector<pid_t> running;
  std::vector<uint32_t> pids;
  for (int i = 0; i < settings.generators; ++i) {
    const auto pid = load::start_generator(*sent, limit, go[0]);
    if (!pid) return 1;
    running.push_back(*pid);
    pids.push_back(static_cast<uint32_t>(*pid));
  }
  Counter counter(engine, pids);
  const auto read_what_is_there = [&] {
    for (auto delivered = source.poll(counter, 0); delivered && *delivered != 0;) {
      delivered = source.poll(counter, 0);
    }
  };
  read_what_is_there();
  const int64_t resident_before = resident_kb();
  const double cpu_before = cpu_seconds();
  const auto begin = Clock::now();
  const std::string bytes(static_cast<size_t>(settings.generators), 'g');
  if (write(go[1], bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) return 1;
  while (settings.hold && !all_ended(running)) usleep(kPollMs * 1000);
  while (!all_ended(running)) {
    if (!source.poll(counter, kPollMs)) return 1;
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const double cpu = cpu_seconds() - cpu_before;
  // what lies in the ring now is the rest of it, and what others do meanwhile
  read_what_is_there();
  const bool agrees = report_sums(*sent, counter, source.losses());
  const int64_t growth = resident_kb() - resident_before;
  fmt::print("{:.1f} s, {:.0f} records/s read of all processes, {:.0f} % of a processor\n", seconds,
             static_cast<double>(counter.all()) / seconds, 100 * cpu / seconds);
  fmt::print("resident {} kB at the start, {} kB at the end\n", resident_before,
             resident_before + growth);
  const bool flat = growth < kGrowthLimitKb + 2 * static_cast<int64_t>(settings.ring_bytes >> 10);
  if (!flat) fmt::print("the resident memory grew\n");
  return agrees && flat ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  if (!parse(argc, argv, settings)) {
    fmt::print(stderr,
               "usage: bench_load [--seconds=S] [--rate=R] [--generators=N] [--ring=BYTES] "
               "[--hold]\n");
    return 2;
  }
  const auto engine = make_engine();
  if (engine == nullptr) return 1;
  auto source = falcod::LiveSource::open(
      {.wanted = engine->wanted(), .ring_bytes = settings.hold ? kHeldRing : settings.ring_bytes});
  if (!source) {
    fmt::print("SKIPPED: {}\n", source.error().message);
    return 0;
  }
  engine->processes().scan_proc();
  return run(settings, *engine, **source);
}

// A burst of alerts to five outputs: what handing one over takes the match loop when all outputs
// are well, which is the baseline, and when one is dead and one is slow; how long the others take;
// how much memory waits.
//
//   bench_outputs [ALERTS]
//
// Exit status: 0, or 1 if an output that is well lost an alert.
#include "runtime/output/outputs.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/output/file_sink.h"
#include "runtime/output/http_sink.h"
#include "runtime/output/program_sink.h"

namespace {

using namespace falcod;
using Clock = std::chrono::steady_clock;

constexpr size_t kAlerts = 50'000;
constexpr std::chrono::microseconds kSlow{200};  ///< for each alert
constexpr std::chrono::milliseconds kPatience{120'000};

/// A receiver that takes its time.
class SlowSink final : public Sink {
 public:
  std::string_view name() const override { return "slow"; }
  WriteResult write(std::span<const Message> batch, int) override {
    std::this_thread::sleep_for(kSlow * batch.size());
    return {.written = batch.size()};
  }
};

template <typename Make>
OutputSpec spec(std::string name, Make make) {
  return {.name = name, .identity = name, .make = std::move(make)};
}

std::vector<OutputSpec> outputs(bool in_trouble) {
  const auto file = [](const char* name) {
    return spec(name, [] { return std::make_unique<FileSink>("/dev/null", true); });
  };
  std::vector<OutputSpec> all{file("file 1"), file("file 2"), spec("program", [] {
                                return std::make_unique<ProgramSink>("cat >/dev/null", true);
                              })};
  if (!in_trouble) {
    all.push_back(file("file 3"));
    all.push_back(file("file 4"));
    return all;
  }
  all.push_back(spec("slow", [] { return std::make_unique<SlowSink>(); }));
  all.push_back(spec("dead", [] {
    return std::make_unique<HttpSink>(
        HttpSinkOptions{.url = "http://127.0.0.1:1/", .content_type = "application/json"},
        HttpOptions{});
  }));
  return all;
}

struct Result {
  std::vector<double> handed_ns;  ///< for each alert, sorted
  std::map<std::string, double> done_ms;
  std::map<std::string, SinkStats> stats;

  double at(double part) const {
    return handed_ns[static_cast<size_t>(part * static_cast<double>(handed_ns.size() - 1))];
  }
};

Result burst(bool in_trouble, size_t alerts) {
  Outputs all;
  all.use(outputs(in_trouble), Clock::now());
  const Message message{.line = std::string(400, 'x'),
                        .rule = "a rule",
                        .json = std::make_shared<const std::string>(1200, 'y'),
                        .id = "6f1c1a52-0000-4000-8000-000000000001"};
  Result result;
  result.handed_ns.reserve(alerts);
  const auto begin = Clock::now();
  for (size_t i = 0; i < alerts; ++i) {
    const auto before = Clock::now();
    all.emit(message);
    result.handed_ns.push_back(
        std::chrono::duration<double, std::nano>(Clock::now() - before).count());
  }
  std::ranges::sort(result.handed_ns);
  // those that can finish
  for (size_t left = 1; left > 0 && Clock::now() - begin < kPatience;) {
    left = 0;
    for (SinkStats& stats : all.stats()) {
      const bool is_done = stats.queued == 0;
      left += !is_done && stats.name != "dead";
      if (is_done && !result.done_ms.contains(stats.name)) {
        result.done_ms[stats.name] =
            std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
      }
      result.stats[stats.name] = std::move(stats);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  all.close(std::chrono::milliseconds{0});
  return result;
}

size_t resident_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<size_t>(usage.ru_maxrss);
}

}  // namespace

int main(int argc, char** argv) {
  size_t alerts = kAlerts;
  if (argc > 1) std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), alerts);
  if (alerts == 0) return 2;
  const Result well = burst(false, alerts);
  const size_t before = resident_kib();
  const Result ill = burst(true, alerts);
  fmt::print("{} alerts to five outputs, each handed over in ns\n", alerts);
  fmt::print("{:<26}{:>10}{:>10}{:>12}\n", "", "median", "99 %", "slowest");
  fmt::print("{:<26}{:>10.0f}{:>10.0f}{:>12.0f}\n", "all well", well.at(0.5), well.at(0.99),
             well.at(1));
  fmt::print("{:<26}{:>10.0f}{:>10.0f}{:>12.0f}\n", "one dead, one slow", ill.at(0.5), ill.at(0.99),
             ill.at(1));
  fmt::print("{:<26}{:>10.2f}{:>10.2f}\n", "ratio", ill.at(0.5) / well.at(0.5),
             ill.at(0.99) / well.at(0.99));
  bool lost = false;
  fmt::print("\n{:<26}{:>10}{:>10}{:>12}\n", "output", "delivered", "lost", "done ms");
  for (const auto& [name, stats] : ill.stats) {
    const auto done = ill.done_ms.find(name);
    fmt::print("{:<26}{:>10}{:>10}{:>12}\n", name, stats.written, stats.dropped_full,
               done == ill.done_ms.end() ? "-" : fmt::format("{:.0f}", done->second));
    lost = lost || (name != "dead" && name != "slow" && stats.dropped() != 0);
  }
  fmt::print(
      "\nmemory: {} KiB at most, {} KiB of it for the second burst; a queue holds {} KiB at most\n",
      resident_kib(), resident_kib() - before, QueueLimits{}.bytes / 1024);
  return lost ? 1 : 0;
}

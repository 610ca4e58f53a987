// Health as counters show it: losses that go on, a ring that stands still, no rules.
#include "runtime/daemon/health.h"

#include <doctest/doctest.h>

using namespace falcod;
using namespace std::chrono_literals;

namespace {

/// Counters that grow by the same in each second.
struct Machine {
  Health health{0.1};
  FlowCounters counters{.rules = 3};
  Health::Time now = Health::Time{} + 1h;

  Machine() { health.look(counters, now); }
  void run(unsigned seconds, uint64_t submitted, uint64_t read, uint64_t lost) {
    for (unsigned i = 0; i < seconds; ++i) {
      counters.submitted += submitted;
      counters.read += read;
      counters.lost += lost;
      now += 1s;
      CHECK(health.is_due(now));
      health.look(counters, now);
    }
  }
};

}  // namespace

TEST_CASE("a quiet machine and a busy one are well") {
  Machine machine;
  CHECK(machine.health.trouble().empty());
  machine.run(100, 0, 0, 0);
  CHECK(machine.health.trouble().empty());
  machine.run(100, 1000, 1000, 0);
  CHECK(machine.health.trouble().empty());
  CHECK_FALSE(machine.health.is_due(machine.now + 900ms));
}

TEST_CASE(
    "losses are an illness when they are more than the threshold and go on for half a minute") {
  Machine machine;
  machine.run(Health::kLossIntervals, 1000, 900, 100);  // a tenth, not more
  CHECK(machine.health.trouble().empty());
  machine.run(Health::kLossIntervals - 1, 1000, 800, 200);
  CHECK(machine.health.trouble().empty());
  machine.run(1, 1000, 1000, 0);  // a second without
  machine.run(Health::kLossIntervals - 1, 1000, 800, 200);
  CHECK(machine.health.trouble().empty());
  machine.run(1, 1000, 600, 400);
  CHECK(machine.health.trouble() == "events are lost for 30 s, 40 % of them in the last second");
  machine.run(1, 1000, 1000, 0);
  CHECK(machine.health.trouble().empty());
  machine.health.use_threshold(0.9);
  machine.run(100, 1000, 200, 800);
  CHECK(machine.health.trouble().empty());
}

TEST_CASE("a ring that is written to and gives nothing is an illness until something comes") {
  Machine machine;
  machine.run(Health::kStillIntervals - 1, 5, 0, 0);
  machine.run(1, 0, 0, 0);  // nothing happens: neither better nor worse
  CHECK(machine.health.trouble().empty());
  machine.run(1, 5, 0, 0);
  CHECK(machine.health.trouble() ==
        "the kernel reports events, but none came out of the ring for 10 s");
  machine.run(1, 0, 1, 0);
  CHECK(machine.health.trouble().empty());
  // A full ring counts what has no room, and nothing as written.
  machine.run(Health::kStillIntervals, 0, 0, 7);
  CHECK(machine.health.trouble().find("none came out of the ring") != std::string::npos);
}

TEST_CASE("without an enabled rule nothing is watched, unless it is recorded") {
  Machine machine;
  machine.counters.rules = 0;
  machine.run(1, 0, 0, 0);
  CHECK(machine.health.trouble() == "no rule is enabled: nothing is watched");
  machine.counters.records = true;
  machine.run(1, 0, 0, 0);
  CHECK(machine.health.trouble().empty());
}

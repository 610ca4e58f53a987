// The writer's side of the map of process facts.
#include "runtime/capture/fact_store.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using falcod::FactStore;

namespace {

struct Memory {
  std::vector<fc_facts> slots{FC_FACT_SLOTS};
  uint32_t generation = 0;
  FactStore store{slots, generation, 3};

  const fc_facts* find(uint32_t pid) const {
    for (const fc_facts& slot : slots) {
      if (slot.pid == pid && slot.generation == generation) return &slot;
    }
    return nullptr;
  }
};

fc_facts entry(uint32_t pid, uint32_t exec_id = 1) {
  fc_facts entry{};
  entry.pid = pid;
  entry.exec_id = exec_id;
  return entry;
}

}  // namespace

TEST_CASE("an entry is where the kernel looks for it, stamped alike at both ends") {
  Memory memory;
  REQUIRE(memory.store.put(entry(4711)));
  const fc_facts* found = memory.find(4711);
  REQUIRE(found != nullptr);
  CHECK((found - memory.slots.data()) / FC_FACT_WAYS == 4711 % FC_FACT_BUCKETS);
  CHECK(found->first_stamp == found->last_stamp);
  CHECK(memory.store.used() == 1);
}

TEST_CASE("a process has one entry, with another stamp each time") {
  Memory memory;
  memory.store.put(entry(7, 1));
  const uint64_t stamp = memory.find(7)->last_stamp;
  memory.store.put(entry(7, 2));
  CHECK(memory.find(7)->exec_id == 2);
  CHECK(memory.find(7)->last_stamp != stamp);
  CHECK(memory.store.used() == 1);
}

TEST_CASE("a removed process is not found, and its place is free") {
  Memory memory;
  for (uint32_t way = 0; way < FC_FACT_WAYS; ++way) {
    CHECK(memory.store.put(entry(5 + way * FC_FACT_BUCKETS)));
  }
  CHECK_FALSE(memory.store.put(entry(5 + FC_FACT_WAYS * FC_FACT_BUCKETS)));
  memory.store.remove(5);
  memory.store.remove(5);  // nothing is left to do
  CHECK(memory.find(5) == nullptr);
  CHECK(memory.store.put(entry(5 + FC_FACT_WAYS * FC_FACT_BUCKETS)));
}

TEST_CASE("a new generation voids all entries, and their places are free") {
  Memory memory;
  for (uint32_t way = 0; way < FC_FACT_WAYS; ++way)
    memory.store.put(entry(5 + way * FC_FACT_BUCKETS));
  memory.store.invalidate_all();
  CHECK(memory.store.used() == 0);
  CHECK(memory.store.put(entry(5 + FC_FACT_WAYS * FC_FACT_BUCKETS)));
}

TEST_CASE("no generation is that of an entry never written") {
  std::vector<fc_facts> slots(FC_FACT_SLOTS);
  uint32_t generation = ~uint32_t{0};
  const FactStore store(slots, generation, 3);
  CHECK(generation == 1);
}

TEST_CASE("a reader that finds equal stamps has read one entry, not parts of two") {
  Memory memory;
  const std::jthread writer([&](const std::stop_token& stop) {
    for (uint32_t i = 1; !stop.stop_requested(); ++i) {
      fc_facts next = entry(9, i);
      for (fc_u64& word : next.may_be_true) word = i;
      for (fc_u64& word : next.may_be_false) word = i;
      memory.store.put(next);
    }
  });
  fc_facts& slot = memory.slots[size_t{9} * FC_FACT_WAYS];
  // As the probe reads: the last stamp first, the first one last.
  size_t whole = 0;
  for (size_t round = 0; round < 200'000 || (whole == 0 && round < 200'000'000); ++round) {
    const uint64_t last = std::atomic_ref(slot.last_stamp).load(std::memory_order_acquire);
    fc_u64 words[3] = {
        std::atomic_ref(slot.may_be_true[0]).load(std::memory_order_relaxed),
        std::atomic_ref(slot.may_be_true[FC_FACT_WORDS - 1]).load(std::memory_order_relaxed),
        std::atomic_ref(slot.may_be_false[FC_FACT_WORDS - 1]).load(std::memory_order_relaxed)};
    const uint32_t exec_id = std::atomic_ref(slot.exec_id).load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (std::atomic_ref(slot.first_stamp).load(std::memory_order_relaxed) != last) continue;
    ++whole;
    REQUIRE(words[0] == exec_id);
    REQUIRE(words[1] == exec_id);
    REQUIRE(words[2] == exec_id);
  }
  CHECK(whole > 0);
}

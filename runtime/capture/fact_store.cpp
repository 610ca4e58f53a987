// See fact_store.h. The kernel reads while this writes: the order of stores is the whole point.
#include "runtime/capture/fact_store.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace falcod {

namespace {

void store(uint64_t& place, uint64_t value) {
  std::atomic_ref(place).store(value, std::memory_order_relaxed);
}

}  // namespace

FactStore::FactStore(std::span<fc_facts> slots, uint32_t& generation, uint64_t ancestry_key)
    : slots_(slots), generation_(generation), ancestry_key_(ancestry_key) {
  invalidate_all();
}

fc_facts* FactStore::find(uint32_t pid) const {
  for (fc_facts& slot : bucket(pid)) {
    if (slot.pid == pid && slot.generation == generation_) return &slot;
  }
  return nullptr;
}

std::span<fc_facts> FactStore::bucket(uint32_t pid) const {
  return slots_.subspan(size_t{pid % FC_FACT_BUCKETS} * FC_FACT_WAYS, FC_FACT_WAYS);
}

bool FactStore::put(fc_facts entry) {
  entry.generation = generation_;
  fc_facts* slot = find(entry.pid);
  if (slot == nullptr) {
    const std::span<fc_facts> ways = bucket(entry.pid);
    const auto free = std::ranges::find_if(ways, [this](const fc_facts& other) {
      return other.pid == 0 || other.generation != generation_;
    });
    if (free == ways.end()) return false;
    slot = &*free;
    ++occupied_[entry.pid % FC_FACT_BUCKETS];
  }
  write(*slot, entry);
  return true;
}

void FactStore::remove(uint32_t pid) {
  uint8_t& occupied = occupied_[pid % FC_FACT_BUCKETS];
  if (occupied == 0) return;
  const auto slot = find(pid);
  if (slot == nullptr) return;
  write(*slot, {});
  --occupied;
}

void FactStore::write(fc_facts& slot, const fc_facts& entry) {
  constexpr size_t kBegin = offsetof(fc_facts, first_stamp) + sizeof(slot.first_stamp);
  constexpr size_t kEnd = offsetof(fc_facts, last_stamp);
  store(slot.first_stamp, ++stamp_);
  std::atomic_thread_fence(std::memory_order_release);
  std::memcpy(reinterpret_cast<char*>(&slot) + kBegin,
              reinterpret_cast<const char*>(&entry) + kBegin, kEnd - kBegin);
  std::atomic_thread_fence(std::memory_order_release);
  store(slot.last_stamp, stamp_);
}

void FactStore::invalidate_all() {
  uint32_t next = generation_ + 1;
  if (next == 0) next = 1;  // 0 is what entries have that were never written
  occupied_.fill(0);
  std::atomic_ref(generation_).store(next, std::memory_order_release);
}

size_t FactStore::used() const {
  return static_cast<size_t>(std::ranges::count_if(slots_, [this](const fc_facts& slot) {
    return slot.pid != 0 && slot.generation == generation_;
  }));
}

}  // namespace falcod

// Process facts as the kernel sees them: the writer's side of the probe's map (probe/abi.h, struct
// fc_facts), which is shared memory, so that writing one is no system call. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "probe/abi.h"

namespace falcod {

class FactStore {
 public:
  /// Memory of the probe, which must outlive it: FC_FACT_SLOTS entries, the probe's
  /// facts_generation and the key that its ancestry_key has.
  FactStore(std::span<fc_facts> slots, uint32_t& generation, uint64_t ancestry_key);

  uint64_t ancestry_key() const { return ancestry_key_; }

  /// From now on this is what is known of the process `entry.pid`; stamps and generation are filled
  /// in. False if there is no room: nothing is known of it then.
  bool put(fc_facts entry);
  /// Nothing is known of this process any more.
  void remove(uint32_t pid);
  /// Nothing is known of any process any more.
  void invalidate_all();
  /// Processes of which something is known.
  size_t used() const;

 private:
  std::span<fc_facts> bucket(uint32_t pid) const;
  /// The valid entry of a process, null if there is none.
  fc_facts* find(uint32_t pid) const;
  void write(fc_facts& slot, const fc_facts& entry);

  std::span<fc_facts> slots_;
  uint32_t& generation_;
  uint64_t ancestry_key_;
  uint64_t stamp_ = 0;
  /// Valid entries by bucket: most processes end without ever having had one, and the map is large.
  std::array<uint8_t, FC_FACT_BUCKETS> occupied_{};
};

}  // namespace falcod

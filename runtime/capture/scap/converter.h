// Events of older captures to today's: enter events are kept for their exit, codes replaced,
// missing parameters filled in. Source: SCAP notes, section 4.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/capture/scap/stored_event.h"

namespace falcod::scap {

class Converter {
 public:
  enum class Result : uint8_t { DELIVER, DROP };

  /// Brings `event` into today's form. Its parameters then borrow from the block and from this
  /// converter until the next call. What no row covers is delivered with missing values, and
  /// counted.
  Result convert(StoredEvent& event);

  /// Events that had no row or too many parameters.
  uint64_t incomplete() const { return incomplete_; }

  /// Forgets the kept enter events: a new section of a file begins.
  void clear() {
    enters_.clear();
    recent_ = nullptr;
  }

 private:
  /// A thread's last enter event. Its memory is kept when it was used, for the next one.
  struct Enter {
    uint16_t code = 0;
    bool used = true;
    std::vector<char> bytes;
    std::vector<uint32_t> sizes;
  };
  struct Row;

  static const Row* find_row(uint16_t code, size_t stored);
  Enter& slot_of(int64_t tid);
  void store(const StoredEvent& event);
  bool apply(const Row& row, StoredEvent& event);
  Param source_value(uint8_t kind, uint8_t index, falcoc::ParamType type, const StoredEvent& event,
                     const std::vector<Param>& own);
  Param enter_param(const StoredEvent& event, uint16_t exit_code, size_t index);

  std::unordered_map<int64_t, Enter> enters_;  ///< by thread, bounded by kMaxThreads
  Enter* recent_ = nullptr;  ///< the slot of recent_tid_: exits follow their enters
  int64_t recent_tid_ = 0;
  Enter* enter_ = nullptr;  ///< of the current event, once it was asked for
  bool enter_taken_ = false;
  std::vector<Param> own_;  ///< parameters before a row was applied
  std::string container_text_;
  uint64_t incomplete_ = 0;
};

}  // namespace falcod::scap

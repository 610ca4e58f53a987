// Items of a probe record: bounds are checked once, then they are looked up.
#pragma once

#include <cstddef>
#include <span>

#include "probe/abi.h"
#include "runtime/capture/decode.h"

namespace falcod {

/// Whether sizes, item bounds and counts of the record agree. Everything else here needs that.
bool is_well_formed(std::span<const std::byte> record);

/// Calls `visit(const Item&)` for each item.
template <typename Visitor>
void for_each_item(const fc_event& record, Visitor&& visit) {
  const char* at = reinterpret_cast<const char*>(&record) + sizeof(fc_event);
  for (uint16_t i = 0; i < record.item_count; ++i) {
    const auto& item = *reinterpret_cast<const fc_item*>(at);
    visit(Item{item.tag, item.flags, item.index, {at + sizeof(fc_item), item.size}});
    at += sizeof(fc_item) + ((size_t{item.size} + 7) & ~size_t{7});
  }
}

}  // namespace falcod

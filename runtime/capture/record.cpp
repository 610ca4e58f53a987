// Checks of raw records.
#include "runtime/capture/record.h"

#include <cstdint>

namespace falcod {
namespace {

bool is_text(uint16_t tag) {
  return tag == FC_ITEM_CWD || tag == FC_ITEM_DIR_PATH || tag == FC_ITEM_FD_PATH ||
         tag == FC_ITEM_EXE_PATH || tag == FC_ITEM_FILENAME || tag == FC_ITEM_CGROUP ||
         tag == FC_ITEM_STANDARD_FD_PATH;
}

}  // namespace

bool is_well_formed(std::span<const std::byte> record) {
  if (record.size() < sizeof(fc_event) || record.size() % 8 != 0 ||
      reinterpret_cast<uintptr_t>(record.data()) % alignof(fc_event) != 0) {
    return false;
  }
  const auto& event = *reinterpret_cast<const fc_event*>(record.data());
  if (event.size != record.size() || event.kind >= FC_KIND_COUNT) return false;
  size_t at = sizeof(fc_event);
  for (uint16_t i = 0; i < event.item_count; ++i) {
    if (record.size() - at < sizeof(fc_item)) return false;
    const auto& item = *reinterpret_cast<const fc_item*>(record.data() + at);
    at += sizeof(fc_item);
    const size_t padded = (size_t{item.size} + 7) & ~size_t{7};
    if (record.size() - at < padded) return false;
    at += padded;
  }
  return at == record.size();
}

bool find_item(const fc_event& record, uint16_t tag, int index, Item& out) {
  bool found = false;
  for_each_item(record, [&](const Item& item) {
    if (found || item.tag != tag || (index != kAnyIndex && item.index != index)) return;
    out = item;
    found = true;
  });
  if (found && is_text(tag) && out.bytes.ends_with('\0')) out.bytes.remove_suffix(1);
  return found;
}

}  // namespace falcod

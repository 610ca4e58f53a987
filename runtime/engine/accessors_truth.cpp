// Extensions: by which door an event came, what it does not tell whole, and what the kernel knows
// about it that the program did not say.
#include "runtime/capture/record.h"
#include "runtime/engine/accessors.h"

namespace falcod::access {

using falcoc::FieldRef;
using falcoc::Value;

bool evt_is_io_uring(void* context, const FieldRef&, Value& out) {
  return put_bool(out, (of(context).event->flags & FC_EVENT_IO_URING) != 0);
}
bool evt_is_cut(void* context, const FieldRef&, Value& out) {
  return put_bool(out, (of(context).event->flags & FC_EVENT_TRUNCATED) != 0);
}

bool proc_is_args_cut(void* context, const FieldRef&, Value& out) {
  return put_bool(out, of(context).process->image->args_cut);
}

bool fd_truename(void* context, const FieldRef& field, Value& out) {
  const EventContext& event = of(context);
  if (!event.fd.known || event.fd.param < 0 || event.event->record == nullptr) return false;
  std::vector<Value> names;
  for_each_item(*event.event->record, [&](const Item& item) {
    if (item.index != event.fd.param) return;
    if (item.tag != FC_ITEM_FD_PATH && item.tag != FC_ITEM_FD_ALIAS) return;
    const std::string_view name = item.bytes.substr(0, item.bytes.find('\0'));
    if (!name.starts_with('/')) return;  // a memory file, a pipe
    put_text(names.emplace_back(), name);
  });
  if (field.index == FieldRef::kNoIndex) {
    return !names.empty() && put_items(event, out, std::move(names));
  }
  const auto chosen = static_cast<size_t>(field.index);
  if (field.index < 0 || chosen >= names.size()) return false;
  out = names[chosen];
  return true;
}

}  // namespace falcod::access

// Declarations of every accessor that the field table names, and what they are written with. An
// accessor borrows from the event, its process or the arena: values live as long as the event.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "runtime/engine/context.h"

namespace falcod::access {

#define FIELD(id, name, type, shape, argument, format, binding, flags, accessor, doc) \
  bool accessor(void* context, const falcoc::FieldRef& field, falcoc::Value& out);
#include "compiler/catalog/fields.def"
#undef FIELD

/// What rows name that nothing supplies yet: absent in every event.
bool unsupplied(void* context, const falcoc::FieldRef& field, falcoc::Value& out);

inline EventContext& of(void* context) { return *static_cast<EventContext*>(context); }

inline bool put_text(falcoc::Value& out, std::string_view text) {
  out.data = text.data();
  out.size = text.size();
  return true;
}
inline bool put_unsigned(falcoc::Value& out, uint64_t number) {
  out.u64 = number;
  return true;
}
inline bool put_signed(falcoc::Value& out, int64_t number) {
  out.i64 = number;
  return true;
}
inline bool put_bool(falcoc::Value& out, bool is_true) {
  return put_unsigned(out, is_true ? 1 : 0);
}

inline bool put_double(falcoc::Value& out, double number) {
  out.f64 = number;
  return true;
}

/// Where texts are put together before the arena gets them: empty, its memory is reused.
inline std::string& scratch(const EventContext& context) {
  context.text.clear();
  return context.text;
}
/// Text that no object holds: the arena keeps a copy.
inline bool put_built(const EventContext& context, falcoc::Value& out, std::string_view text) {
  return put_text(out, context.arena->keep(text));
}
inline bool put_items(const EventContext& context, falcoc::Value& out,
                      std::span<const falcoc::Value> items) {
  out.size = items.size();
  out.items = context.arena->keep(items);
  return true;
}

/// A field argument that is only digits, whichever way the compiler passed it; -1 otherwise.
int64_t numeric_argument(const falcoc::FieldRef& field);

}  // namespace falcod::access

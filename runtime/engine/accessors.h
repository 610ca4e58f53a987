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
  out.set_text(text);
  return true;
}
/// `is_plain`: it is known that the text holds no NUL.
inline bool put_known_text(falcoc::Value& out, std::string_view text, bool is_plain) {
  out.set_text(text, is_plain);
  return true;
}
/// One of falcod's own words.
inline bool put_word(falcoc::Value& out, std::string_view word) {
  return put_known_text(out, word, true);
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
  out.set_items(context.arena->keep(items), items.size());
  return true;
}

/// A field argument that is only digits, whichever way the compiler passed it; -1 otherwise.
int64_t numeric_argument(const falcoc::FieldRef& field);

}  // namespace falcod::access

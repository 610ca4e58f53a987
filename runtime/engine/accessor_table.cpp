// Field id to accessor, straight from the field table.
#include <algorithm>
#include <array>
#include <charconv>

#include "runtime/engine/accessors.h"

namespace falcod {
namespace {

/// Of an event of a capture that has no process: absent, whatever it is.
template <falcoc::Accessor Get>
bool of_process(void* context, const falcoc::FieldRef& field, falcoc::Value& out) {
  return !access::of(context).process->is_absent && Get(context, field, out);
}

/// Likewise, unless the event tells of a container.
template <falcoc::Accessor Get>
bool of_container(void* context, const falcoc::FieldRef& field, falcoc::Value& out) {
  const EventContext& event = access::of(context);
  if (event.process->is_absent && event.told_container == nullptr) return false;
  return Get(context, field, out);
}

template <falcoc::Accessor Get>
constexpr falcoc::Accessor guarded(std::string_view name) {
  if (Get == &access::unsupplied) return Get;
  // What the event itself tells of its thread.
  for (const std::string_view own : {"thread.tid", "thread.exectime", "thread.totexectime"}) {
    if (name == own) return Get;
  }
  for (const std::string_view of : {"proc.", "thread.", "user.", "group."}) {
    if (name.starts_with(of)) return &of_process<Get>;
  }
  for (const std::string_view of : {"container.", "k8s.", "k8smeta."}) {
    if (name.starts_with(of)) return &of_container<Get>;
  }
  return Get;
}

constexpr auto kAccessors = std::to_array<falcoc::Accessor>({
#define FIELD(id, name, type, shape, argument, format, binding, flags, accessor, doc) \
  guarded<&access::accessor>(name),
#include "compiler/catalog/fields.def"
#undef FIELD
});
static_assert(kAccessors.size() == static_cast<size_t>(falcoc::FieldId::COUNT));

}  // namespace

namespace access {

bool unsupplied(void*, const falcoc::FieldRef&, falcoc::Value&) { return false; }

int64_t numeric_argument(const falcoc::FieldRef& field) {
  if (field.index != falcoc::FieldRef::kNoIndex) return field.index;
  int64_t number = -1;
  const char* end = field.key.data() + field.key.size();
  const auto result = std::from_chars(field.key.data(), end, number);
  return result.ec == std::errc{} && result.ptr == end && number >= 0 ? number : -1;
}

}  // namespace access

falcoc::Accessor accessor(falcoc::FieldId id) {
  const falcoc::Accessor found = kAccessors.at(static_cast<size_t>(id));
  return found == &access::unsupplied ? nullptr : found;
}

std::vector<falcoc::Accessor> bind_accessors(const falcoc::ir::Program& program) {
  std::vector<falcoc::Accessor> accessors(program.fields.size());
  std::ranges::transform(program.fields, accessors.begin(),
                         [](const falcoc::FieldRef& field) { return accessor(field.id); });
  return accessors;
}

}  // namespace falcod

// Field id to accessor, straight from the field table.
#include <algorithm>
#include <array>
#include <charconv>

#include "runtime/engine/accessors.h"

namespace falcod {
namespace {

constexpr auto kAccessors = std::to_array<falcoc::Accessor>({
#define FIELD(id, name, type, shape, argument, format, binding, flags, accessor, doc) \
  &access::accessor,
#include "compiler/catalog/fields.def"
#undef FIELD
});
static_assert(kAccessors.size() == static_cast<size_t>(falcoc::FieldId::COUNT));

}  // namespace

namespace access {

bool unsupplied(void*, const falcoc::FieldRef&, falcoc::Value&) { return false; }
bool never_set(void*, const falcoc::FieldRef&, falcoc::Value&) { return false; }

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

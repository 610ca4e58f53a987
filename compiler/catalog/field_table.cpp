// Fields, expanded from fields.def.
#include <array>
#include <unordered_map>

#include "compiler/catalog/catalog.h"

namespace falcoc {
namespace {

constexpr bool is_supplied(std::string_view accessor) { return accessor != "unsupplied"; }

// The class a field is listed under: its rows stand together, so the first name tells.
constexpr std::string_view class_of(std::string_view name) {
  if (name.starts_with("evt.") || name.starts_with("syscall.")) return "evt";
  if (name.starts_with("proc.is_container")) return "container";
  if (name.starts_with("proc.") || name.starts_with("thread.")) return "process";
  if (name.starts_with("container.") || name.starts_with("k8s.")) return "container";
  if (name.starts_with("fs.path")) return "fs.path";
  return name.substr(0, name.find('.'));
}

constexpr auto build_fields() {
  using enum FieldFlag;
  return std::to_array<FieldInfo>({
#define FIELD(id, name, type, shape, argument, format, binding, flags, accessor, doc) \
  FieldInfo{FieldId::id,                                                              \
            name,                                                                     \
            class_of(name),                                                           \
            ParamType::type,                                                          \
            Shape::shape,                                                             \
            ArgumentRule::argument,                                                   \
            PrintFormat::format,                                                      \
            BindingTime::binding,                                                     \
            (flags),                                                                  \
            is_supplied(#accessor),                                                   \
            doc},
#include "compiler/catalog/fields.def"
#undef FIELD
  });
}
constexpr auto kFields = build_fields();
static_assert(kFields.size() == static_cast<size_t>(FieldId::COUNT));

}  // namespace

std::span<const FieldInfo> fields() { return kFields; }

const FieldInfo& field_info(FieldId id) { return kFields[static_cast<size_t>(id)]; }

const FieldInfo* find_field(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, const FieldInfo*> map;
    for (const FieldInfo& field : kFields) map.emplace(field.name, &field);
    return map;
  }();
  const auto it = by_name.find(name);
  return it == by_name.end() ? nullptr : it->second;
}

}  // namespace falcoc

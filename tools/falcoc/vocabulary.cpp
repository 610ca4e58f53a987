#include "tools/falcoc/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/catalog/type_name.h"

namespace falcoc::cli {

namespace {

std::string_view argument_shown(ArgumentRule rule) {
  switch (rule) {
    case ArgumentRule::NONE:
      return "";
    case ArgumentRule::INDEX_OPTIONAL:
    case ArgumentRule::KEY_OPTIONAL:
    case ArgumentRule::INDEX_OR_KEY_OPTIONAL:
      return "[ARG]?";
    case ArgumentRule::INDEX_REQUIRED:
    case ArgumentRule::KEY_REQUIRED:
    case ArgumentRule::INDEX_OR_KEY_REQUIRED:
      return "[ARG]";
    case ArgumentRule::SUFFIX_OPTIONAL:
      return ".ARG?";
    case ArgumentRule::SUFFIX_REQUIRED:
      return ".ARG";
    case ArgumentRule::INDEX_OR_SUFFIX_REQUIRED:
      return "[ARG] or .ARG";
  }
  return "";
}

}  // namespace

std::string shown_name(const FieldInfo& field) {
  return fmt::format("{}{}", field.name, argument_shown(field.argument));
}

std::string shown_type(const FieldInfo& field) {
  return fmt::format("{}{}", type_name(field.type), field.shape == Shape::LIST ? " list" : "");
}

std::string shown_meaning(const FieldInfo& field) {
  return fmt::format("{}{}", field.doc, field.supplied ? "" : " [not supplied yet]");
}

bool is_shown(const FieldInfo& field) { return !has(field.flags, FieldFlag::HIDDEN); }

std::vector<ShownEvent> shown_events() {
  std::vector<ShownEvent> shown;
  for (const EventInfo& event : events()) {
    ShownEvent& it = shown.emplace_back(ShownEvent{std::string(event.name), {}});
    for (const ParamInfo& param : event.params)
      it.parameters.push_back(fmt::format("{} {}", type_name(param.type), param.name));
  }
  // System calls without an event of their own carry the parameters of `syscall`.
  for (const SyscallInfo& syscall : syscalls()) {
    if (syscall.event == EventCode::GENERIC) shown.push_back({std::string(syscall.name), {}});
  }
  std::ranges::stable_sort(shown, {}, &ShownEvent::name);
  return shown;
}

}  // namespace falcoc::cli

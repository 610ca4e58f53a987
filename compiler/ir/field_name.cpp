#include "compiler/ir/field_name.h"

#include <algorithm>
#include <array>

namespace falcoc::ir {

namespace {

/// Forms of arguments by ArgumentRule, in its order.
struct Forms {
  bool none;
  bool index;
  bool key;
  bool dotted;
};
constexpr std::array<Forms, 10> kForms = {{
    {.none = true, .index = false, .key = false, .dotted = false},  // NONE
    {.none = true, .index = true, .key = false, .dotted = false},   // INDEX_OPTIONAL
    {.none = false, .index = true, .key = false, .dotted = false},  // INDEX_REQUIRED
    {.none = true, .index = false, .key = true, .dotted = false},   // KEY_OPTIONAL
    {.none = false, .index = false, .key = true, .dotted = false},  // KEY_REQUIRED
    {.none = true, .index = true, .key = true, .dotted = false},    // INDEX_OR_KEY_OPTIONAL
    {.none = false, .index = true, .key = true, .dotted = false},   // INDEX_OR_KEY_REQUIRED
    {.none = true, .index = false, .key = false, .dotted = true},   // SUFFIX_OPTIONAL
    {.none = false, .index = false, .key = false, .dotted = true},  // SUFFIX_REQUIRED
    {.none = false, .index = true, .key = false, .dotted = true},   // INDEX_OR_SUFFIX_REQUIRED
}};
static_assert(kForms.size() == static_cast<size_t>(ArgumentRule::INDEX_OR_SUFFIX_REQUIRED) + 1);

const Forms& forms_of(const FieldInfo& field) {
  return kForms[static_cast<size_t>(field.argument)];
}

/// Longest of `candidate`, if it is a prefix of `text`, and `longest`.
size_t longer_prefix(std::string_view candidate, std::string_view text, size_t longest) {
  return text.starts_with(candidate) ? std::max(longest, candidate.size()) : longest;
}

size_t parameter_name(std::string_view text) {
  size_t longest = 0;
  for (const EventInfo& event : events()) {
    for (const ParamInfo& param : event.params) longest = longer_prefix(param.name, text, longest);
  }
  return longest;
}

size_t event_name(std::string_view text) {
  size_t longest = 0;
  for (const EventInfo& event : events()) longest = longer_prefix(event.name, text, longest);
  return longest;
}

size_t path_role(std::string_view text) {
  return longer_prefix("src", text, longer_prefix("dst", text, 0));
}

/// Names of cgroup controllers are the kernel's, not ours.
size_t controller_name(std::string_view text) {
  const auto end = std::ranges::find_if_not(text, [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
  });
  return static_cast<size_t>(end - text.begin());
}

struct DottedArgument {
  FieldId field;
  size_t (*length)(std::string_view text);
};
constexpr DottedArgument kDottedArguments[] = {
    {FieldId::evt_arg, parameter_name},        {FieldId::evt_rawarg, parameter_name},
    {FieldId::evt_type_is, event_name},        {FieldId::evt_abspath, path_role},
    {FieldId::thread_cgroup, controller_name},
};

/// Bounds the search in texts of any length.
size_t longest_name() {
  static const size_t longest = std::ranges::max(fields(), {}, [](const FieldInfo& field) {
                                  return field.name.size();
                                }).name.size();
  return longest;
}

bool is_index(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<FieldName> resolve_field_name(std::string_view text) {
  for (size_t size = std::min(text.size(), longest_name()); size > 0; --size) {
    if (const FieldInfo* field = find_field(text.substr(0, size))) {
      return FieldName{.field = field, .rest = text.substr(size)};
    }
  }
  return std::nullopt;
}

size_t dotted_argument_length(const FieldInfo& field, std::string_view rest) {
  if (!forms_of(field).dotted || !rest.starts_with('.')) return 0;
  for (const DottedArgument& row : kDottedArguments) {
    if (row.field != field.id) continue;
    const size_t length = row.length(rest.substr(1));
    return length == 0 ? 0 : length + 1;
  }
  return 0;
}

bool accepts_bracket_argument(const FieldInfo& field, std::string_view argument) {
  const Forms& forms = forms_of(field);
  return forms.key || (forms.index && (is_index(argument) || argument == "-1"));
}

bool accepts_no_argument(const FieldInfo& field) { return forms_of(field).none; }

}  // namespace falcoc::ir

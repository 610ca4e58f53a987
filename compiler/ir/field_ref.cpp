// Resolution of field names and arguments: one function per argument form.
#include "compiler/ir/field_ref.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace falcoc::ir {
namespace {

using Result = std::expected<FieldRef, Diagnostic>;

std::unexpected<Diagnostic> error(Code code, const ast::Operand& field, std::string message,
                                  std::string hint = {}) {
  return std::unexpected(Diagnostic::at(code, field.span, std::move(message), std::move(hint)));
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates) {
  const std::string_view closest = closest_name(name, candidates);
  return closest.empty() ? std::string{} : fmt::format("did you mean `{}`?", closest);
}

bool takes_suffix(ArgumentRule rule) {
  using enum ArgumentRule;
  return rule == SUFFIX_OPTIONAL || rule == SUFFIX_REQUIRED || rule == INDEX_OR_SUFFIX_REQUIRED;
}
bool takes_brackets(ArgumentRule rule) {
  using enum ArgumentRule;
  return rule != NONE && rule != SUFFIX_OPTIONAL && rule != SUFFIX_REQUIRED;
}
bool is_required(ArgumentRule rule) {
  using enum ArgumentRule;
  return rule == INDEX_REQUIRED || rule == KEY_REQUIRED || rule == INDEX_OR_KEY_REQUIRED ||
         rule == SUFFIX_REQUIRED || rule == INDEX_OR_SUFFIX_REQUIRED;
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Optional sign and digits.
std::optional<int64_t> parse_index(std::string_view text) {
  if (text.starts_with('+') && is_digits(text.substr(1))) text.remove_prefix(1);
  int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || failure != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

Result with_index(FieldRef ref, const ast::Operand& field, std::string_view argument) {
  const std::optional<int64_t> index = parse_index(argument);
  if (!index) {
    return error(Code::FIELD_UNKNOWN, field,
                 fmt::format("argument of `{}` is not a number: `{}`", field.name, argument));
  }
  // -1 is Falco's way to say "no index"; smaller ones are undefined behaviour there (Q29).
  if (*index < FieldRef::kNoIndex) {
    return error(Code::FIELD_ARGUMENT, field,
                 fmt::format("negative argument of `{}`: `{}`", field.name, argument));
  }
  ref.index = *index;
  return ref;
}

Result with_key(FieldRef ref, std::string_view argument) {
  ref.key = argument;
  return ref;
}

/// `[argument]`.
Result with_brackets(FieldRef ref, const FieldInfo& info, const ast::Operand& field,
                     FieldPlace place) {
  const std::string& argument = *field.argument;
  switch (info.argument) {
    case ArgumentRule::INDEX_OPTIONAL:
    case ArgumentRule::INDEX_REQUIRED:
    case ArgumentRule::INDEX_OR_SUFFIX_REQUIRED:
      return with_index(std::move(ref), field, argument);
    case ArgumentRule::KEY_OPTIONAL:
      if (is_digits(argument)) return ref;  // the whole map, as without argument (Q28)
      return with_key(std::move(ref), argument);
    case ArgumentRule::INDEX_OR_KEY_OPTIONAL:
      if (!is_digits(argument)) return with_key(std::move(ref), argument);
      if (place == FieldPlace::CONDITION) return ref;
      return with_index(std::move(ref), field, argument);
    case ArgumentRule::INDEX_OR_KEY_REQUIRED:
      if (is_digits(argument)) return with_index(std::move(ref), field, argument);
      return with_key(std::move(ref), argument);
    default:
      return with_key(std::move(ref), argument);
  }
}

const ParamInfo* find_param(std::string_view name) {
  for (const EventInfo& event : events()) {
    const auto param = std::ranges::find(event.params, name, &ParamInfo::name);
    if (param != event.params.end()) return &*param;
  }
  return nullptr;
}

std::string suggest_param(std::string_view name) {
  static const auto names = [] {
    std::vector<std::string_view> all;
    for (const EventInfo& event : events()) {
      for (const ParamInfo& param : event.params) all.push_back(param.name);
    }
    std::ranges::sort(all);
    all.erase(std::ranges::unique(all).begin(), all.end());
    return all;
  }();
  return did_you_mean(name, names);
}

/// evt.arg.NAME and evt.rawarg.NAME: some event must have a parameter of that name. The first one
/// in event order decides the type of the raw value (RULE-LANGUAGE 4.6).
Result with_event_argument(FieldRef ref, const ast::Operand& field, std::string_view name) {
  const ParamInfo* param = find_param(name);
  if (!param) {
    return error(Code::EVENT_ARGUMENT_UNKNOWN, field,
                 fmt::format("no event has an argument `{}`", name), suggest_param(name));
  }
  if (ref.id == FieldId::evt_rawarg) ref.type = param->type;
  ref.key = name;
  return ref;
}

Result with_event_name(FieldRef ref, const ast::Operand& field, std::string_view name) {
  if (!is_digits(name) && !event_kinds_named(name)) {
    return error(Code::EVENT_TYPE_UNKNOWN, field, fmt::format("unknown event type `{}`", name),
                 suggest_event_type(name));
  }
  return with_key(std::move(ref), name);
}

/// `.suffix`.
Result with_suffix(FieldRef ref, const ast::Operand& field, std::string_view suffix) {
  switch (ref.id) {
    case FieldId::evt_arg:
    case FieldId::evt_rawarg:
      return with_event_argument(std::move(ref), field, suffix);
    case FieldId::evt_type_is:
      return with_event_name(std::move(ref), field, suffix);
    case FieldId::evt_abspath:
      if (suffix == "src" || suffix == "dst") return with_key(std::move(ref), suffix);
      break;
    case FieldId::thread_cgroup:
      if (std::ranges::all_of(suffix, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
          })) {
        return with_key(std::move(ref), suffix);
      }
      break;
    default:
      return with_key(std::move(ref), suffix);
  }
  return error(Code::FIELD_UNKNOWN, field, fmt::format("unknown field `{}`", field.name),
               suggest_field(field.name));
}

}  // namespace

bool is_host_name(FieldId id) {
  return id == FieldId::fd_cip_name || id == FieldId::fd_sip_name || id == FieldId::fd_lip_name ||
         id == FieldId::fd_rip_name;
}

const FieldInfo* field_prefix(std::string_view name) {
  for (size_t end = name.size(); end != std::string_view::npos && end > 0;
       end = name.rfind('.', end - 1)) {
    if (const FieldInfo* info = find_field(name.substr(0, end))) return info;
  }
  return nullptr;
}

std::string field_text(const ast::Operand& field) {
  return field.argument ? fmt::format("{}[{}]", field.name, *field.argument) : field.name;
}

std::string suggest_field(std::string_view name) {
  static const auto names = [] {
    std::vector<std::string_view> all;
    for (const FieldInfo& info : fields()) {
      if (!has(info.flags, FieldFlag::HIDDEN)) all.push_back(info.name);
    }
    return all;
  }();
  return did_you_mean(name, names);
}

std::string suggest_event_type(std::string_view name) {
  static const auto names = [] {
    std::vector<std::string_view> all;
    for (size_t kind = 0; kind < kEventKinds; ++kind) {
      if (all_event_kinds().test(kind))
        all.push_back(event_kind_name(static_cast<EventKind>(kind)));
    }
    return all;
  }();
  return did_you_mean(name, names);
}

Result resolve_field(const ast::Operand& field, FieldPlace place) {
  const FieldInfo* info = field_prefix(field.name);
  if (!info) {
    return error(Code::FIELD_UNKNOWN, field, fmt::format("unknown field `{}`", field.name),
                 suggest_field(field.name));
  }
  const bool has_suffix = info->name.size() < field.name.size();
  if (has_suffix && !takes_suffix(info->argument)) {
    return error(Code::FIELD_UNKNOWN, field, fmt::format("unknown field `{}`", field.name),
                 suggest_field(field.name));
  }
  if (field.argument && (has_suffix || !takes_brackets(info->argument))) {
    return error(Code::FIELD_UNKNOWN, field,
                 fmt::format("field `{}` takes no argument in brackets", field.name));
  }
  if (!has_suffix && !field.argument && is_required(info->argument)) {
    return error(Code::FIELD_ARGUMENT, field,
                 fmt::format("field `{}` needs an argument", field.name),
                 takes_suffix(info->argument) ? fmt::format("write `{}.NAME`", field.name)
                                              : fmt::format("write `{}[…]`", field.name));
  }
  FieldRef ref{.id = info->id, .type = info->type, .shape = info->shape, .key = {}};
  Result result = ref;
  if (has_suffix) {
    result = with_suffix(std::move(ref), field,
                         std::string_view(field.name).substr(info->name.size() + 1));
  } else if (field.argument) {
    result = with_brackets(std::move(ref), *info, field, place);
  }
  // One chosen ancestor is one value; list fields stay lists whatever their argument.
  if (result && result->shape == Shape::ANCESTORS &&
      (result->index != FieldRef::kNoIndex || !result->key.empty())) {
    result->shape = Shape::SCALAR;
  }
  // An address can have several names: `=` needs one of them, `!=` all to differ. Outputs print
  // one.
  if (result && place == FieldPlace::CONDITION && is_host_name(result->id)) {
    result->shape = Shape::EITHER_SIDE;
  }
  return result;
}

}  // namespace falcoc::ir

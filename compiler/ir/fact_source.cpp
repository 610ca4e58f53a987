// Values of fields from the facts of a test.
#include "compiler/ir/fact_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "compiler/ir/literals.h"

namespace falcoc::testing {
namespace {

constexpr std::string_view kDefaultEventType = "open";

Fact scalar(std::string text) { return {.items = {std::move(text)}, .is_list = false}; }

/// Fields that take their value from others, in order; missing ones are skipped.
struct Endpoints {
  std::string_view field;
  std::array<std::string_view, 2> from;
};
constexpr std::array<Endpoints, 4> kEndpoints = {{
    {"fd.ip", {"fd.cip", "fd.sip"}},
    {"fd.net", {"fd.cip", "fd.sip"}},
    {"fd.port", {"fd.cport", "fd.sport"}},
    {"fd.proto", {"fd.cport", "fd.sport"}},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kAliases = {{
    {"fd.cnet", "fd.cip"},
    {"fd.snet", "fd.sip"},
}};

/// `name`, `name[3]`, `name[KEY]` or `name.suffix`, as facts spell it.
std::string spelled(const FieldRef& field) {
  const FieldInfo& info = field_info(field.id);
  std::string text(info.name);
  if (field.index != FieldRef::kNoIndex) return text + fmt::format("[{}]", field.index);
  if (field.key.empty()) return text;
  const bool dotted = info.argument == ArgumentRule::SUFFIX_OPTIONAL ||
                      info.argument == ArgumentRule::SUFFIX_REQUIRED ||
                      info.argument == ArgumentRule::INDEX_OR_SUFFIX_REQUIRED;
  return text + (dotted ? "." + field.key : "[" + field.key + "]");
}

std::string joined(const std::vector<std::string>& items) {
  return fmt::format("{}", fmt::join(items, " "));
}

/// A list of all ancestors, from one list fact or from facts with an index.
std::optional<Fact> ancestors(const Facts& facts, const std::string& name) {
  Fact all{.items = {}, .is_list = true};
  if (const Fact* list = facts.find(name)) {
    all.items = list->items;
  } else {
    for (int level = 1; const Fact* one = facts.find(fmt::format("{}[{}]", name, level)); ++level) {
      all.items.push_back(one->items.front());
    }
  }
  if (all.items.empty()) return std::nullopt;
  return all;
}

/// One of a list that [0] is the first of.
std::optional<Fact> element(const Facts& facts, const std::string& name, int64_t index) {
  const Fact* list = facts.find(name);
  if (list == nullptr || index < 0 || static_cast<size_t>(index) >= list->items.size()) {
    return std::nullopt;
  }
  return scalar(list->items[static_cast<size_t>(index)]);
}

std::optional<Fact> ancestor(const Facts& facts, const std::string& name, int64_t level) {
  if (!name.starts_with("proc.")) return element(facts, name, level);
  if (level == 0) {
    const std::string own = "proc." + name.substr(std::string_view("proc.a").size());
    const Fact* fact = facts.find(own);
    return fact ? std::optional(*fact) : std::nullopt;
  }
  const std::optional<Fact> all = ancestors(facts, name);
  if (!all || level < 1 || static_cast<size_t>(level) > all->items.size()) return std::nullopt;
  return scalar(all->items[static_cast<size_t>(level) - 1]);
}

std::optional<Fact> either_side(const Facts& facts, std::string_view name) {
  if (!facts.any_of("fd.")) return std::nullopt;
  Fact sides{.items = {}, .is_list = true};
  for (const Endpoints& row : kEndpoints) {
    if (row.field != name) continue;
    for (const std::string_view from : row.from) {
      if (const Fact* fact = facts.find(std::string(from))) {
        sides.items.push_back(fact->items.front());
      }
    }
  }
  return sides;
}

/// proc.args and proc.env: the whole, joined by blanks, or one element, which never is absent.
std::optional<Fact> process_list(const Facts& facts, const FieldRef& field,
                                 const std::string& name) {
  if (!facts.any_of("proc.")) return std::nullopt;
  const Fact* list = facts.find(name);
  if (field.index == FieldRef::kNoIndex && field.key.empty()) {
    return list ? std::optional(scalar(joined(list->items))) : std::nullopt;
  }
  if (!list) return scalar("");
  if (field.index != FieldRef::kNoIndex) {
    const auto at = static_cast<size_t>(field.index);
    return scalar(at < list->items.size() ? list->items[at] : "");
  }
  for (const std::string& item : list->items) {
    if (item.starts_with(field.key + "=")) return scalar(item.substr(field.key.size() + 1));
  }
  return scalar("");
}

const EventInfo* event_of(const Facts& facts) {
  const std::optional<EventKind> kind = facts.event_kind();
  return kind && *kind < kGenericBase ? find_event(static_cast<EventCode>(*kind)) : nullptr;
}

std::optional<Fact> event_argument(const Facts& facts, const FieldRef& field) {
  std::string name = field.key;
  if (field.index != FieldRef::kNoIndex) {
    const EventInfo* event = event_of(facts);
    if (event == nullptr || field.index < 0 ||
        static_cast<size_t>(field.index) >= event->params.size()) {
      return std::nullopt;
    }
    name = event->params[static_cast<size_t>(field.index)].name;
  }
  const Fact* fact = facts.find("evt.arg." + name);
  if (fact == nullptr) fact = facts.find("evt.rawarg." + name);
  return fact ? std::optional(*fact) : std::nullopt;
}

std::optional<Fact> event_fact(const Facts& facts, const FieldRef& field) {
  const std::string type = facts.event_type();
  const EventInfo* event = event_of(facts);
  const bool is_syscall = event == nullptr || event->event_class == EventClass::SYSCALL;
  switch (field.id) {
    case FieldId::evt_type:
      return scalar(type);
    case FieldId::syscall_type:
      return is_syscall ? std::optional(scalar(type)) : std::nullopt;
    case FieldId::evt_dir:
      return scalar("<");
    case FieldId::evt_type_is:
      return scalar(field.key == type ? "1" : "0");
    case FieldId::evt_arg:
      return event_argument(facts, field);
    default:
      return std::nullopt;
  }
}

}  // namespace

void Facts::set(std::string field, std::string text) {
  facts_[std::move(field)] = scalar(std::move(text));
}

void Facts::set_list(std::string field, std::vector<std::string> items) {
  facts_[std::move(field)] = {.items = std::move(items), .is_list = true};
}

const Fact* Facts::find(const std::string& field) const {
  const auto found = facts_.find(field);
  return found == facts_.end() ? nullptr : &found->second;
}

bool Facts::any_of(std::string_view prefix) const {
  const auto found = facts_.lower_bound(prefix);
  return found != facts_.end() && found->first.starts_with(prefix);
}

std::string Facts::event_type() const {
  const Fact* fact = find("evt.type");
  return fact ? fact->items.front() : std::string(kDefaultEventType);
}

std::optional<EventKind> Facts::event_kind() const {
  const std::optional<EventSet> kinds = event_kinds_named(event_type());
  if (!kinds || kinds->none()) return std::nullopt;
  return static_cast<EventKind>(kinds->_Find_first());
}

std::optional<Fact> derive_fact(const Facts& facts, const FieldRef& field) {
  const FieldInfo& info = field_info(field.id);
  const std::string name(info.name);
  if (field.shape == Shape::ANCESTORS) return ancestors(facts, name);
  if (const Fact* own = facts.find(spelled(field));
      own && own->is_list == (field.shape != Shape::SCALAR)) {
    return *own;
  }
  if (field.shape == Shape::EITHER_SIDE) return either_side(facts, name);
  if (info.shape == Shape::ANCESTORS) return ancestor(facts, name, field.index);
  if (field.id == FieldId::proc_args || field.id == FieldId::proc_env) {
    return process_list(facts, field, name);
  }
  for (const auto& [alias, source] : kAliases) {
    const Fact* fact = alias == name ? facts.find(std::string(source)) : nullptr;
    if (fact) return *fact;
  }
  return event_fact(facts, field);
}

BoundFacts::BoundFacts(const Facts& facts, const ir::Program& program)
    : fields_(program.fields), accessors_(accessors(program)) {
  for (const FieldRef& field : fields_) {
    const std::optional<Fact> fact = derive_fact(facts, field);
    values_.push_back(fact ? Bound{convert(field, *fact), true} : Bound{});
  }
}

std::vector<Accessor> BoundFacts::accessors(const ir::Program& program) {
  return std::vector<Accessor>(program.fields.size(), &BoundFacts::read);
}

bool BoundFacts::read(void* context, const FieldRef& field, Value& out) {
  const auto& facts = *static_cast<const BoundFacts*>(context);
  const Bound& bound = facts.values_[static_cast<size_t>(&field - facts.fields_.data())];
  out = bound.value;
  return bound.is_present;
}

Value BoundFacts::convert(const FieldRef& field, const Fact& fact) {
  if (field.shape == Shape::SCALAR) return convert_scalar(field.type, fact.items.front());
  std::vector<Value>& items = lists_.emplace_back();
  for (const std::string& item : fact.items) items.push_back(convert_scalar(field.type, item));
  Value list;
  list.set_items(items.data(), items.size());
  return list;
}

Value BoundFacts::convert_scalar(ParamType type, const std::string& text) {
  const ir::TypeTraits traits = ir::type_traits(type);
  Value value;
  if (traits.group == ir::TypeGroup::TEXT || traits.group == ir::TypeGroup::BUFFER) {
    const std::string& kept = texts_.emplace_back(text);
    value.set_text(kept, !kept.contains('\0'));
    return value;
  }
  // A network field has an address as its value; ids that cannot be compared still are numbers.
  const ParamType literal_type = traits.is_network                       ? ParamType::IPADDR
                                 : traits.group == ir::TypeGroup::OPAQUE ? ParamType::INT64
                                                                         : type;
  const auto literal = ir::convert_literal(literal_type, ir::Operator::EQ,
                                           {.text = text, .span = {}, .quoted = false});
  if (!literal) throw std::invalid_argument(literal.error().message);
  if (traits.group == ir::TypeGroup::ADDRESS) {
    const std::string& kept = texts_.emplace_back(literal->bytes);
    value.set_text(kept);
  } else {
    value.u64 = literal->number;
  }
  return value;
}

}  // namespace falcoc::testing

// Pools of fields, literals and values.
#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <set>

#include "compiler/ir/event_facts.h"
#include "compiler/ir/field_ref.h"
#include "compiler/ir/literals.h"
#include "compiler/ir/print.h"
#include "tests/differential/check_maker.h"

namespace falcoc::differential {
namespace {

using ir::Operator;
using ir::TypeGroup;

template <typename Pool>
const auto& pick(const Pool& pool, Choice choice) {
  return pool[choice % std::size(pool)];
}

const std::string kLong(70, 'x');

/// Texts that share beginnings and ends, of lengths around those of machine words.
const std::vector<std::string> kTexts = {
    "",
    "a",
    "ab",
    "abc",
    "abd",
    "bash",
    "Bash",
    "sh",
    "abcdefg",
    "abcdefgh",
    "abcdefgi",
    "abcdefghi",
    "abcdefghj",
    "abcdefghabcdefgh",
    "abcdefghabcdefgi",
    "/",
    "/etc",
    "/etc/passwd",
    "/etc/passwD",
    "/etc/shadow",
    "etc/shadow/",
    "//etc//shadow//x",
    "-o",
    "aGk=",
    "aGk",
    "a*c",
    "10",
    "\xff\xc3\xa9",
    "a\nb",
    "PATH=/bin",
    kLong,
    kLong + "y",
    "z" + kLong,
};
const std::vector<std::string> kGlobs = {"*",       "a*",         "*c",    "/etc/*",       "?bc",
                                         "[a-c]b*", "[!b]*",      "a\\*c", "[[:digit:]]*", "[a",
                                         "",        "/etc/pass??"};
const std::vector<std::string> kPatterns = {
    ".*", "a.*",    "[a-c]+", "(bash|sh)", "/etc/(passwd|shadow)",
    "",   "a\n?b?", "x*",     "[^a]*",     "[[:alpha:]]+"};
const std::vector<std::string> kPaths = {
    "/", "", "/etc", "etc/", "/etc/*", "/et?/sh*", "/etc/passwd", "a", "[ab]*", "//etc//shadow"};
const std::vector<std::string_view> kEventNames = {"open",    "close", "connect", "execve",
                                                   "getppid", "read",  "openat"};
constexpr std::array<uint64_t, 16> kNumbers = {0,
                                               1,
                                               2,
                                               3,
                                               5,
                                               80,
                                               443,
                                               127,
                                               128,
                                               255,
                                               65535,
                                               0x7fffffff,
                                               0xffffffff,
                                               uint64_t{1} << 63,
                                               ~uint64_t{0},
                                               ~uint64_t{4}};
constexpr std::array kDoubles = {0.0, -0.0, 1.5, -1.5, 80.0, 1e300};
const std::vector<std::string> kAddresses = {"10.7.0.5",      "10.7.0.6", "10.8.0.5", "172.20.3.4",
                                             "0.0.0.0",       "::1",      "::",       "2001:db8::1",
                                             "2001:db8:1::1", "a07::"};

std::string address(std::string_view text) {
  std::array<char, 16> bytes{};
  const bool is_v6 = text.find(':') != std::string_view::npos;
  inet_pton(is_v6 ? AF_INET6 : AF_INET, std::string(text).c_str(), bytes.data());
  return {bytes.data(), is_v6 ? size_t{16} : size_t{4}};
}

std::string masked(std::string bytes, uint8_t prefix_bits) {
  for (size_t bit = prefix_bits; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] & ~(0x80 >> bit % 8));
  }
  return bytes;
}

/// A number as a field of the type can hold it.
uint64_t fitted(const ir::TypeTraits& traits, uint64_t number) {
  if (traits.bits == 0 || traits.bits >= 64) return number;
  const unsigned unused = 64 - traits.bits;
  if (traits.is_signed)
    return static_cast<uint64_t>(static_cast<int64_t>(number << unused) >> unused);
  return number << unused >> unused;
}

const std::vector<std::string>& text_pool(Operator op) {
  switch (op) {
    case Operator::GLOB:
    case Operator::IGLOB:
      return kGlobs;
    case Operator::REGEX:
      return kPatterns;
    case Operator::PMATCH:
      return kPaths;
    default:
      return kTexts;
  }
}

void add_field(std::vector<FieldRef>& pool, std::set<std::string>& known, std::string name,
               std::optional<std::string> argument) {
  ast::Operand operand;
  operand.kind = ast::Operand::Kind::FIELD;
  operand.name = std::move(name);
  operand.argument = std::move(argument);
  const auto field = ir::resolve_field(operand, ir::FieldPlace::CONDITION);
  if (field && known.insert(ir::print_field(*field)).second) pool.push_back(*field);
}

/// Few fields of each kind, so that conditions meet in the same ones.
std::vector<FieldRef> thinned(const std::vector<FieldRef>& all) {
  constexpr int kPerKind = 4;
  std::map<std::tuple<ParamType, Shape, FieldFlag>, int> seen;
  std::vector<FieldRef> pool;
  for (const FieldRef& field : all) {
    Value ignored;
    const bool has_facts =
        ir::has_event_facts(field.id) && field_info(field.id).field_class == "evt";
    if (has_facts || ++seen[{field.type, field.shape, field_info(field.id).flags}] <= kPerKind) {
      pool.push_back(field);
    }
  }
  return pool;
}

}  // namespace

const std::vector<FieldRef>& field_pool() {
  static const std::vector<FieldRef> pool = [] {
    std::vector<FieldRef> all;
    std::set<std::string> known;
    for (const FieldInfo& info : fields()) {
      const std::string name(info.name);
      add_field(all, known, name, std::nullopt);
      for (const char* argument : {"1", "HOME"}) add_field(all, known, name, argument);
      for (const char* suffix : {"name", "flags", "open", "src", "cpuset"}) {
        add_field(all, known, name + "." + suffix, std::nullopt);
      }
    }
    for (const EventInfo& event : events()) {
      for (const ParamInfo& param : event.params) {
        add_field(all, known, "evt.rawarg." + std::string(param.name), std::nullopt);
      }
    }
    return thinned(all);
  }();
  return pool;
}

ir::Literal choose_literal(const FieldRef* field, ParamType type, Operator op, Choice choice) {
  const ir::TypeTraits traits = ir::type_traits(type);
  ir::Literal literal;
  switch (traits.group) {
    case TypeGroup::NUMBER:
      literal.number = traits.is_double ? std::bit_cast<uint64_t>(pick(kDoubles, choice))
                                        : fitted(traits, pick(kNumbers, choice));
      break;
    case TypeGroup::BOOLEAN:
      literal.number = choice % 2;
      break;
    case TypeGroup::ADDRESS:
      literal.bytes = address(pick(kAddresses, choice));
      if (traits.is_network) {
        constexpr std::array<uint8_t, 8> kPrefixes = {8, 16, 24, 32, 0, 12, 31, 1};
        literal.prefix_bits = pick(kPrefixes, choice / std::size(kAddresses));
        literal.bytes = masked(literal.bytes, literal.prefix_bits);
      }
      break;
    default:
      literal.bytes = field && is_event_name(*field) ? std::string(pick(kEventNames, choice))
                                                     : pick(text_pool(op), choice);
  }
  return literal;
}

ir::Literal numbered_literal(ParamType type, size_t number) {
  const ir::TypeTraits traits = ir::type_traits(type);
  ir::Literal literal;
  switch (traits.group) {
    case TypeGroup::NUMBER:
      literal.number = traits.is_double ? std::bit_cast<uint64_t>(static_cast<double>(number))
                                        : fitted(traits, 3 * number);
      break;
    case TypeGroup::BOOLEAN:
      literal.number = number % 2;
      break;
    case TypeGroup::ADDRESS:
      literal.bytes =
          address(number % 3 ? fmt::format("10.9.{}.{}", number / 256, number % 256)
                             : fmt::format("2001:db8:9:{}::{}", number / 256, number % 256));
      if (traits.is_network) {
        literal.prefix_bits = literal.bytes.size() == 4 ? 30 : 120;
        literal.bytes = masked(literal.bytes, literal.prefix_bits);
      }
      break;
    default:
      literal.bytes = fmt::format("{}{}", pick(kTexts, static_cast<Choice>(number)), number);
  }
  return literal;
}

GeneratedEvent::GeneratedEvent(const EventSpec& spec, const ir::Program& program)
    : fields_(program.fields.data()) {
  const std::string_view name = pick(kEventNames, spec.kind);
  kind_ = static_cast<EventKind>(event_kinds_named(name)->_Find_first());
  for (size_t i = 0; i < program.fields.size(); ++i) {
    const Choice choice = spec.values.empty() ? Choice{0} : spec.values[i % spec.values.size()];
    const ir::SlotId slot{static_cast<uint32_t>(i)};
    Value known;
    switch (ir::event_fact(program.field(slot), kind_, known)) {
      case ir::FieldFact::ABSENT:
        values_.push_back(std::nullopt);
        break;
      case ir::FieldFact::VALUE:
        values_.push_back(known);
        break;
      case ir::FieldFact::VALUE_OR_ABSENT:
        values_.push_back(choice % 2 ? std::optional(known) : std::nullopt);
        break;
      case ir::FieldFact::UNKNOWN:
        values_.push_back(choose(program, slot, choice));
        break;
    }
  }
}

std::optional<Value> GeneratedEvent::choose(const ir::Program& program, ir::SlotId slot,
                                            Choice choice) {
  const FieldRef& field = program.field(slot);
  // Every event has a number, from 1 on; derive_info relies on it.
  if (choice % 5 == 0 && field.id != FieldId::evt_num) return std::nullopt;
  const Choice rest = choice / 5;
  if (field.shape == Shape::SCALAR) return choose_scalar(program, slot, rest);
  const size_t count = field.shape == Shape::EITHER_SIDE ? (rest % 3 ? 2 : 0) : rest % 4;
  std::vector<Value>& items = lists_.emplace_back();
  for (size_t i = 0; i < count; ++i) {
    items.push_back(choose_scalar(program, slot, static_cast<Choice>(rest * (i + 3) + i)));
  }
  Value list;
  list.set_items(items.data(), items.size());
  return list;
}

Value GeneratedEvent::text(std::string bytes) {
  const std::string& kept = texts_.emplace_back(std::move(bytes));
  // Who knows that there is no NUL need not say so.
  return Value::of_text(kept, kept.size() % 2 == 0 && !kept.contains('\0'));
}

/// Literals that some check compares the field with.
static std::vector<const ir::Literal*> literals_of(const ir::Program& program, ir::SlotId slot) {
  std::vector<const ir::Literal*> found;
  for (const ir::Node& node : program.nodes) {
    if (node.kind != ir::Node::Kind::ATOM || node.right_side != ir::Node::RightSide::LITERALS)
      continue;
    const ir::Operand& left = program.operand(node.left);
    if (left.kind != ir::Operand::Kind::FIELD || left.field != slot) continue;
    for (const ir::Literal& literal : program.literal_set(node.literals)) found.push_back(&literal);
  }
  return found;
}

Value GeneratedEvent::choose_scalar(const ir::Program& program, ir::SlotId slot, Choice choice) {
  const FieldRef& field = program.field(slot);
  const ir::TypeTraits traits = ir::type_traits(field.type);
  const std::vector<const ir::Literal*> targets = literals_of(program, slot);
  const Choice how = choice % 8;
  const Choice rest = choice / 8;
  ir::Literal base = how < 3 || targets.empty()
                         ? choose_literal(nullptr, field.type, Operator::EQ, rest)
                         : *pick(targets, rest);
  Value value;
  switch (traits.group) {
    case TypeGroup::NUMBER:
      if (traits.is_double) {
        value.f64 = std::bit_cast<double>(base.number) + (how == 6 ? 0.5 : 0);
        if (how == 7) value.f64 = std::nan("");
        return value;
      }
      value.u64 = fitted(traits, base.number + (how == 6 ? 1 : how == 7 ? ~uint64_t{0} : 0));
      if (field.id == FieldId::evt_num && value.u64 == 0) value.u64 = 1;
      return value;
    case TypeGroup::BOOLEAN:
      value.u64 = rest % 2;
      return value;
    case TypeGroup::ADDRESS:
      if (how >= 6) base.bytes.back() = static_cast<char>(base.bytes.back() ^ 1);
      return text(base.bytes);
    case TypeGroup::OPAQUE:
      value.u64 = rest;
      return value;
    default:
      break;
  }
  // Near misses: one byte more, less or different, a NUL inside or at the end.
  std::string& bytes = base.bytes;
  if (how == 1) bytes += std::string_view("\0x", 2);
  if (how == 5) bytes += rest % 2 ? std::string(2, '\0') : "x";
  if (how == 6 && !bytes.empty()) bytes.back() = static_cast<char>(bytes.back() ^ 0x20);
  if (how == 7 && !bytes.empty()) bytes.pop_back();
  return text(bytes);
}

bool GeneratedEvent::read(void* context, const FieldRef& field, Value& out) {
  const auto& event = *static_cast<const GeneratedEvent*>(context);
  const std::optional<Value>& value = event.values_.at(static_cast<size_t>(&field - event.fields_));
  if (value) out = *value;
  return value.has_value();
}

/// Slots that an operand reads.
static void add_slots(const ir::Program& program, ir::OperandId id, std::set<size_t>& slots) {
  const ir::Operand& operand = program.operand(id);
  if (operand.kind == ir::Operand::Kind::FIELD) slots.insert(static_cast<size_t>(operand.field));
  for (ir::OperandId argument : operand.arguments) add_slots(program, argument, slots);
}

static std::set<size_t> slots_of(const ir::Program& program, ir::NodeId condition) {
  std::set<size_t> slots;
  std::set<size_t> nodes{static_cast<size_t>(condition)};
  while (!nodes.empty()) {  // children precede parents: each node once, however shared
    const ir::Node& node = program.nodes[*nodes.rbegin()];
    nodes.erase(std::prev(nodes.end()));
    for (ir::NodeId child : node.children) nodes.insert(static_cast<size_t>(child));
    if (node.kind != ir::Node::Kind::ATOM) continue;
    add_slots(program, node.left, slots);
    if (node.right_side == ir::Node::RightSide::OPERAND) add_slots(program, node.right, slots);
  }
  return slots;
}

static std::string print_scalar(const FieldRef& field, const Value& value) {
  const ir::TypeTraits traits = ir::type_traits(field.type);
  if (traits.group == TypeGroup::OPAQUE) return fmt::format("{}", value.u64);
  const bool has_bytes = traits.group != TypeGroup::NUMBER && traits.group != TypeGroup::BOOLEAN;
  const ir::Literal literal{.bytes = has_bytes ? std::string(value.text()) : "",
                            .number = has_bytes ? 0 : value.u64};
  return ir::print_literal(traits.is_network ? ParamType::IPADDR : field.type, Operator::EQ,
                           literal);
}

std::string GeneratedEvent::print(const ir::Program& program, ir::NodeId condition) const {
  std::string out = fmt::format("  event {}\n", event_kind_name(kind_));
  for (const size_t i : slots_of(program, condition)) {
    const FieldRef& field = program.fields[i];
    out += fmt::format("  {} = ", ir::print_field(field));
    if (!values_[i]) {
      out += "absent";
    } else if (field.shape == Shape::SCALAR) {
      out += print_scalar(field, *values_[i]);
    } else {
      out += "[";
      for (size_t item = 0; item < values_[i]->size; ++item) {
        out += (item ? ", " : "") + print_scalar(field, values_[i]->items[item]);
      }
      out += "]";
    }
    out += "\n";
  }
  return out;
}

}  // namespace falcoc::differential

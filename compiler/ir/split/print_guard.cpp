// Guards and reasons in words.
#include <fmt/format.h>

#include <array>
#include <iterator>

#include "compiler/catalog/descriptors.h"
#include "compiler/ir/split/kernel_plan.h"

namespace falcoc::ir::split {
namespace {

constexpr std::string_view kStateNames[] = {"unreadable", "long", "relative", "odd", "normal"};
constexpr std::string_view kMatchNames[] = {"is", "begins with", "ends with", "contains"};

constexpr std::array<std::string_view, kDescriptorNumbers> kDescriptorNames{
    "fd.type",       "fd.socktype",    "fd.protocol",   "fd.tcpstate",   "fd.role",
    "fd.named",      "fd.lport",       "fd.rport",      "fd.lip",        "fd.rip",
    "fd.lip6[0..7]", "fd.lip6[8..15]", "fd.rip6[0..7]", "fd.rip6[8..15]"};

std::string number_text(uint64_t number) { return std::to_string(static_cast<int64_t>(number)); }

bool is_v4(const KernelNumber& number) {
  return number.source == KernelNumber::Source::DESCRIPTOR &&
         (number.index == static_cast<uint8_t>(DescriptorNumber::LOCAL_V4) ||
          number.index == static_cast<uint8_t>(DescriptorNumber::REMOTE_V4));
}

bool is_type(const KernelNumber& number) {
  return number.source == KernelNumber::Source::DESCRIPTOR &&
         number.index == static_cast<uint8_t>(DescriptorNumber::TYPE);
}

/// Addresses are loaded little endian, as they lie in memory.
std::string value_text(const KernelNumber& number, uint64_t value) {
  if (is_type(number)) {
    const std::string_view name = descriptor_type(static_cast<uint8_t>(value)).name;
    return name.empty() ? number_text(value) : std::string(name);
  }
  if (!is_v4(number)) return number_text(value);
  return fmt::format("{}.{}.{}.{}", value & 0xff, value >> 8 & 0xff, value >> 16 & 0xff,
                     value >> 24 & 0xff);
}

std::string range_text(const KernelNumber& number, const Range& range) {
  if (range.first == range.last) return value_text(number, range.first);
  const bool is_open = !number.is_signed && range.last == ~uint64_t{0};
  if (is_open) return value_text(number, range.first) + "..";
  if (is_type(number)) return number_text(range.first) + ".." + number_text(range.last);
  return value_text(number, range.first) + ".." + value_text(number, range.last);
}

std::string print_number(const KernelNumber& number) {
  std::string text;
  switch (number.source) {
    case KernelNumber::Source::RETURN:
      text = "ret";
      break;
    case KernelNumber::Source::ARGUMENT:
      text = fmt::format("arg{}", number.index);
      break;
    case KernelNumber::Source::DESCRIPTOR:
      text = kDescriptorNames[number.index];
      break;
  }
  if (number.mask == ~uint64_t{0}) return text;
  if (is_v4(number)) return fmt::format("{} & {}", text, value_text(number, number.mask));
  return fmt::format("{} & {:#x}", text, number.mask);
}

/// A path is joined to its directory, a text is as passed.
std::string_view text_name(const KernelPlan& plan, const KernelTest& test) {
  if (test.part == TextPart::DIRECTORY) return "directory";
  constexpr std::array<std::string_view, 3> kNames{"text", "path", "opened path"};
  return kNames[static_cast<size_t>(plan.texts[test.text].kind)];
}

std::string print_test(const KernelPlan& plan, const KernelTest& test) {
  std::string text;
  const auto out = std::back_inserter(text);
  switch (test.kind) {
    case KernelTest::Kind::NUMBER:
      fmt::format_to(out, "{} in (", print_number(test.number));
      for (const Range& range : test.ranges) {
        if (&range != &test.ranges.front()) text += ", ";
        text += range_text(test.number, range);
      }
      return text + ")";
    case KernelTest::Kind::TEXT_STATE:
      fmt::format_to(out, "{} at arg{} is", text_name(plan, test), plan.texts[test.text].argument);
      for (size_t i = 0; i < std::size(kStateNames); ++i) {
        if ((test.states >> i & 1) != 0) fmt::format_to(out, " {}", kStateNames[i]);
      }
      return text;
    case KernelTest::Kind::TEXT:
      fmt::format_to(out, "{} at arg{} {} ", text_name(plan, test), plan.texts[test.text].argument,
                     kMatchNames[static_cast<size_t>(test.match)]);
      for (const std::string& literal : test.literals) {
        fmt::format_to(out, "{}\"{}\"", &literal == &test.literals.front() ? "" : ", ", literal);
      }
      if (test.folded) text += " in any case";
      return text;
    case KernelTest::Kind::FACT:
      return fmt::format("fact {} may be {}", test.fact, test.negative ? "false" : "true");
  }
  return text;
}

}  // namespace

std::string_view reason_text(Reason reason) {
  switch (reason) {
    case Reason::NONE:
      return "decided in the kernel";
    case Reason::PROCESS:
      return "is about the process, which only user space knows";
    case Reason::DESCRIPTOR:
      return "is about an open file or socket";
    case Reason::TRANSFORMER:
      return "transforms the value";
    case Reason::OPERAND:
      return "compares with another field";
    case Reason::OPERATOR:
      return "uses an operator that the kernel does not have";
    case Reason::PARAMETER:
      return "is made from more than the registers and texts of the call";
    case Reason::RENDERED:
      return "compares the printed form of a value";
    case Reason::PATH:
      return "needs the path made absolute, if it is relative or holds `..`";
    case Reason::OTHER:
      return "is known in user space only";
  }
  return {};
}

std::string print_guard(const KernelPlan& plan, GuardId guard) {
  const GuardNode& node = plan.node(guard);
  switch (node.kind) {
    case GuardNode::Kind::FALSE:
      return "never";
    case GuardNode::Kind::TRUE:
      return "always";
    case GuardNode::Kind::TEST:
      return print_test(plan, plan.test(node.test));
    case GuardNode::Kind::NOT_TEST:
      return "not " + print_test(plan, plan.test(node.test));
    case GuardNode::Kind::AND:
    case GuardNode::Kind::OR:
      break;
  }
  std::string text;
  for (const GuardId child : node.children) {
    if (!text.empty()) text += node.kind == GuardNode::Kind::AND ? " and " : " or ";
    const bool is_nested = !plan.node(child).children.empty();
    text += is_nested ? "(" + print_guard(plan, child) + ")" : print_guard(plan, child);
  }
  return text;
}

}  // namespace falcoc::ir::split

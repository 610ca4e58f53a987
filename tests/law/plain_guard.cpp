#include "tests/law/plain_guard.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "probe/scratch_layout.h"

namespace falcoc::law {
namespace {

using ir::split::GuardId;
using ir::split::GuardNode;
using ir::split::KernelNumber;
using ir::split::KernelPlan;
using ir::split::KernelTest;
using ir::split::KernelText;
using ir::split::TextMatch;
using ir::split::TextPart;

struct Text {
  std::string bytes;
  uint8_t state = 0;
};

/// Addresses are real, or one of those that the generator makes up.
bool is_readable(uint64_t address) { return address > 1; }

bool is_clean(const std::string& path) {
  if (path == "/") return true;
  for (size_t begin = 1; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string component = path.substr(begin, end - begin);
    if (component.empty() || component == "." || component == "..") return false;
    begin = end + 1;
  }
  return true;
}

Text text_of(uint64_t address) {
  if (!is_readable(address)) return {{}, ir::split::kTextUnreadable};
  Text text{reinterpret_cast<const char*>(address), 0};
  if (text.bytes.size() + 1 >= FC_FILTER_TEXT_BYTES) return {{}, ir::split::kTextLong};
  if (!text.bytes.starts_with('/')) {
    text.state = ir::split::kTextRelative;
  } else {
    text.state = is_clean(text.bytes) ? ir::split::kTextNormal : ir::split::kTextOdd;
  }
  return text;
}

uint64_t number_of(const KernelNumber& number, const Call& call) {
  uint64_t value = number.source == KernelNumber::Source::RETURN ? static_cast<uint64_t>(call.ret)
                                                                 : call.args[number.index];
  const unsigned unused = 64 - 8u * number.bytes;
  value <<= unused;
  value = number.is_signed ? static_cast<uint64_t>(static_cast<int64_t>(value) >> unused)
                           : value >> unused;
  return value & number.mask;
}

bool matches(const KernelTest& test, const Text& text) {
  std::string part = text.bytes;
  if (test.part == TextPart::DIRECTORY) {
    const size_t slash = text.state == ir::split::kTextNormal ? part.rfind('/') : 0;
    part = slash == 0 ? (part.starts_with('/') ? "/" : "") : part.substr(0, slash);
  }
  return std::ranges::any_of(test.literals, [&](const std::string& literal) {
    switch (test.match) {
      case TextMatch::EQUAL:
        return part == literal;
      case TextMatch::PREFIX:
        return part.starts_with(literal);
      case TextMatch::SUFFIX:
        return part.ends_with(literal);
      case TextMatch::CONTAINS:
        return part.contains(literal);
    }
    return false;
  });
}

std::optional<bool> holds(const KernelPlan& plan, const KernelTest& test, bool positive,
                          const Call& call, const fc_facts* facts) {
  switch (test.kind) {
    case KernelTest::Kind::NUMBER: {
      const uint64_t number = number_of(test.number, call);
      return std::ranges::any_of(test.ranges, [&](const ir::split::Range& range) {
               return range.first <= number && number <= range.last;
             }) == positive;
    }
    case KernelTest::Kind::FACT: {
      if (facts == nullptr) return true;  // may be true, may be false
      const auto& words = test.negative ? facts->may_be_false : facts->may_be_true;
      return ((words[test.fact / 64] >> (test.fact % 64) & 1) != 0) == positive;
    }
    default:
      break;
  }
  const KernelText& source = plan.texts[test.text];
  if (source.kind == KernelText::Kind::OPENED) return std::nullopt;
  const Text text = text_of(call.args[source.argument]);
  const bool is_joined =
      source.kind == KernelText::Kind::JOINED && text.state == ir::split::kTextRelative;
  if (is_joined) return std::nullopt;
  if (test.kind == KernelTest::Kind::TEXT_STATE) {
    return ((test.states & text.state) != 0) == positive;
  }
  return matches(test, text) == positive;
}

}  // namespace

std::optional<bool> holds(const KernelPlan& plan, GuardId guard, const Call& call,
                          const fc_facts* facts) {
  const GuardNode& node = plan.node(guard);
  switch (node.kind) {
    case GuardNode::Kind::FALSE:
      return false;
    case GuardNode::Kind::TRUE:
      return true;
    case GuardNode::Kind::TEST:
    case GuardNode::Kind::NOT_TEST:
      return holds(plan, plan.test(node.test), node.kind == GuardNode::Kind::TEST, call, facts);
    case GuardNode::Kind::AND:
    case GuardNode::Kind::OR: {
      const bool decides = node.kind == GuardNode::Kind::OR;
      std::optional<bool> result = !decides;
      for (const GuardId child : node.children) {
        const auto one = holds(plan, child, call, facts);
        if (one == decides) return decides;
        if (!one) result = std::nullopt;
      }
      return result;
    }
  }
  return std::nullopt;
}

}  // namespace falcoc::law

#include "tests/law/plain_guard.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string>

#include "compiler/ir/text_match.h"
#include "probe/scratch_layout.h"
#include "tests/law/sockets.h"

namespace falcoc::law {
namespace {

using ir::split::DescriptorNumber;
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

uint8_t type_of(const fc_fd& fd) {
  if (fd.mode == 0) return FC_FD_TYPE_CLOSED;
  if (fd.anon_kind != FC_ANON_NONE) return static_cast<uint8_t>(fd.anon_kind);
  if (fd.family != 0) return static_cast<uint8_t>(FC_FD_TYPE_SOCKET + fd.family);
  return static_cast<uint8_t>(FC_FD_TYPE_MODE + (fd.mode >> 12));
}

bool is_named(uint16_t family, const fc_u8* address) {
  return family == AF_INET && std::ranges::any_of(kNamedAddresses, [&](const NamedAddress& named) {
           return std::ranges::equal(named.address, std::span(address, named.address.size()));
         });
}

uint64_t descriptor_number(const KernelNumber& number, const fc_fd& fd) {
  const auto word = [&](const fc_u8* bytes) {
    uint64_t value = 0;
    std::memcpy(&value, bytes, number.bytes);
    return value & number.mask;
  };
  switch (static_cast<DescriptorNumber>(number.index)) {
    case DescriptorNumber::TYPE:
      return type_of(fd);
    case DescriptorNumber::SOCKET_TYPE:
      return fd.socket_type;
    case DescriptorNumber::PROTOCOL:
      return fd.protocol;
    case DescriptorNumber::TCP_STATE:
      return fd.tcp_state;
    case DescriptorNumber::ROLE:
      return fd.role;
    case DescriptorNumber::NAMED:
      return is_named(fd.family, fd.local_addr) || is_named(fd.family, fd.remote_addr)
                 ? FC_NAMED_SOME
                 : FC_NAMED_NONE;
    case DescriptorNumber::LOCAL_PORT:
      return fd.local_port;
    case DescriptorNumber::REMOTE_PORT:
      return fd.remote_port;
    case DescriptorNumber::LOCAL_V4:
    case DescriptorNumber::LOCAL_V6_FIRST:
      return word(fd.local_addr);
    case DescriptorNumber::LOCAL_V6_LAST:
      return word(fd.local_addr + 8);
    case DescriptorNumber::REMOTE_V4:
    case DescriptorNumber::REMOTE_V6_FIRST:
      return word(fd.remote_addr);
    case DescriptorNumber::REMOTE_V6_LAST:
      return word(fd.remote_addr + 8);
  }
  return 0;
}

bool matches(const KernelTest& test, const Text& text) {
  std::string part = text.bytes;
  if (test.folded) std::ranges::transform(part, part.begin(), ir::to_lower_ascii);
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
                          const Call& call, const Known& known) {
  switch (test.kind) {
    case KernelTest::Kind::NUMBER: {
      const bool is_found = ir::split::is_about_descriptor(test);
      if (is_found && known.descriptor == nullptr) return true;  // may be, may not be
      const uint64_t number = is_found ? descriptor_number(test.number, *known.descriptor)
                                       : number_of(test.number, call);
      return std::ranges::any_of(test.ranges, [&](const ir::split::Range& range) {
               return range.first <= number && number <= range.last;
             }) == positive;
    }
    case KernelTest::Kind::FACT: {
      if (known.facts == nullptr) return true;  // may be true, may be false
      const auto& words = test.negative ? known.facts->may_be_false : known.facts->may_be_true;
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
                          const Known& known) {
  const GuardNode& node = plan.node(guard);
  switch (node.kind) {
    case GuardNode::Kind::FALSE:
      return false;
    case GuardNode::Kind::TRUE:
      return true;
    case GuardNode::Kind::TEST:
    case GuardNode::Kind::NOT_TEST:
      return holds(plan, plan.test(node.test), node.kind == GuardNode::Kind::TEST, call, known);
    case GuardNode::Kind::AND:
    case GuardNode::Kind::OR: {
      const bool decides = node.kind == GuardNode::Kind::OR;
      std::optional<bool> result = !decides;
      for (const GuardId child : node.children) {
        const auto one = holds(plan, child, call, known);
        if (one == decides) return decides;
        if (!one) result = std::nullopt;
      }
      return result;
    }
  }
  return std::nullopt;
}

}  // namespace falcoc::law

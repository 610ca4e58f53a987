// What the kernel can decide about the rules of one kind of event: the result of the split (DESIGN
// section 6), input of the eBPF code generator and of `falcoc explain`. Data only.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/catalog/types.h"
#include "compiler/ir/program.h"

namespace falcoc::ir::split {

/// What a filter may ask of the event's descriptor (struct fc_descriptor of
/// probe/scratch_layout.h). Addresses are as they lie in memory, in network order; all numbers are
/// loaded little endian.
enum class DescriptorNumber : uint8_t {
  TYPE,  ///< FC_FD_TYPE_*, 0: the descriptor is not open
  SOCKET_TYPE,
  PROTOCOL,
  TCP_STATE,
  ROLE,
  NAMED,       ///< whether an end has an address that a name stands for
  LOCAL_PORT,  ///< host order
  REMOTE_PORT,
  LOCAL_V4,
  REMOTE_V4,
  LOCAL_V6_FIRST,  ///< eight bytes
  LOCAL_V6_LAST,
  REMOTE_V6_FIRST,
  REMOTE_V6_LAST,
};
inline constexpr size_t kDescriptorNumbers = 14;

/// Values of DescriptorNumber::ROLE, FC_ROLE_* of probe/abi.h.
inline constexpr uint64_t kRoleUnknown = 0;
inline constexpr uint64_t kRoleClient = 1;
inline constexpr uint64_t kRoleServer = 2;

/// A value of DescriptorNumber::NAMED, FC_NAMED_NONE of probe/scratch_layout.h.
inline constexpr uint64_t kNamedNone = 1;

constexpr uint8_t descriptor_number_bytes(DescriptorNumber number) {
  if (number >= DescriptorNumber::LOCAL_V6_FIRST) return 8;
  if (number >= DescriptorNumber::LOCAL_V4) return 4;
  return number >= DescriptorNumber::LOCAL_PORT ? 2 : 1;
}

/// A number that the kernel has at hand when a system call returns.
struct KernelNumber {
  enum class Source : uint8_t {
    RETURN,      ///< return value
    ARGUMENT,    ///< register `index` as the system call got it
    DESCRIPTOR,  ///< DescriptorNumber `index`
  };

  Source source = Source::RETURN;
  uint8_t index = 0;
  uint8_t bytes = 8;       ///< how many low bytes count: 1, 2, 4 or 8
  bool is_signed = false;  ///< sign-extended from there, else zero-extended
  uint64_t mask = ~uint64_t{0};

  auto operator<=>(const KernelNumber&) const = default;
};

/// Both ends included; numbers compare as unsigned, negative ones as two's complement.
struct Range {
  uint64_t first = 0;
  uint64_t last = 0;

  auto operator<=>(const Range&) const = default;
};

/// What the kernel found when it read a text that the program passed: FC_TEXT_* of probe/abi.h,
/// here as bits.
enum TextState : uint8_t {
  kTextUnreadable = 1 << 0,  ///< no address, or memory that is not there
  kTextLong = 1 << 1,        ///< longer than the kernel looks at
  kTextRelative = 1 << 2,    ///< does not begin with a slash; the empty text too
  kTextOdd = 1 << 3,         ///< absolute, but a component is empty, `.` or `..`: is cleaned up
  kTextNormal = 1 << 4,      ///< absolute and as clean as Falco prints it
};
inline constexpr uint8_t kTextReadable = kTextRelative | kTextOdd | kTextNormal;

/// Which part of a text is compared.
enum class TextPart : uint8_t {
  WHOLE,
  DIRECTORY,  ///< before the last slash; "/" for what lies in the root
  FILENAME,   ///< behind the last slash
};

enum class TextMatch : uint8_t { EQUAL, PREFIX, SUFFIX, CONTAINS };

/// One question that the kernel answers exactly. Texts are those of probe memory, see TextState.
struct KernelTest {
  enum class Kind : uint8_t {
    NUMBER,      ///< `number` is in one of `ranges`
    TEXT_STATE,  ///< the state of text `text` is one of `states`
    TEXT,        ///< `part` of text `text` matches one of `literals`; a text that is unreadable or
                 ///< long counts as empty
    FACT,        ///< bit `fact` of the process's may_be_true or, `negative`, may_be_false words
  };

  Kind kind = Kind::NUMBER;
  KernelNumber number{};
  std::vector<Range> ranges{};  ///< sorted, apart from each other, not empty
  uint8_t text = 0;             ///< index into KernelPlan::texts
  uint8_t states = 0;
  TextPart part = TextPart::WHOLE;  ///< DIRECTORY with EQUAL and PREFIX only; FILENAME never
  TextMatch match = TextMatch::EQUAL;
  /// Capital letters of ASCII in the text count as small ones; WHOLE only.
  bool folded = false;
  std::vector<std::string> literals{};  ///< sorted, without NULs, at most kMaxTextBytes each
  uint32_t fact = 0;
  bool negative = false;

  auto operator<=>(const KernelTest&) const = default;
};

/// Longest literal that texts are compared with; what is longer never equals a text that the kernel
/// reads whole (FC_FILTER_TEXT_BYTES, the NUL included).
inline constexpr size_t kMaxTextBytes = 255;

inline bool is_about_descriptor(const KernelTest& test) {
  return test.kind == KernelTest::Kind::NUMBER &&
         test.number.source == KernelNumber::Source::DESCRIPTOR;
}

enum class TestId : uint32_t {};
enum class GuardId : uint32_t {};

/// A monotone condition over tests and their opposites.
struct GuardNode {
  enum class Kind : uint8_t { FALSE, TRUE, TEST, NOT_TEST, AND, OR };

  Kind kind = Kind::FALSE;
  TestId test{};                    ///< TEST, NOT_TEST
  std::vector<GuardId> children{};  ///< AND, OR: two or more, sorted

  auto operator<=>(const GuardNode&) const = default;
};

/// Why the kernel cannot decide a check, or not exactly.
enum class Reason : uint8_t {
  NONE,
  PROCESS,      ///< about a process; only a process fact can answer
  DESCRIPTOR,   ///< about an open file or socket
  TRANSFORMER,  ///< a transformed value
  OPERAND,      ///< compared with another field
  OPERATOR,     ///< an operator that the kernel does not have, as regex
  PARAMETER,    ///< a parameter that is made from more than registers and texts
  RENDERED,     ///< compared as printed text
  PATH,         ///< relative paths and such that need cleaning up are joined later
  OTHER,        ///< a field of the event that only user space has
};
std::string_view reason_text(Reason reason);

/// A check that keeps the kernel from deciding exactly.
struct Blame {
  NodeId check{};  ///< node of the Program
  Reason reason = Reason::NONE;
  bool is_unknown = true;  ///< nothing is known; else only in some events, or in one direction
};

/// What is known of one rule that can match events of this kind.
struct RuleGuard {
  uint32_t rule = 0;            ///< index into Program::rules
  uint8_t candidate = 0;        ///< its bit in fc_event.candidates; rules may share one
  GuardId guard{};              ///< if false, the rule cannot match. TRUE: unfiltered
  std::vector<Blame> blames{};  ///< checks of its condition that are not exact
};

/// A text that the kernel looks at.
struct KernelText {
  enum class Kind : uint8_t {
    PASSED,  ///< in the program's memory, the address is in register `argument`
    /// The same, but relative texts are joined to their directory where the kernel can tell it, and
    /// then have the state of what comes of that; else they stay relative.
    JOINED,
    /// The path of the file that the call opened, from the kernel. Normal: it has no other name;
    /// odd: it may have; relative: it is not known.
    OPENED,
  };
  static constexpr uint8_t kWorkingDirectory = 7;  ///< FC_ARG_NONE

  Kind kind = Kind::PASSED;
  uint8_t argument = 0;
  uint8_t directory = kWorkingDirectory;  ///< JOINED: register with the directory's descriptor

  auto operator<=>(const KernelText&) const = default;
};

/// Where the event's descriptor is that filters ask about.
struct KernelDescriptor {
  static constexpr uint8_t kResult = 6;  ///< FC_ARG_RET
  static constexpr uint8_t kNone = 7;    ///< FC_ARG_NONE

  uint8_t argument = kNone;   ///< register, if the call succeeded
  uint8_t if_failed = kNone;  ///< if it did not

  auto operator<=>(const KernelDescriptor&) const = default;
};

/// Bits of fc_event.candidates.
inline constexpr size_t kCandidateBits = 64;
/// Texts that one filter reads: what the probe's memory has room for (FC_FILTER_TEXTS).
inline constexpr size_t kMaxTexts = 3;

struct KernelPlan {
  EventKind kind = 0;
  std::vector<KernelTest> tests;
  std::vector<GuardNode> nodes;  ///< 0 is FALSE, 1 is TRUE; children precede parents
  std::vector<KernelText> texts;
  KernelDescriptor descriptor;   ///< of tests whose number is of Source::DESCRIPTOR
  std::vector<RuleGuard> rules;  ///< rules that are live for this kind, in rule order

  static constexpr GuardId kFalse{0};
  static constexpr GuardId kTrue{1};

  const GuardNode& node(GuardId id) const { return nodes[static_cast<size_t>(id)]; }
  const KernelTest& test(TestId id) const { return tests[static_cast<size_t>(id)]; }
  /// Some rule is unfiltered: every event of this kind passes.
  bool passes_everything() const;
};

/// Which bit stands for the `position`-th of `count` live rules of a kind: one each as long as
/// there are enough, else neighbours share.
constexpr uint8_t candidate_bit(size_t position, size_t count) {
  return static_cast<uint8_t>(count <= kCandidateBits ? position
                                                      : position * kCandidateBits / count);
}

/// The guard as text, for `falcoc explain` and tests: `a0 & 3 in {1, 2} and text0 prefix "/etc/"`.
std::string print_guard(const KernelPlan& plan, GuardId guard);

}  // namespace falcoc::ir::split

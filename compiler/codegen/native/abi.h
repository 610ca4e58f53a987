// What generated code and this process agree on: helpers that generated code calls, and the
// manifest that it brings. Generated code knows no addresses of this process: it finds helpers
// through the frame, so that the same object serves every run of the same program. C ABI.
#pragma once

#include <span>

#include "compiler/codegen/native/checks.h"
#include "compiler/codegen/native/frame.h"

namespace falcoc::native {

struct Leaf;
struct TextLookUp;

/// Fills text_size and member_size of a text entry whose value has just been set.
using MeasureText = void(Entry* entry);
/// Computes a transformed or list operand into `entry`; false if it is absent.
using ComputeOperand = bool(FrameHeader* frame, uint32_t operand, Entry* entry);
/// check_holds(); `right` may be null.
using HoldsCheck = bool(FrameHeader* frame, uint32_t check, const Entry* left, const Entry* right);
/// text_check_holds() of the entry's text with the check's first literal.
using HoldsTextCheck = bool(FrameHeader* frame, uint32_t check, const Entry* left);
/// memmem() as a truth value; `needle` is not empty.
using ContainsText = bool(const char* data, uint64_t size, const char* needle,
                          uint64_t needle_size);
using SameBytes = bool(const char* left, const char* right, uint64_t size);
/// Evaluates what hangs on a leaf of a look-up.
using RunLeaf = void(FrameHeader* frame, uint64_t* matched, const Leaf* leaves, uint32_t leaf);
/// Looks the text of an entry up and runs the leaves it finds.
using FindText = void(FrameHeader* frame, uint64_t* matched, const TextLookUp* look_up,
                      const Entry* text);

/// By Helper.
std::span<const void* const> helper_addresses();

/// An accessor that reads the cache of the frame it gets as context, for helpers that walk
/// operands. `field` must be an element of Program::fields.
bool read_cached_field(void* frame, const FieldRef& field, Value& out);

/// Decides one condition.
using NodeFunction = bool(FrameHeader* frame);
/// Decides a set of rules and sets the bits of those that match.
using RulesFunction = void(FrameHeader* frame, uint64_t* matched);

/// A rule and its condition.
struct RuleEntry {
  NodeFunction* holds;
  uint64_t rule;
};

/// What a look-up leads to: rules to evaluate, then what hangs on the leaf `next`, 0 for none. Leaf
/// 0 of a table is empty.
struct Leaf {
  RulesFunction* steps;  ///< may be null
  const RuleEntry* rules;
  uint32_t rule_count;
  uint32_t next;
  uint32_t memo;  ///< of the frame: a leaf is run once per event
  uint32_t padding;
};

/// All tests of one operand of texts or addresses; indexes are null where there is nothing to look
/// up.
struct TextLookUp {
  const void* starts;  ///< whole texts and prefixes, see text_index.h
  const void* ends;    ///< suffixes, see text_index.h
  const void* parts;   ///< see part_index.h
  const Leaf* leaves;
  uint32_t everything;  ///< leaf of all rules, for texts with a NUL inside
  uint32_t is_bytes;    ///< 1: of values without an end at a NUL, such as addresses
};

/// The rules that can match events of some kinds.
struct MatcherEntry {
  RulesFunction* run;
  const RuleEntry* rules;  ///< in rule order
  uint64_t rule_count;
};

/// A check that a helper evaluates: what prepare_check() needs to know of the atom.
struct CheckEntry {
  uint32_t left;
  uint32_t literals;  ///< kNoLiterals if the right side is an operand or nothing
  uint8_t op;
  uint8_t modifier;
  uint16_t padding;
};
inline constexpr uint32_t kNoLiterals = ~uint32_t{0};

/// What an object tells of itself.
struct Manifest {
  uint64_t fields;
  uint64_t computed;
  uint64_t memos;
  uint64_t check_count;
  uint64_t matcher_count;
  const CheckEntry* checks;
  const MatcherEntry* matchers;
  const uint16_t* matcher_of_kind;  ///< kEventKinds of them; kNoMatcher if no rule can match
};
inline constexpr uint16_t kNoMatcher = ~uint16_t{0};
inline constexpr const char* kManifestSymbol = "falcoc_manifest";

}  // namespace falcoc::native

// A YAML document as a tree with exact places, built from yaml-cpp's events. Bounded against
// hostile input. Knows nothing of rules.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/rules/ruleset.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::rules {

/// Falco's own rules are 64 KiB; generated ones of some megabytes exist.
inline constexpr size_t kMaxFileBytes = size_t{32} << 20;
/// Deepest nesting of sequences and maps. Rule files need 7; below what yaml-cpp itself bears
/// (500).
inline constexpr uint32_t kMaxYamlDepth = 64;
/// Nodes plus bytes of scalars that aliases stand for in one file, as if written out: what a few
/// lines of nested aliases can cost us at most. What is written out is bounded by kMaxFileBytes, so
/// that a list of a million items passes.
inline constexpr uint64_t kMaxAliasedSize = uint64_t{64} << 20;

struct YamlNode {
  enum class Kind : uint8_t { EMPTY, SCALAR, SEQUENCE, MAP };
  using Entry = std::pair<const YamlNode*, const YamlNode*>;

  Kind kind = Kind::EMPTY;  ///< EMPTY: nothing, `~` or `null`
  Span span;
  MappedText text;                     ///< SCALAR
  std::vector<const YamlNode*> items;  ///< SEQUENCE; an alias points at the anchored node
  std::vector<Entry> entries;          ///< MAP, as written, duplicates included

  bool is_scalar() const { return kind == Kind::SCALAR; }
  /// Value of the first entry with this key, null if there is none.
  const YamlNode* find(std::string_view key) const;
  const YamlNode* find_key(std::string_view key) const;
};

/// The documents of one file. Owns all nodes.
struct YamlStream {
  std::deque<YamlNode> nodes;
  std::vector<const YamlNode*> documents;
};

/// Parses the whole file; malformed text, and text beyond the limits, is one diagnostic.
std::expected<YamlStream, Diagnostic> read_yaml(FileId file, const SourceFile& source);

}  // namespace falcoc::rules

// Configuration as a tree that can be changed: every value keeps the place it was written at, also
// after files were merged. Knows no keys.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/rules/yaml.h"
#include "compiler/source/diagnostic.h"

namespace falcod::config {

struct Entry;

struct Node {
  enum class Kind : uint8_t { EMPTY, SCALAR, LIST, MAP };

  Node();
  explicit Node(Kind what, falcoc::Span where = {});

  Kind kind = Kind::EMPTY;
  falcoc::Span span{};
  std::string text{};          ///< SCALAR, variables of the environment put in
  std::vector<Node> items{};   ///< LIST
  std::vector<Entry> entries;  ///< MAP, each key once

  bool is_empty() const { return kind == Kind::EMPTY; }
  bool is_scalar() const { return kind == Kind::SCALAR; }
  bool is_list() const { return kind == Kind::LIST; }
  bool is_map() const { return kind == Kind::MAP; }

  /// The value of a key, null if there is none.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  /// The value of a key, made if it is missing.
  Node& at(std::string_view key, falcoc::Span key_span);
  void erase(std::string_view key);
};

struct Entry {
  std::string key;
  falcoc::Span key_span;
  Node value;
};

// Where Entry is complete.
inline Node::Node() = default;
inline Node::Node(Kind what, falcoc::Span where) : kind(what), span(where) {}

/// Values of environment variables, nothing for those that are not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
/// The process's own.
Environment process_environment();

/// `${NAME}` becomes the variable's value, nothing if it is not set; `$${NAME}` stands for the text
/// `${NAME}`.
std::string expand_environment(std::string_view text, const Environment& environment);

/// More values than any configuration has: aliases of aliases stop here.
inline constexpr size_t kMaxNodes = 100'000;

/// Copies what was read. A key that is there twice counts as first written, and is reported; a tree
/// with more than kMaxNodes values is an error.
std::expected<Node, falcoc::Diagnostic> to_node(const falcoc::rules::YamlNode& yaml,
                                                const Environment& environment,
                                                falcoc::Diagnostics& diagnostics);

/// The one map that a file holds; an empty file is an empty map.
std::expected<Node, falcoc::Diagnostic> parse_map(falcoc::FileId file,
                                                  const falcoc::SourceMap& sources,
                                                  const Environment& environment,
                                                  falcoc::Diagnostics& diagnostics);

}  // namespace falcod::config

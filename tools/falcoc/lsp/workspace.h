// The rule files that an editor has open and those beside them, and which of them load together.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/falcoc/lsp/code_pages.h"
#include "tools/falcoc/lsp/document.h"
#include "tools/falcoc/lsp/rule_tests.h"
#include "tools/falcoc/lsp/settings.h"

namespace falcoc::lsp {

/// Bytes of files that are read besides those that are open.
inline constexpr size_t kMaxWorkspaceBytes = size_t{64} << 20;

/// Files in load order.
using Group = std::vector<Document*>;

class Workspace {
 public:
  Encoding encoding = Encoding::UTF16;
  bool takes_snippets = false;  ///< the client knows `${1:…}` in completions
  CodePages pages;

  void set_root(std::string path) { root_ = std::move(path); }
  const std::string& root() const { return root_; }
  void set_settings(Settings settings) { settings_ = std::move(settings); }
  const Settings& settings() const { return settings_; }

  /// Looks for rule files again, and reads those that changed on disk and are not open.
  void rescan();

  /// Null if it is neither open nor one of the workspace's rule files.
  Document* find(std::string_view uri);
  Document& open(const std::string& uri, int64_t version, std::string text);
  void close(std::string_view uri);

  /// One of the workspace's rule files.
  bool is_loaded(const Document& document) const;
  /// The same, or a text that looks like one, or is said to be one.
  bool is_rules(const Document& document) const;
  /// The files that load together with this one; none if it is no rule file.
  Group group_of(const Document& document);
  /// The text of a file as the editor has it, else as it is on disk.
  std::optional<std::string> text_of(const std::string& path) const;
  /// Tests of a rule file, as they were when files were looked for last.
  const RuleTests& tests_of(const Document& document);

  /// The workspace's rule files, and every other open rule file alone.
  std::vector<Group> groups();

 private:
  void read_from_disk(const std::string& path, size_t& bytes);

  std::string root_;
  Settings settings_;
  std::map<std::string, std::unique_ptr<Document>, std::less<>> documents_;  ///< by name
  std::vector<std::string> load_order_;     ///< names of the workspace's rule files
  std::map<std::string, RuleTests> tests_;  ///< by rule file; those that were asked for
};

/// An item of a file.
struct Place {
  Document* document = nullptr;
  const Item* item = nullptr;
};

/// Names of macros and lists, and of rules, with the items that define or change them, in load
/// order. Refers to the outlines of the group's documents: for one request only.
class Names {
 public:
  explicit Names(const Group& group);

  /// Empty if there is none.
  const std::vector<Place>& items(Symbol symbol, std::string_view name) const;
  /// The last definition, which holds; else the first change; nothing if there is none.
  Place definition(Symbol symbol, std::string_view name) const;
  /// What a list holds after all files, names of lists as they are.
  std::vector<std::string> list_items(std::string_view name) const;

  using Entries = std::map<std::string, std::vector<Place>, std::less<>>;
  const Entries& all(Symbol symbol) const { return entries_[static_cast<size_t>(symbol)]; }

 private:
  Entries entries_[3];
};

/// A name in a file, and what it may be the name of.
struct Mention {
  Symbol symbol = Symbol::RULE;
  Range range;
  bool is_head = false;  ///< names the item itself
};

/// All mentions of an item; literals are told of as lists, whether or not there is one.
void for_each_mention(const Item& item, const std::function<void(const Mention&)>& tell);

/// What the cursor is at.
struct Target {
  Symbol symbol = Symbol::RULE;
  std::string name;
  Range range;
};
std::optional<Target> target_at(Document& document, uint32_t offset, const Names& names);

}  // namespace falcoc::lsp

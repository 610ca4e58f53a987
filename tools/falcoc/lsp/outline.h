// What a rule file defines and names, item by item. Each item is read alone, so that one that is
// being written spoils no other, and a change costs what its item costs. Knows the syntax of rule
// files, not what they mean together.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/ir/condition_words.h"
#include "tools/falcoc/lsp/position.h"

namespace falcoc::lsp {

enum class Symbol : uint8_t { RULE, MACRO, LIST };
std::string_view symbol_name(Symbol symbol);

/// A word of a condition, where it stands in the file.
struct Word {
  ir::ConditionWord::Kind kind{};
  ir::ConditionPlace place{};
  Range range;
};

/// A text of the file that is no condition, with its place, quotes excluded.
struct Scalar {
  std::string text;
  Range range;
};

struct Condition {
  Range range;
  std::vector<Word> words;
};

/// An output with the fields it prints: `%proc.name` without the `%`.
struct Output {
  Range range;
  std::vector<Scalar> fields;
};

struct Item {
  Symbol symbol = Symbol::RULE;
  Scalar name;
  Range range;              ///< from the dash to the last line that says something
  bool is_change = false;   ///< appends, overrides or switches; what it changes is elsewhere
  bool is_append = false;   ///< of a list: the items are added
  std::string description;  ///< of a rule; comment above a macro or list
  std::vector<Condition> conditions;
  std::vector<Output> outputs;
  std::vector<Scalar> items;         ///< of a list
  std::vector<Scalar> tags;          ///< of a rule
  std::vector<Scalar> fields;        ///< of exceptions
  std::vector<Scalar> other_values;  ///< of exceptions: may be names of lists
};

/// Longer files have no outline: reading one would keep an editor waiting for seconds. Falco's own
/// rules are 64 KiB.
inline constexpr size_t kMaxOutlineBytes = size_t{8} << 20;

struct Outline {
  std::vector<Item> items;
  std::vector<Range> broken;  ///< items that are no YAML of their own
};

/// Reads outlines of one file again and again; what has not changed is not read twice.
class OutlineReader {
 public:
  Outline read(std::string_view text);

 private:
  struct Part {
    std::vector<Item> items;  ///< places count from the beginning of the part
    bool broken = false;
  };
  using Parts = std::unordered_map<std::string, std::shared_ptr<const Part>>;

  static Part read_part(std::string text);

  Parts parts_;  ///< those of the last reading, by their text
};

/// Where items begin: a part for each `- ` at the beginning of a line, comments right above it
/// included; what stands before the first is a part too.
std::vector<Range> parts_of(std::string_view text);

}  // namespace falcoc::lsp

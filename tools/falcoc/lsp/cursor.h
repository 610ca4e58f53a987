// Where in a rule file the cursor is, found from its lines, so that it is known while the file is
// no YAML: what is typed rarely is. Knows the shape of rule files and the words of conditions.
#pragma once

#include <string>
#include <string_view>

#include "compiler/ir/condition_words.h"
#include "tools/falcoc/lsp/position.h"

namespace falcoc::lsp {

struct Cursor {
  enum class Where : uint8_t {
    NOTHING,        ///< where nothing can be proposed
    ITEM,           ///< the beginning of a line of the file, where an item begins
    KEY,            ///< a key of an item; `item` says which, empty if that is not known yet
    EXCEPTION_KEY,  ///< a key of an exception
    OVERRIDE_KEY,
    VALUE,      ///< of `key`, or an element of it
    CONDITION,  ///< `place` says what may stand here
    OUTPUT,     ///< a field behind `%`
  };
  Where where = Where::NOTHING;
  std::string item;  ///< "rule", "macro", "list"
  std::string key;   ///< whose value it is; of an exception: "exceptions.fields" and so on
  Range prefix;      ///< what is written already of the word at the cursor
  std::string name;  ///< of the item

  ir::ConditionPlace place{};
  std::string field;        ///< CONDITION: left side of the check that the cursor is in
  std::string operator_;    ///< likewise
  std::string transformer;  ///< likewise, the outermost
};

Cursor cursor_at(std::string_view text, const LineIndex& lines, uint32_t offset);

}  // namespace falcoc::lsp

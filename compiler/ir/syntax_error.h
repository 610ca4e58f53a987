// A failed parse in human words: what was found, what could have stood there, and how to fix what
// authors commonly write. Internal to the parsing files of ir/.
#pragma once

#include <optional>

#include "compiler/ir/syntax_reader.h"

namespace falcoc::ir {

struct ParseState {
  const MappedText& text;
  antlr4::BufferedTokenStream& tokens;  ///< read up to the error
  std::optional<size_t> too_deep_at;    ///< offset of the token beyond kMaxNesting
  bool operand_only = false;            ///< an operand was to be read, not a condition
};

Diagnostic explain(const SyntaxError& error, const ParseState& state);

}  // namespace falcoc::ir

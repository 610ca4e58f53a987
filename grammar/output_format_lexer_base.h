// Where an operand in an output format ends is not a question of syntax alone: the token is the
// longest text that names a known field. The user of the lexer answers it.
#pragma once

#include "antlr4-runtime.h"

namespace falcoc::grammar {

class OutputFormatLexerBase : public antlr4::Lexer {
 public:
  using antlr4::Lexer::Lexer;

 protected:
  /// Reads the operand that begins at byte `begin` of the input and returns its end, more than
  /// `begin`. May throw to stop the lexer.
  virtual size_t operand_end(size_t begin) = 0;

  /// Action behind the first byte of an operand: extends the token to the operand's end.
  void take_operand() { _input->seek(operand_end(tokenStartCharIndex)); }
};

}  // namespace falcoc::grammar

/*
 * Pieces of an output format (RULE-LANGUAGE section 6.1). What follows a % is an operand of the
 * condition grammar; where it ends depends on the known fields, so the base class finds the end.
 */
lexer grammar OutputFormatLexer;

options { superClass = OutputFormatLexerBase; }

@lexer::postinclude {
#include "grammar/output_format_lexer_base.h"
}

PERCENT : '%' -> mode(TOKEN) ;
TEXT    : ~'%'+ ;

mode TOKEN;

WIDTH   : [0-9]+ ;
OPERAND : ~[0-9] { take_operand(); } -> mode(DEFAULT_MODE) ;

/*
 * Words of conditions. The language reserves no word: what a byte means depends on what may stand
 * there, so the lexer is modal, one mode per place of RULE-LANGUAGE section 1.2. Input is bytes,
 * one code point (0..255) each. Every mode ends in UNEXPECTED: the lexer itself never fails.
 */
lexer grammar ConditionLexer;

options { superClass = ConditionLexerBase; }

@lexer::postinclude {
#include "grammar/condition_lexer_base.h"
}

tokens { FIELD, FIELD_BRACKET, TRANSFORMER, BARE, QUOTED, NUMBER, UNEXPECTED }

/* --- start of a check: the default mode ------------------------------------------------------- */

OPEN       : '(' ;
NOT_OPEN   : 'not(' ;
NOT        : 'not' SPACE+ ;
FIELD_START         : NAME ('.' NAME)+     -> type(FIELD), mode(RELATION) ;
FIELD_BRACKET_START : NAME ('.' NAME)+ '[' -> type(FIELD_BRACKET), mode(RELATION), pushMode(ARGUMENT) ;
TRANSFORMER_START   : TRANSFORMER_NAME '(' -> type(TRANSFORMER), mode(RELATION), pushMode(OPERANDS) ;
IDENTIFIER : NAME                          -> mode(CONNECTIVE) ;
BLANKS     : BLANK+                        -> skip ;
UNEXPECTED_START : .                       -> type(UNEXPECTED) ;

fragment BLANK  : [ \t\u0008\r\n] ;
fragment SPACE  : [ \t\u000b\u000c\r\n] ;
fragment LETTER : [a-zA-Z] ;
fragment NAME   : LETTER [a-zA-Z0-9_]* ;
fragment TRANSFORMER_NAME
  : 'tolower' | 'toupper' | 'b64' | 'basename' | 'len' | 'join' | 'concat' | 'getopt' ;
fragment STRING
  : '\'' (~['\\] | '\\' .)* '\''
  | '"' (~["\\] | '\\' .)* '"' ;
fragment INTEGER_OR_DECIMAL
  : '0' [xX] [0-9a-fA-F]+
  | [+\-]? [0-9]+ '.'? [0-9]* ([eE] [+\-] [0-9]+)? ;

/* --- after the left operand --------------------------------------------------------------------
 * exists, in, intersects and pmatch end where their letters end (quirk Q01); the other words need
 * a blank. */
mode RELATION;

EXISTS           : 'exists'                          -> mode(CONNECTIVE) ;
NUMBER_OPERATOR  : ('<=' | '<' | '>=' | '>')         -> mode(NUMBER_VALUE) ;
STRING_OPERATOR  : ('==' | '=' | '!=')               -> mode(STRING_VALUE) ;
WORD_OPERATOR    : ('glob' | 'iglob' | 'contains' | 'icontains' | 'bcontains' | 'startswith'
                   | 'bstartswith' | 'endswith' | 'regex') BLANK -> mode(STRING_VALUE) ;
LIST_OPERATOR    : ('intersects' | 'in' | 'pmatch')  -> mode(LIST_VALUE) ;
RELATION_BLANKS  : BLANK+                            -> skip ;
UNEXPECTED_RELATION : .                              -> type(UNEXPECTED) ;

/* --- after a string operator ------------------------------------------------------------------- */
mode STRING_VALUE;

MODIFIER            : BLANK* ('oneof' | 'anyof' | 'allof') BLANK+ { modifier_stands_here() }?
                                                     -> mode(LIST_VALUE) ;
VAL_OPEN            : 'val('                         -> mode(CONNECTIVE), pushMode(OPERANDS) ;
TRANSFORMER_STRING  : TRANSFORMER_NAME '('           -> type(TRANSFORMER), mode(CONNECTIVE), pushMode(OPERANDS) ;
QUOTED_STRING       : STRING                         -> type(QUOTED), mode(CONNECTIVE) ;
BARE_STRING         : BARE_CHARACTER+                -> type(BARE), mode(CONNECTIVE) ;
STRING_VALUE_BLANKS : BLANK+                         -> skip ;
UNEXPECTED_STRING   : .                              -> type(UNEXPECTED) ;

fragment BARE_CHARACTER : ~[()"'=, \t\u000b\u000c\r\n] ;

/* --- after an ordering operator ---------------------------------------------------------------- */
mode NUMBER_VALUE;

NUMBER_VALUE_NUMBER : INTEGER_OR_DECIMAL             -> type(NUMBER), mode(CONNECTIVE) ;
VAL_OPEN_NUMBER     : 'val('                         -> type(VAL_OPEN), mode(CONNECTIVE), pushMode(OPERANDS) ;
TRANSFORMER_NUMBER  : TRANSFORMER_NAME '('           -> type(TRANSFORMER), mode(CONNECTIVE), pushMode(OPERANDS) ;
NUMBER_VALUE_BLANKS : BLANK+                         -> skip ;
UNEXPECTED_NUMBER   : .                              -> type(UNEXPECTED) ;

/* --- after a list operator or a modifier ------------------------------------------------------- */
mode LIST_VALUE;

LIST_OPEN           : '('                            -> mode(LIST) ;
VAL_OPEN_LIST       : 'val('                         -> type(VAL_OPEN), mode(CONNECTIVE), pushMode(OPERANDS) ;
TRANSFORMER_LIST    : TRANSFORMER_NAME '('           -> type(TRANSFORMER), mode(CONNECTIVE), pushMode(OPERANDS) ;
LIST_NAME           : NAME                           -> mode(CONNECTIVE) ;
LIST_VALUE_BLANKS   : BLANK+                         -> skip ;
UNEXPECTED_LIST_VALUE : .                            -> type(UNEXPECTED) ;

/* --- inside a list literal --------------------------------------------------------------------- */
mode LIST;

LIST_CLOSE          : ')'                            -> mode(CONNECTIVE) ;
COMMA               : ',' ;
LIST_QUOTED         : STRING                         -> type(QUOTED) ;
LIST_BARE           : BARE_CHARACTER+                -> type(BARE) ;
LIST_BLANKS         : BLANK+                         -> skip ;
UNEXPECTED_ITEM     : .                              -> type(UNEXPECTED) ;

/* --- after a check ------------------------------------------------------------------------------ */
mode CONNECTIVE;

AND      : 'and' BLANK                               -> mode(DEFAULT_MODE) ;
OR       : 'or' BLANK                                -> mode(DEFAULT_MODE) ;
AND_OPEN : 'and('                                    -> mode(DEFAULT_MODE) ;
OR_OPEN  : 'or('                                     -> mode(DEFAULT_MODE) ;
CLOSE    : ')' ;
CONNECTIVE_BLANKS   : BLANK+                         -> skip ;
UNEXPECTED_CONNECTIVE : .                            -> type(UNEXPECTED) ;

/* --- between the parentheses of a transformer, of val() or of a list of operands ---------------- */
mode OPERANDS;

OPERANDS_OPEN         : '('                          -> pushMode(OPERANDS) ;
OPERANDS_CLOSE        : ')'                          -> popMode ;
OPERANDS_CLOSE_BRACKET : ')['                        -> popMode, pushMode(ARGUMENT) ;
OPERANDS_COMMA        : ','                          -> type(COMMA) ;
OPERANDS_FIELD        : NAME ('.' NAME)+             -> type(FIELD) ;
OPERANDS_FIELD_BRACKET : NAME ('.' NAME)+ '['        -> type(FIELD_BRACKET), pushMode(ARGUMENT) ;
OPERANDS_TRANSFORMER  : TRANSFORMER_NAME '('         -> type(TRANSFORMER), pushMode(OPERANDS) ;
OPERANDS_NUMBER       : INTEGER_OR_DECIMAL           -> type(NUMBER) ;
OPERANDS_QUOTED       : STRING                       -> type(QUOTED) ;
OPERANDS_BLANKS       : BLANK+                       -> skip ;
UNEXPECTED_OPERAND    : .                            -> type(UNEXPECTED) ;

/* --- between the brackets of a field or transformer --------------------------------------------- */
mode ARGUMENT;

ARGUMENT_BARE       : ~[\]["' \t\u000b\u000c\r\n]+ ;
ARGUMENT_QUOTED     : STRING                         -> type(QUOTED) ;
ARGUMENT_CLOSE      : ']'                            -> popMode ;
UNEXPECTED_ARGUMENT : .                              -> type(UNEXPECTED) ;

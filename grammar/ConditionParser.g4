/*
 * Conditions (RULE-LANGUAGE section 1.2). LL(1) throughout: one token decides every alternative, so
 * parsing is linear and never needs ANTLR's adaptive prediction.
 */
parser grammar ConditionParser;

options { tokenVocab = ConditionLexer; }

condition   : disjunction EOF ;

disjunction : conjunction (OR conjunction | OR_OPEN parenthesised)* ;
conjunction : negation (AND negation | AND_OPEN parenthesised)* ;
negation    : NOT* (NOT_OPEN parenthesised | check) ;

/* What follows an opening parenthesis. */
parenthesised : disjunction CLOSE ;

check
  : OPEN parenthesised
  | leftSide relation
  | IDENTIFIER
  ;

/* The left side of a check; also what an output shows and an exception names. */
leftSide     : field | transformer ;
/* The same with nothing behind it. */
leftSideOnly : leftSide EOF ;

relation
  : EXISTS
  | NUMBER_OPERATOR (NUMBER | rightOperand)
  | (STRING_OPERATOR | WORD_OPERATOR) (MODIFIER listOrName | BARE | QUOTED | rightOperand)
  | LIST_OPERATOR (listOrName | rightOperand)
  ;

rightOperand : value | transformer ;
value        : VAL_OPEN field (OPERANDS_CLOSE | OPERANDS_CLOSE_BRACKET argument) ;

listOrName   : LIST_OPEN (item (COMMA item)*)? LIST_CLOSE | LIST_NAME ;
item         : QUOTED | BARE ;

field        : FIELD | FIELD_BRACKET argument ;
argument     : (QUOTED | ARGUMENT_BARE) ARGUMENT_CLOSE ;

transformer
  : TRANSFORMER operand (COMMA operand)* (OPERANDS_CLOSE | OPERANDS_CLOSE_BRACKET argument) ;
operand      : NUMBER | QUOTED | field | transformer | operandList ;
operandList  : OPERANDS_OPEN (element (COMMA element)*)? OPERANDS_CLOSE ;
element      : NUMBER | QUOTED | field | transformer ;

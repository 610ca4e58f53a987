/* Output formats: text and tokens. LL(1). */
parser grammar OutputFormatParser;

options { tokenVocab = OutputFormatLexer; }

format : (text | token)+ EOF ;
text   : TEXT ;
token  : PERCENT WIDTH? OPERAND ;

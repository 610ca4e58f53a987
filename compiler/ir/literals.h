// Literals of conditions from text to binary form (RULE-LANGUAGE 3.7), and what there is to know
// about a parameter type to do so. Knows types and diagnostics only, no fields: that a literal of
// evt.type names an event is checked where fields are resolved.
#pragma once

#include <expected>

#include "compiler/ir/program.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::ir {

/// What an operator sees in a type (the groups of RULE-LANGUAGE 3.1).
enum class TypeGroup : uint8_t {
  NUMBER,  ///< integers, times, ports, flags, double
  BOOLEAN,
  ADDRESS,  ///< IP addresses and networks
  TEXT,     ///< strings and paths; they end at their first NUL
  BUFFER,   ///< bytes, NUL included
  OPAQUE,   ///< only `exists`
};

struct TypeTraits {
  TypeGroup group = TypeGroup::OPAQUE;
  bool is_signed = false;  ///< NUMBER: the value is in Value::i64, else in u64
  bool is_double = false;  ///< NUMBER: the value is in Value::f64
  uint8_t bits = 0;  ///< NUMBER but DOUBLE: width of the range that literals are checked against
  bool is_network = false;  ///< ADDRESS: literals carry a prefix length
};
TypeTraits type_traits(ParamType type);

/// Converts one literal for `op` on a (transformed) left side whose element type is `type`. The
/// error is a diagnostic at the literal. Beyond RULE-LANGUAGE 3.7:
///   numbers   out of range is an error (Q08) but negative numbers of unsigned types, down to half
///             the range, wrap: -1 means "unset"; hexadecimal text is an error (Q07)
///   DOUBLE    fractions and exponents are accepted (Q07); Literal::number holds the bit pattern
///   PORT      above 65535 is an error (Q09); names come from the host's services database
///   IPNET     prefix lengths are checked (Q10); /0 is accepted for both families
///   text      any length (Q31), no NUL
///   BYTEBUF   any bytes; for bcontains and bstartswith the hex text is decoded
///   regex     must compile; the pattern stays text
std::expected<Literal, Diagnostic> convert_literal(ParamType type, Operator op,
                                                   const ast::Literal& literal);

}  // namespace falcoc::ir

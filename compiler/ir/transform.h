// Field transformers on values (RULE-LANGUAGE section 2): what each makes of its evaluated
// arguments. Knows types and values, not where the arguments come from.
#pragma once

#include <span>

#include "compiler/ir/evaluate.h"
#include "compiler/ir/program.h"

namespace falcoc::ir {

/// A present value with its static type.
struct TypedValue {
  Type type;
  Value value;
};

/// Applies the transformer of `operand`, which is a TRANSFORM, to its evaluated arguments. Case
/// mapping, base64 and basename act on each element of a list. False if the result is absent, as
/// for text that is not base64. What `out` points at lives in `arena` or in the arguments.
bool apply_transformer(const Operand& operand, std::span<const TypedValue> arguments,
                       ValueArena& arena, Value& out);

/// A scalar as `join` and `concat` see it: text as is, numbers in decimal, booleans in words,
/// addresses in their usual notation (quirk Q20: not raw bytes). `arena` keeps new text.
std::string_view text_of(ParamType type, const Value& value, ValueArena& arena);

}  // namespace falcoc::ir

// What one question about a value says of another.
#pragma once

#include "compiler/diff/theory.h"

namespace falcoc::diff {

/// Brings questions that ask the same into one form: `glob a*` is `startswith a`.
void simplify(ParamType type, Question& question);
/// Every value that is there satisfies it.
bool holds_always(ParamType type, const Question& question);
/// One value alone satisfies it.
bool is_point(ParamType type, const Question& question);
/// Whether `value`, a literal, satisfies it.
bool answers(ParamType type, const Question& question, const ir::Literal& value);
/// Every value that satisfies `narrow` satisfies `wide`. False if that is not known.
bool includes(ParamType type, const Question& wide, const Question& narrow);
/// No value satisfies both. False if that is not known.
bool excludes(ParamType type, const Question& a, const Question& b);

}  // namespace falcoc::diff

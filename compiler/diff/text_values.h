// Texts, numbers and addresses that satisfy some questions and not others.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/diff/theory.h"

namespace falcoc::diff {

/// What a value has to answer.
struct Wanted {
  std::vector<const Question*> yes, no;
};

/// A value of a field of this type, which `first` is tried before. Nothing if none was found; there
/// may be one.
std::optional<ir::Literal> find_value(ParamType type, const Wanted& wanted,
                                      const std::optional<ir::Literal>& first);

/// The value as a fact says it.
std::string fact_text(ParamType type, const ir::Literal& value);

}  // namespace falcoc::diff

// Words that a field can have, where those are few and known.
#pragma once

#include <span>
#include <string_view>

#include "compiler/catalog/catalog.h"

namespace falcoc::lint {

/// All of them; empty where they are many or not known.
std::span<const std::string_view> words_of(FieldId field);

}  // namespace falcoc::lint

// Falco's names of parameter types, for messages and listings.
#pragma once

#include <string_view>

#include "compiler/catalog/types.h"

namespace falcoc {

/// "CHARBUF", "UINT64", …
std::string_view type_name(ParamType type);

}  // namespace falcoc

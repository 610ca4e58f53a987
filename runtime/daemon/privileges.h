// Rights that falcod does not need once it watches.
#pragma once

#include <expected>

#include "compiler/source/diagnostic.h"

namespace falcod {

/// Gives up all capabilities but those for reading processes and files and for changing the probe,
/// and the way to get new ones (no_new_privs), for this process and its children. For every thread
/// started later; call it before the first.
std::expected<void, falcoc::Diagnostic> give_up_privileges();

}  // namespace falcod

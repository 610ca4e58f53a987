// System calls that falcod does not make once it watches: the kernel refuses them to it, so that
// who takes falcod over cannot use its capabilities for what it never does.
#pragma once

#include <expected>
#include <span>

#include "compiler/source/diagnostic.h"

namespace falcod {

/// Numbers of the calls that are refused (EPERM): those that trace, load modules, mount, boot, set
/// clocks and names, change namespaces, reach for others' memory or descriptors, use io_uring, or
/// keep keys.
std::span<const int> refused_calls();

/// For every thread of this process, those started later, and children. Cannot be undone. Needs
/// no_new_privs or CAP_SYS_ADMIN. What it does not name stays allowed: libraries use new calls as
/// they appear, and falcod must go on then.
std::expected<void, falcoc::Diagnostic> refuse_calls();

}  // namespace falcod

// The probe's global variables by name. For files that know the skeleton; it needs the types of
// the ABI.
#pragma once

#include <linux/types.h>

// clang-format off: the skeleton uses the types of the ABI
#include "probe/abi.h"
#include "falcoc.skel.h"
// clang-format on

namespace falcod {

struct ProbeGlobals : falcoc_probe::falcoc_probe__bss {};

}  // namespace falcod

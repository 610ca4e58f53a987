// The probe's skeleton, and its global variables by name. For files that know the skeleton; it
// needs the types of the ABI.
#pragma once

#include <linux/types.h>

#include <memory>

// clang-format off: the skeleton uses the types of the ABI
#include "probe/abi.h"
#include "falcoc.skel.h"
// clang-format on

namespace falcod {

struct ProbeGlobals : falcoc_probe::falcoc_probe__bss {};

struct ProbeSkeletonDeleter {
  void operator()(falcoc_probe* probe) const { falcoc_probe__destroy(probe); }
};
using ProbeSkeleton = std::unique_ptr<falcoc_probe, ProbeSkeletonDeleter>;

}  // namespace falcod

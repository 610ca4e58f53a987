// System calls hooked function by function (probe/fexit.h). Only hooks.cpp chooses them.
#pragma once

#include "runtime/capture/hooks.h"

namespace falcod {

/// One by one, at most `limit` functions; an error says why not here. `types`: of this kernel.
std::expected<std::unique_ptr<SyscallHooks>, std::string> fexit_hooks(const btf& types,
                                                                      const SyscallKinds& kinds,
                                                                      size_t limit);

}  // namespace falcod

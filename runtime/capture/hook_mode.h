// --hooks: how system calls are to be hooked.
#pragma once

#include <cstdint>

namespace falcod {

enum class HookMode : uint8_t {
  AUTO,        ///< the cheaper of the two that this kernel allows
  TRACEPOINT,  ///< by the one tracepoint behind all system calls
  FENTRY,      ///< function by function, or not at all
};

}  // namespace falcod

// A listening TCP socket on loopback for servers of tests.
#pragma once

#include <cstdint>

namespace falcod::test {

struct LoopbackListener {
  int fd = -1;  ///< the caller closes it
  uint16_t port = 0;
};

/// At a port that is free. Throws std::runtime_error if there is none.
LoopbackListener listen_on_loopback();

}  // namespace falcod::test

// The descriptors of living processes, read from /proc/PID/fd.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "runtime/state/socket_table.h"

namespace falcod {

class FdSnapshot {
 public:
  /// Appends the capture block of one process; nothing if the process is gone.
  void append(std::string& out, int64_t pid);

 private:
  const SocketTable& sockets_of(int64_t pid);

  std::unordered_map<uint64_t, std::unique_ptr<SocketTable>> sockets_;  ///< by network namespace
};

}  // namespace falcod

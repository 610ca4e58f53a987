// The floor: what an eBPF program costs that looks at every system call and does next to nothing.
#pragma once

#include <memory>

namespace falcoc::bench {

/// In force while it lives. Null: this kernel does not take it (bpf_rdonly_cast is of Linux 6.2).
class Floor {
 public:
  static std::unique_ptr<Floor> open();
  virtual ~Floor() = default;
};

}  // namespace falcoc::bench

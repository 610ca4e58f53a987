// The functions of the kernel that system calls end up in, by number and ABI, as one kernel has
// them. Knows how x86-64 and arm64 name them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/capture/extraction_plan.h"

struct btf;

namespace falcod {

struct BtfDeleter {
  void operator()(btf* types) const;
};
/// The running kernel's types. Null where they cannot be read, errno says why.
using KernelTypes = std::unique_ptr<btf, BtfDeleter>;
KernelTypes load_kernel_types();

/// A function of the running kernel, as its type information describes it.
struct KernelFunction {
  std::string name;
  uint32_t id;         ///< in the kernel's BTF
  uint32_t prototype;  ///< likewise; equal ids are equal prototypes
};

/// All functions of a kernel by name.
class KernelFunctions {
 public:
  explicit KernelFunctions(const btf& types);

  const KernelFunction* find(std::string_view name) const;
  /// How many parameters the function has; 0 if there is no such function.
  uint32_t params(std::string_view name) const;

 private:
  struct Entry {
    KernelFunction function;
    uint32_t params;
  };
  std::unordered_map<std::string_view, Entry> entries_;  ///< views into `types`, which outlives it
};

/// One wanted kind of event and the function whose return tells of it.
struct HookedFunction {
  KernelFunction function;
  uint16_t kind;
};

/// The functions behind the wanted calls, each once. A call that this kernel does not have gives
/// none.
std::vector<HookedFunction> functions_of(const SyscallKinds& kinds,
                                         const KernelFunctions& functions);

/// Names that the function behind a call may have, the first that exists is it. `abi` as in
/// SyscallKinds. Empty: the number is not known.
std::vector<std::string> function_names(int abi, uint16_t number);

}  // namespace falcod

// Single words of the running kernel's memory, which tell what its type information does not. Needs
// the right to run eBPF programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace falcod {

/// Where a symbol of the kernel is; nothing if there is no such symbol or addresses are hidden.
/// Reads all of /proc/kallsyms: some 30 ms.
std::optional<uint64_t> kernel_address(std::string_view symbol);

/// Four bytes at that address. Nothing before 5.10, whose programs do not run on request.
std::optional<uint32_t> read_kernel(uint64_t address);

}  // namespace falcod

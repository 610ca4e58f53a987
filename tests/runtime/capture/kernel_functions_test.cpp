// The functions behind system calls: against the kernel's own tables, where it shows them.
#include "runtime/capture/kernel_functions.h"

#include <bpf/btf.h>
#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>

#include "runtime/capture/kernel_memory.h"
#include "runtime/capture/preemption.h"

using namespace falcod;

namespace {

/// Entries of the tables that are compared: up to set_mempolicy_home_node, which both have.
constexpr uint16_t kTableEntries = 451;

struct Symbols {
  std::map<std::string, uint64_t> addresses;
  std::multimap<uint64_t, std::string> names;
};

Symbols read_symbols() {
  Symbols symbols;
  std::ifstream file("/proc/kallsyms");
  std::string line;
  while (std::getline(file, line)) {
    uint64_t address = 0;
    char name[256];
    if (std::sscanf(line.c_str(), "%lx %*c %255s", &address, name) != 2 || address == 0) continue;
    symbols.addresses.emplace(name, address);
    symbols.names.emplace(address, name);
  }
  return symbols;
}

std::string first_name(const Symbols& symbols, uint64_t address) {
  const auto found = symbols.names.find(address);
  return found == symbols.names.end() ? "?" : found->second;
}

/// Compares one of the kernel's tables with what function_names says. False: there is no table.
bool compare_table(const KernelFunctions& functions, const Symbols& symbols, int abi,
                   const char* table_name) {
  const auto table = symbols.addresses.find(table_name);
  if (table == symbols.addresses.end()) return false;
  for (uint16_t number = 0; number < kTableEntries; ++number) {
    const auto low = read_kernel(table->second + number * 8u);
    const auto high = read_kernel(table->second + number * 8u + 4);
    if (!low || !high) return false;
    const uint64_t address = uint64_t{*high} << 32 | *low;
    if (first_name(symbols, address).find("ni_syscall") != std::string::npos) continue;  // no such
    CAPTURE(number);
    CAPTURE(first_name(symbols, address));
    for (const std::string& name : function_names(abi, number)) {
      if (functions.find(name) == nullptr) continue;
      CAPTURE(name);
      const auto chosen = symbols.addresses.find(name);
      CHECK((chosen != symbols.addresses.end() && chosen->second == address));
      break;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("names of functions follow the kernel's tables") {
#if defined(__x86_64__)
  CHECK(function_names(0, 257).front() == "__x64_sys_openat");
  CHECK(function_names(0, 4).front() == "__x64_sys_newstat");
  CHECK(function_names(1, 295).front() == "__ia32_compat_sys_openat");
  CHECK(function_names(1, 16)[1] == "__ia32_sys_lchown16");
  CHECK(function_names(0, 57).back() == "__do_sys_fork");
#endif
#if defined(__x86_64__)
  CHECK(function_names(0, 520).front() == "__x64_compat_sys_execve");
  CHECK(function_names(0, 548).empty());
#endif
  CHECK(function_names(0, 511).empty());
}

TEST_CASE("the function behind every system call is the one in this kernel's table") {
  btf* const types = btf__load_vmlinux_btf();
  if (types == nullptr) {
    MESSAGE("SKIPPED: this kernel has no type information");
    return;
  }
  {
    const KernelFunctions functions(*types);
    const Symbols symbols = read_symbols();
    const bool native = compare_table(functions, symbols, 0, "sys_call_table");
    const bool compat = compare_table(functions, symbols, 1, "ia32_sys_call_table");
    if (!native && !compat) MESSAGE("SKIPPED: this kernel does not show its tables");
  }
  btf__free(types);
}

TEST_CASE("the version of a kernel says whether it preempts itself") {
  CHECK(built_preemption("#1 SMP Debian 5.10.1 (2020)") == Preemption::NO);
  CHECK(built_preemption("#1 SMP PREEMPT Mon") == Preemption::YES);
  CHECK(built_preemption("#1 SMP PREEMPT_RT Debian") == Preemption::YES);
  CHECK(built_preemption("#1 SMP PREEMPT_DYNAMIC Debian 6.1") == Preemption::UNKNOWN);
}

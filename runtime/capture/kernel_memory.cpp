// See kernel_memory.h.
#include "runtime/capture/kernel_memory.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <string>

namespace falcod {

std::optional<uint64_t> kernel_address(std::string_view symbol) {
  std::ifstream symbols("/proc/kallsyms");
  std::string line;
  while (std::getline(symbols, line)) {
    if (!line.ends_with(symbol) || line.size() <= symbol.size() + 1 ||
        line[line.size() - symbol.size() - 1] != ' ') {
      continue;
    }
    uint64_t address = 0;
    if (std::sscanf(line.c_str(), "%lx", &address) == 1 && address != 0) return address;
  }
  return std::nullopt;
}

std::optional<uint32_t> read_kernel(uint64_t address) {
  // r3 = arguments[0]; r1 = &stack; r2 = 4; probe_read_kernel(r1, r2, r3); r0 = stack
  constexpr int16_t kSlot = -8;
  const std::array<bpf_insn, 8> code{{
      {BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, kSlot, 0},
      {BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_3, BPF_REG_1, 0, 0},
      {BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_10, 0, 0},
      {BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_1, 0, 0, kSlot},
      {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, sizeof(uint32_t)},
      {BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel},
      {BPF_LDX | BPF_MEM | BPF_W, BPF_REG_0, BPF_REG_10, kSlot, 0},
      {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
  }};
  const int program = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "falcoc_peek", "GPL", code.data(),
                                    code.size(), nullptr);
  if (program < 0) return std::nullopt;
  bpf_test_run_opts run{};
  run.sz = sizeof run;
  run.ctx_in = &address;
  run.ctx_size_in = sizeof address;
  const int error = bpf_prog_test_run_opts(program, &run);
  close(program);
  if (error != 0) return std::nullopt;
  return run.retval;
}

}  // namespace falcod

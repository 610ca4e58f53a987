// See function_program.h.
#include "runtime/capture/function_program.h"

#include <bpf/btf.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "runtime/capture/preemption.h"

namespace falcod {

namespace {

/// Every kernel has it, and few tasks run through it.
constexpr const char* kTriedFunction = "schedule_tail";

/// Does nothing.
constexpr std::array<bpf_insn, 2> kEmptyProgram{{
    {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
    {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
}};

std::expected<void, std::string> try_program(const btf& types, bpf_attach_type where) {
  const int function = btf__find_by_name_kind(&types, kTriedFunction, BTF_KIND_FUNC);
  if (function < 0) return std::unexpected("the kernel's types lack functions");
  if (load_function_program(kEmptyProgram, where, static_cast<uint32_t>(function)).is_open()) {
    return {};
  }
  return std::unexpected(fmt::format("the kernel refuses {} programs ({})",
                                     where == BPF_TRACE_FEXIT ? "fexit" : "fentry",
                                     std::strerror(errno)));
}

}  // namespace

bool forbids_function_programs(bpf_attach_type where) {
  constexpr uint32_t kNoFunction = 1;  // the first type that there is, a number
  return !load_function_program(kEmptyProgram, where, kNoFunction).is_open() && errno == EPERM;
}

std::expected<void, std::string> allows_function_programs(const btf& types, bpf_attach_type where) {
  if (auto tried = try_program(types, where); !tried) return tried;
  // a per-CPU record under construction, and a hook that the kernel does not enter twice on one CPU
  switch (kernel_preemption()) {
    case Preemption::NO:
      return {};
    case Preemption::YES:
      return std::unexpected("the kernel preempts system calls, and would lose events");
    case Preemption::UNKNOWN:
      break;
  }
  return std::unexpected("it is not known whether the kernel preempts system calls");
}

Handle load_function_program(std::span<const bpf_insn> code, bpf_attach_type where,
                             uint32_t function) {
  bpf_prog_load_opts options{};
  options.sz = sizeof options;
  options.expected_attach_type = where;
  options.attach_btf_id = function;
  const char* const name = where == BPF_TRACE_FEXIT ? "falcoc_fexit" : "falcoc_fentry";
  return Handle(
      bpf_prog_load(BPF_PROG_TYPE_TRACING, name, "GPL", code.data(), code.size(), &options));
}

std::expected<Handle, std::string> attach_function_program(int program, std::string_view function) {
  Handle link(bpf_raw_tracepoint_open(nullptr, program));
  if (!link.is_open()) {
    return std::unexpected(fmt::format("{} cannot be hooked ({})", function, std::strerror(errno)));
  }
  return link;
}

}  // namespace falcod

// Programs at single functions of the kernel (fentry, fexit): whether a kernel takes them, and how
// one program becomes many, each at another function. Knows nothing of what they do.
#pragma once

#include <bpf/bpf.h>

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "runtime/capture/handle.h"

struct btf;

namespace falcod {

/// Whether this kernel forbids such programs whatever their function, which it says before it looks
/// at that: told without its types, which take long to read. `where` is BPF_TRACE_FENTRY or
/// BPF_TRACE_FEXIT.
bool forbids_function_programs(bpf_attach_type where);

/// Whether such programs may be loaded and see every call; the error says why not. `types`: of this
/// kernel.
std::expected<void, std::string> allows_function_programs(const btf& types, bpf_attach_type where);

/// A copy of a program's code, which names maps by descriptors of this process, for the function
/// with this id in the kernel's BTF. Not open if the kernel refuses it, errno says why.
Handle load_function_program(std::span<const bpf_insn> code, bpf_attach_type where,
                             uint32_t function);

/// From now on the program is run, for as long as the link is open.
std::expected<Handle, std::string> attach_function_program(int program, std::string_view function);

}  // namespace falcod

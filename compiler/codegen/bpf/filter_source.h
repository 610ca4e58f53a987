// Where a program that does not link the generator gets kernel filters: from the cache, else from
// the generator's process, whose work is then kept. Any thread; may take a while.
#pragma once

#include "compiler/codegen/bpf/filters.h"
#include "compiler/codegen/native/code_source.h"
#include "compiler/ir/program.h"

namespace falcoc::bpf {

/// The filters of a program. The error says why there are none; what is wrong with the cache goes
/// to `warnings` and costs time only.
std::expected<Filters, Diagnostic> get_filters(const native::CodeSource& source,
                                               const ir::Program& program, Diagnostics& warnings);

}  // namespace falcoc::bpf

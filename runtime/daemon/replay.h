// A run over capture files instead of the live machine: `falcod -e FILE`.
#pragma once

#include "compiler/ir/program.h"
#include "runtime/daemon/options.h"
#include "runtime/daemon/report.h"

namespace falcod {

/// Replays the files one after the other, until the last ends or a signal stops it. Returns
/// falcod's exit status: RUNTIME if a file could not be read to its end, after everything before
/// was used.
int replay(const Options& options, falcoc::ir::Program program, const Reporter& reporter);

}  // namespace falcod

// The run itself: source, engine, sinks and the command put together, from the first hook to the
// summary.
#pragma once

#include "compiler/ir/program.h"
#include "runtime/daemon/options.h"
#include "runtime/daemon/prepare.h"
#include "runtime/daemon/report.h"

namespace falcod {

/// Runs until a signal, the end of -M, or the end of the command. Returns falcod's exit status.
/// `fingerprint`: rules_fingerprint() of what the program was made of.
int watch(const Options& options, Preparation& prepared, falcoc::ir::Program program,
          std::string fingerprint, const Reporter& reporter);

}  // namespace falcod

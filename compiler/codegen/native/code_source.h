// Where a program that does not link the generator gets native code: from the cache, else from the
// generator's process, whose work is then kept. Any thread; may take a while.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "compiler/codegen/native/native.h"

namespace falcoc::native {

struct CodeSource {
  std::string generator;        ///< path; empty: find_generator()
  std::string cache_directory;  ///< empty: nothing is kept
};

/// As Matcher::compile(). What is wrong with the cache goes to `warnings`; it costs time only.
std::expected<Matcher, Diagnostic> get_code(const CodeSource& source, const ir::Program& program,
                                            std::span<const Accessor> accessors,
                                            Diagnostics& warnings);

}  // namespace falcoc::native

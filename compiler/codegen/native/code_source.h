// Where a program that does not link the generator gets native code: from the cache, else from the
// generator's process, whose work is then kept. Any thread; may take a while.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "compiler/codegen/native/native.h"

namespace falcoc::native {

struct CodeSource {
  std::string generator;        ///< path; empty: find_generator()
  std::string cache_directory;  ///< empty: nothing is kept
  std::stop_token stop{};       ///< ends the generator's process: nobody wants the code any more
};

/// As get_code(), from the cache alone. Nothing if it is not there.
std::expected<std::optional<Matcher>, Diagnostic> find_code(const CodeSource& source,
                                                            const ir::Program& program,
                                                            std::span<const Accessor> accessors,
                                                            Diagnostics& warnings);

/// As Matcher::compile(). What is wrong with the cache goes to `warnings`; it costs time only.
std::expected<Matcher, Diagnostic> get_code(const CodeSource& source, const ir::Program& program,
                                            std::span<const Accessor> accessors,
                                            Diagnostics& warnings);

}  // namespace falcoc::native

// Generation in a process of its own: LLVM needs a hundred megabytes and some time to load, and
// whoever only runs generated code should have neither. The process gets a bundle and gives an
// object. Knows neither LLVM nor rules.
#pragma once

#include <expected>
#include <stop_token>
#include <string>
#include <string_view>

#include "compiler/source/diagnostic.h"

namespace falcoc::native {

/// What the process is asked to make.
enum class Product : uint8_t {
  OBJECT,    ///< native code
  LLVM,      ///< native code as LLVM's text
  ASSEMBLY,  ///< native code as the processor's assembly
  FILTERS,   ///< kernel filters (compiler/codegen/bpf/filters.h)
  BPF,       ///< kernel filters as eBPF assembly
};

inline constexpr std::string_view kGeneratorName = "falcoc-codegen";
/// Where the program is: `../libexec/falcoc` as seen from the folder of the calling one, or the
/// same place of the build tree that this was built in. Empty if it is not there.
std::string find_generator();
/// Tells one build of the program from another: what a cache key needs. Empty if it cannot be read.
std::string generator_identity(const std::string& path);

/// Runs the program and waits for it. `absent` has one character per field of the program: '1' if
/// nothing supplies the field, else '0'. The error is the process's own, or says how it ended. A
/// stop ends the process.
std::expected<std::string, Diagnostic> run_generator(const std::string& path, Product product,
                                                     std::string_view absent,
                                                     std::string_view bundle,
                                                     const std::stop_token& stop = {});

/// The argument that stands for a product.
std::string_view product_name(Product product);

}  // namespace falcoc::native

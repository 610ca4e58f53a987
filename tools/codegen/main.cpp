// falcoc-codegen: a bundle on standard input to generated code on standard output. Started by
// falcod and falcoc, which do not load LLVM themselves.
//
//   falcoc-codegen object|llvm|asm ABSENT
//
// ABSENT has one character per field of the bundle: 1 if nothing supplies it, else 0.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <iterator>
#include <string>

#include "compiler/bundle/bundle.h"
#include "compiler/codegen/native/generate.h"
#include "compiler/codegen/native/generator_process.h"

namespace falcoc {
namespace {

int fail(std::string_view message) {
  fmt::print(stderr, "{}\n", message);
  return 1;
}

std::string read_input() {
  std::string text;
  char buffer[65536];
  for (size_t count = 0; (count = std::fread(buffer, 1, sizeof buffer, stdin)) > 0;) {
    text.append(buffer, count);
  }
  return text;
}

int run(const std::string& product, const std::string& absent) {
  const auto program = bundle::read(read_input(), "standard input");
  if (!program) return fail(program.error().message);
  if (absent.size() != program->fields.size()) return fail("the bundle has other fields");
  std::vector<bool> supplied;
  for (const char c : absent) supplied.push_back(c == '0');
  const auto made =
      native::generate(*program, supplied,
                       {.keep_llvm_text = product == product_name(native::Product::LLVM),
                        .keep_assembly_text = product == product_name(native::Product::ASSEMBLY)});
  if (!made) return fail(made.error().message);
  const std::string& text = product == product_name(native::Product::LLVM) ? made->llvm_text
                            : product == product_name(native::Product::ASSEMBLY)
                                ? made->assembly_text
                                : made->object;
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return written && std::fflush(stdout) == 0 ? 0 : fail("standard output cannot be written");
}

}  // namespace
}  // namespace falcoc

int main(int argc, char** argv) {
  if (argc != 3) return falcoc::fail("usage: falcoc-codegen object|llvm|asm ABSENT <BUNDLE");
  try {
    return falcoc::run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    return falcoc::fail(error.what());
  }
}

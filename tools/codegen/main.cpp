// falcoc-codegen: a bundle on standard input to generated code on standard output. Started by
// falcod and falcoc, which do not load LLVM themselves.
//
//   falcoc-codegen object|llvm|asm|filters|bpf ABSENT
//
// ABSENT has one character per field of the bundle: 1 if nothing supplies it, else 0.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/bundle/bundle.h"
#include "compiler/codegen/bpf/generate.h"
#include "compiler/codegen/native/generate.h"
#include "compiler/codegen/native/generator_process.h"
#include "compiler/ir/split/split.h"

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

std::expected<std::string, Diagnostic> make_filters(const ir::Program& program,
                                                    native::Product product) {
  bpf::Texts texts;
  const bool as_text = product == native::Product::BPF;
  const auto filters = bpf::generate(ir::split::plan_kernel(program), as_text ? &texts : nullptr);
  if (!filters) return std::unexpected(filters.error());
  return as_text ? std::move(texts.assembly) : bpf::write_filters(*filters);
}

std::expected<std::string, Diagnostic> make_native(const ir::Program& program,
                                                   native::Product product,
                                                   const std::vector<bool>& supplied) {
  auto made = native::generate(program, supplied,
                               {.keep_llvm_text = product == native::Product::LLVM,
                                .keep_assembly_text = product == native::Product::ASSEMBLY});
  if (!made) return std::unexpected(std::move(made.error()));
  switch (product) {
    case native::Product::LLVM:
      return std::move(made->llvm_text);
    case native::Product::ASSEMBLY:
      return std::move(made->assembly_text);
    default:
      return std::move(made->object);
  }
}

std::optional<native::Product> product_named(std::string_view name) {
  using enum native::Product;
  for (const native::Product product : {OBJECT, LLVM, ASSEMBLY, FILTERS, BPF}) {
    if (native::product_name(product) == name) return product;
  }
  return std::nullopt;
}

int run(std::string_view name, const std::string& absent) {
  const auto product = product_named(name);
  if (!product) return fail("there is no such product");
  const auto program = bundle::read(read_input(), "standard input");
  if (!program) return fail(program.error().message);
  if (absent.size() != program->fields.size()) return fail("the bundle has other fields");
  std::vector<bool> supplied;
  for (const char c : absent) supplied.push_back(c == '0');
  const bool in_kernel = *product == native::Product::FILTERS || *product == native::Product::BPF;
  const auto text =
      in_kernel ? make_filters(*program, *product) : make_native(*program, *product, supplied);
  if (!text) return fail(text.error().message);
  const bool written = std::fwrite(text->data(), 1, text->size(), stdout) == text->size();
  return written && std::fflush(stdout) == 0 ? 0 : fail("standard output cannot be written");
}

}  // namespace
}  // namespace falcoc

int main(int argc, char** argv) {
  if (argc != 3)
    return falcoc::fail("usage: falcoc-codegen object|llvm|asm|filters|bpf ABSENT <BUNDLE");
  try {
    return falcoc::run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    return falcoc::fail(error.what());
  }
}

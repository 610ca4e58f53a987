// Cache first, then the generator.
#include "compiler/codegen/native/code_source.h"

#include <optional>

#include "compiler/bundle/bundle.h"
#include "compiler/codegen/native/cache.h"
#include "compiler/codegen/native/generator_process.h"

namespace falcoc::native {

std::expected<Matcher, Diagnostic> get_code(const CodeSource& source, const ir::Program& program,
                                            std::span<const Accessor> accessors,
                                            Diagnostics& warnings) {
  const std::string generator = source.generator.empty() ? find_generator() : source.generator;
  if (generator.empty()) {
    return std::unexpected(Diagnostic::global(
        Code::NATIVE_UNAVAILABLE, "native code cannot be made: falcoc-codegen is not installed",
        "the reference evaluator works without, but slower"));
  }
  const std::string bundle = bundle::write(program);
  std::string absent;
  for (const Accessor accessor : accessors) absent += accessor != nullptr ? '0' : '1';
  const std::string key = object_key(bundle, absent, generator_identity(generator));
  const std::optional<ObjectCache> cache = source.cache_directory.empty()
                                               ? std::nullopt
                                               : std::optional<ObjectCache>(source.cache_directory);
  if (cache) {
    auto found = cache->find(key);
    if (!found) warnings.add(std::move(found.error()));
    if (found && *found) {
      auto matcher = Matcher::load(program, accessors, **found);
      if (matcher) return matcher;
      // Executable memory is not to be had, whoever makes the code.
      if (matcher.error().code == Code::NATIVE_UNAVAILABLE) return matcher;
      warnings.add(Diagnostic::global(Code::CACHE_UNUSABLE, matcher.error().message,
                                      "code is generated as if the cache were empty"));
    }
  }
  auto object = run_generator(generator, Product::OBJECT, absent, bundle);
  if (!object) return std::unexpected(std::move(object.error()));
  auto matcher = Matcher::load(program, accessors, *object);
  if (matcher && cache) {
    if (auto stored = cache->store(key, *object); !stored) {
      warnings.add(std::move(stored.error()));
    }
  }
  return matcher;
}

}  // namespace falcoc::native

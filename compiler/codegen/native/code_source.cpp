// Cache first, then the generator.
#include "compiler/codegen/native/code_source.h"

#include <optional>

#include "compiler/bundle/bundle.h"
#include "compiler/codegen/native/cache.h"
#include "compiler/codegen/native/generator_process.h"

namespace falcoc::native {

namespace {

/// What a program's code goes by.
struct Request {
  std::string generator;
  std::string bundle;
  std::string absent;
  std::string key;
  std::optional<ObjectCache> cache;
};

std::expected<Request, Diagnostic> request_of(const CodeSource& source, const ir::Program& program,
                                              std::span<const Accessor> accessors) {
  Request request;
  request.generator = source.generator.empty() ? find_generator() : source.generator;
  if (request.generator.empty()) {
    return std::unexpected(Diagnostic::global(
        Code::NATIVE_UNAVAILABLE, "native code cannot be made: falcoc-codegen is not installed",
        "the reference evaluator works without, but slower"));
  }
  request.bundle = bundle::write(program);
  for (const Accessor accessor : accessors) request.absent += accessor != nullptr ? '0' : '1';
  request.key = object_key(request.bundle, request.absent, generator_identity(request.generator));
  if (!source.cache_directory.empty()) request.cache.emplace(source.cache_directory);
  return request;
}

std::expected<std::optional<Matcher>, Diagnostic> find(const Request& request,
                                                       const ir::Program& program,
                                                       std::span<const Accessor> accessors,
                                                       Diagnostics& warnings) {
  if (!request.cache) return std::nullopt;
  auto found = request.cache->find(request.key);
  if (!found) warnings.add(std::move(found.error()));
  if (!found || !*found) return std::nullopt;
  auto matcher = Matcher::load(program, accessors, **found);
  if (matcher) return std::move(*matcher);
  // Executable memory is not to be had, whoever makes the code.
  if (matcher.error().code == Code::NATIVE_UNAVAILABLE) {
    return std::unexpected(std::move(matcher.error()));
  }
  warnings.add(Diagnostic::global(Code::CACHE_UNUSABLE, matcher.error().message,
                                  "code is generated as if the cache were empty"));
  return std::nullopt;
}

}  // namespace

std::expected<std::optional<Matcher>, Diagnostic> find_code(const CodeSource& source,
                                                            const ir::Program& program,
                                                            std::span<const Accessor> accessors,
                                                            Diagnostics& warnings) {
  const auto request = request_of(source, program, accessors);
  if (!request) return std::unexpected(request.error());
  return find(*request, program, accessors, warnings);
}

std::expected<Matcher, Diagnostic> get_code(const CodeSource& source, const ir::Program& program,
                                            std::span<const Accessor> accessors,
                                            Diagnostics& warnings) {
  const auto request = request_of(source, program, accessors);
  if (!request) return std::unexpected(request.error());
  auto found = find(*request, program, accessors, warnings);
  if (!found) return std::unexpected(std::move(found.error()));
  if (*found) return std::move(**found);
  auto object = run_generator(request->generator, Product::OBJECT, request->absent, request->bundle,
                              source.stop);
  if (!object) return std::unexpected(std::move(object.error()));
  auto matcher = Matcher::load(program, accessors, *object);
  if (matcher && request->cache) {
    if (auto stored = request->cache->store(request->key, *object); !stored) {
      warnings.add(std::move(stored.error()));
    }
  }
  return matcher;
}

}  // namespace falcoc::native

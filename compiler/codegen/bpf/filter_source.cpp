// Cache first, then the generator.
#include "compiler/codegen/bpf/filter_source.h"

#include <optional>

#include "compiler/bundle/bundle.h"
#include "compiler/codegen/native/cache.h"
#include "compiler/codegen/native/generator_process.h"

namespace falcoc::bpf {
namespace {

/// In the place of the fields that nothing supplies, on which filters do not depend.
constexpr std::string_view kKeyPart = "filters";

std::unexpected<Diagnostic> unusable(std::string message) {
  return std::unexpected(
      Diagnostic::global(Code::FILTERS_UNUSABLE, std::move(message),
                         "every event that a rule names is decided by falcod, at a higher cost"));
}

}  // namespace

std::expected<Filters, Diagnostic> get_filters(const native::CodeSource& source,
                                               const ir::Program& program, Diagnostics& warnings) {
  const std::string generator =
      source.generator.empty() ? native::find_generator() : source.generator;
  if (generator.empty()) {
    return unusable("kernel filters cannot be made: falcoc-codegen is not installed");
  }
  const std::string bundle = bundle::write(program);
  const std::string key =
      native::object_key(bundle, kKeyPart, native::generator_identity(generator));
  std::optional<native::ObjectCache> cache;
  if (!source.cache_directory.empty()) cache.emplace(source.cache_directory);
  if (cache) {
    auto found = cache->find(key);
    if (!found) warnings.add(std::move(found.error()));
    if (found && *found) {
      auto filters = read_filters(**found, program.rules.size());
      if (filters) return filters;
      warnings.add(std::move(filters.error()));
    }
  }
  const std::string absent(program.fields.size(), '0');
  auto text =
      native::run_generator(generator, native::Product::FILTERS, absent, bundle, source.stop);
  if (!text) return unusable(std::move(text.error().message));
  auto filters = read_filters(*text, program.rules.size());
  if (filters && cache) {
    if (auto stored = cache->store(key, *text); !stored) warnings.add(std::move(stored.error()));
  }
  return filters;
}

}  // namespace falcoc::bpf

// Templates of sinks: any text is refused with a reason, or renders within its bounds.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "runtime/route/template.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using falcod::route::Template;
  static const nlohmann::json alert = {
      {"Rule", "r"},
      {"Tags", {"a", "b"}},
      {"OutputFields", {{"proc.name", "cat"}, {"n", 7}, {"f", 0.5}, {"none", nullptr}}}};
  const auto parsed = Template::parse({reinterpret_cast<const char*>(data), size});
  if (!parsed) {
    if (parsed.error().empty()) std::abort();
    return 0;
  }
  if (parsed->render(alert).size() > Template::kMaxText) std::abort();
  return 0;
}

// Configuration files: the bytes are a falco.yaml; the first line, if it begins with `#-o `, is a
// setting of the command line.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "runtime/config/node.h"
#include "runtime/config/read.h"
#include "runtime/config/setting.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace falcod;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const config::Environment environment = [](const std::string& name) {
    return name.empty() ? std::nullopt : std::optional<std::string>{"${" + name + "}"};
  };
  // A file in memory, so that the loader is run as it is.
  static const std::string path = [] {
    const int fd = ::memfd_create("config", 0);
    if (fd < 0) std::abort();
    return "/proc/self/fd/" + std::to_string(fd);
  }();
  {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
  }
  config::Request request{.path = path};
  constexpr std::string_view kSetting = "#-o ";
  if (text.starts_with(kSetting)) {
    request.settings.push_back(text.substr(kSetting.size(), text.find('\n') - kSetting.size()));
  }
  // A file that includes folders of this machine would make runs differ.
  if (text.find("config_files") != text.npos) return 0;
  falcoc::SourceMap sources;
  falcoc::Diagnostics diagnostics;
  config::load(request, environment, sources, diagnostics);
  for (const falcoc::Diagnostic& diagnostic : diagnostics.items()) {
    // Every place that is told of must be one.
    if (falcoc::render_text(diagnostic, sources, false).empty()) std::abort();
  }
  return 0;
}

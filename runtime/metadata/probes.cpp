// See probes.h.
#include "runtime/metadata/probes.h"

namespace falcod::metadata {

std::vector<std::string> docker_healthcheck(const Json& healthcheck) {
  std::vector<std::string> words = texts_of(member(healthcheck, "Test"));
  if (words.size() < 2) return {};
  const std::string how = words.front();
  words.erase(words.begin());
  if (how == "CMD") return words;
  if (how == "CMD-SHELL") return {"/bin/sh", "-c", words.front()};
  return {};
}

void add_kubernetes_probes(Container& container, const std::string& manifest) {
  if (manifest.empty()) return;
  const Json parsed = parse_json(manifest);
  const Json& containers = member(member(parsed, "spec"), "containers");
  if (!containers.is_array()) return;
  const std::string& name = container.name;
  for (const Json& spec : containers) {
    if (containers.size() > 1 && text_of(spec, "name") != name) continue;
    const auto words = [&spec](std::string_view key) {
      return texts_of(member(member(member(spec, key), "exec"), "command"));
    };
    container.liveness_probe = words("livenessProbe");
    container.readiness_probe = words("readinessProbe");
    return;
  }
}

}  // namespace falcod::metadata

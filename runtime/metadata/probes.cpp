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

std::map<std::string, PodProbes> pod_probes(const Json& pod) {
  std::map<std::string, PodProbes> probes;
  const Json& containers = member(member(pod, "spec"), "containers");
  if (!containers.is_array()) return probes;
  for (const Json& spec : containers) {
    const auto words = [&spec](std::string_view key) {
      return texts_of(member(member(member(spec, key), "exec"), "command"));
    };
    PodProbes own{.liveness = words("livenessProbe"), .readiness = words("readinessProbe")};
    if (own != PodProbes{} && probes.size() < kMaxItems) {
      probes[text_of(spec, "name")] = std::move(own);
    }
  }
  return probes;
}

void add_kubernetes_probes(Container& container, const std::string& manifest) {
  if (manifest.empty()) return;
  const Json pod = parse_json(manifest);
  auto probes = pod_probes(pod);
  const Json& containers = member(member(pod, "spec"), "containers");
  // Docker names containers of pods otherwise than their manifests.
  auto own = containers.is_array() && containers.size() == 1 ? probes.begin()
                                                             : probes.find(container.name);
  if (own == probes.end()) return;
  container.liveness_probe = std::move(own->second.liveness);
  container.readiness_probe = std::move(own->second.readiness);
}

}  // namespace falcod::metadata

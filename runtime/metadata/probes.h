// Commands that engines and kubelets run in a container to learn whether it is well.
#pragma once

#include "runtime/metadata/json.h"
#include "runtime/state/containers.h"

namespace falcod::metadata {

/// The label of Docker containers of Kubernetes that holds the pod's manifest.
inline constexpr std::string_view kLastAppliedConfig =
    "io.kubernetes.container.last-applied-config";
/// The annotation with the manifest as kubectl applied it.
inline constexpr std::string_view kLastAppliedManifest =
    "kubectl.kubernetes.io/last-applied-configuration";

/// The words of a healthcheck (`Test`: CMD word… or CMD-SHELL line); empty if there is none.
std::vector<std::string> docker_healthcheck(const Json& healthcheck);

/// Those of all containers of a pod, by their names.
std::map<std::string, PodProbes> pod_probes(const Json& pod);

/// Probes of the container in a pod's manifest, given as JSON text: those of the container of this
/// name, or of the only one there is.
void add_kubernetes_probes(Container& container, const std::string& manifest);

}  // namespace falcod::metadata

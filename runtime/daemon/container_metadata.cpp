// See container_metadata.h.
#include "runtime/daemon/container_metadata.h"

#include <fmt/format.h>

namespace falcod {

namespace {

std::optional<metadata::KubeAccess> cluster_access(const KubernetesSettings& settings,
                                                   const Reporter& reporter) {
  const bool named = !settings.kubeconfig.empty();
  if (!settings.enabled || (!named && !metadata::is_in_cluster())) return std::nullopt;
  auto access = named ? metadata::kubeconfig_access(settings.kubeconfig, settings.context)
                      : metadata::in_cluster_access();
  if (access) return std::move(*access);
  reporter.show(falcoc::Diagnostic::global(
      falcoc::Code::KUBERNETES_UNUSABLE,
      fmt::format("the Kubernetes API server is not asked: {}", access.error()),
      named ? "mend metadata.kubernetes.kubeconfig in falco.yaml"
            : "give falcod's pod a service account, or set metadata.kubernetes.enabled: false"));
  return std::nullopt;
}

}  // namespace

std::unique_ptr<metadata::Service> start_metadata(const MetadataSettings& settings,
                                                  const Reporter& reporter) {
  return std::make_unique<metadata::Service>(settings,
                                             cluster_access(settings.kubernetes, reporter));
}

}  // namespace falcod

// How a Kubernetes API server is reached, and as whom: the service account of a pod, or a
// kubeconfig.
#pragma once

#include <expected>
#include <string>

namespace falcod::metadata {

struct KubeAccess {
  std::string server;  ///< "https://10.0.0.1:6443"
  /// Certificates and keys as PEM texts; empty: the system's authorities, no certificate.
  std::string ca{}, client_cert{}, client_key{};
  bool insecure = false;
  std::string token{};
  std::string token_file{};  ///< read again for each request: tokens are exchanged every hour
  std::string user{}, password{};
};

/// Whether this process runs in a pod.
bool is_in_cluster();
/// By what a pod is told; `folder` holds its account.
std::expected<KubeAccess, std::string> in_cluster_access(
    const std::string& folder = "/var/run/secrets/kubernetes.io/serviceaccount");
/// By a kubeconfig; `context`: empty for its current one. Plugins that fetch tokens are not run.
std::expected<KubeAccess, std::string> kubeconfig_access(const std::string& path,
                                                         const std::string& context = {});
/// The name of this node as the cluster has it: `configured`, else FALCO_K8S_NODE_NAME, NODE_NAME,
/// the host's name.
std::string kube_node_name(const std::string& configured);

}  // namespace falcod::metadata

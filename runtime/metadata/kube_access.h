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
/// By the current context of a kubeconfig.
std::expected<KubeAccess, std::string> kubeconfig_access(const std::string& path);

}  // namespace falcod::metadata

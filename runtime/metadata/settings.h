// Which container engines are asked, and how much is kept of what they say: the container plugin's
// configuration in Falco's words.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace falcod {

struct EngineSettings {
  bool enabled = true;
  std::vector<std::string> sockets{};  ///< empty: the usual ones
};

struct KubernetesSettings {
  bool enabled = true;       ///< in a pod: ask its cluster's API server
  std::string kubeconfig{};  ///< ask the server of this file's current context instead
  std::string context{};     ///< …or of this one
  /// Name of this node; empty: FALCO_K8S_NODE_NAME or NODE_NAME, else the host's.
  std::string node{};
};

struct MetadataSettings {
  /// How long rules wait for the metadata of a new container.
  std::chrono::milliseconds wait{1000};
  size_t label_max_len = 100;  ///< labels with longer values are left out
  bool on_create = true;       ///< hooks: containers are looked up when engines tell of them…
  bool on_start = false;       ///< …and again when they are started
  EngineSettings docker{}, podman{}, containerd{}, cri{};
  std::vector<std::string> podman_storage{};  ///< graph roots; empty: the usual ones
  KubernetesSettings kubernetes{};
  std::string host_root{};  ///< HOST_ROOT: prefix of the host's paths
};

}  // namespace falcod

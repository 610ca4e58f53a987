// What a Kubernetes API server tells of a pod: its own object and those around it. Immutable and
// shared: made by the metadata service, read by the match loop.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace falcod {

struct KubernetesObject {
  std::string name, uid;
  std::map<std::string, std::string> labels{};

  bool operator==(const KubernetesObject&) const = default;
};

/// Commands that a kubelet runs in a container to learn whether it is well; empty: none.
struct PodProbes {
  std::vector<std::string> liveness{}, readiness{};

  bool operator==(const PodProbes&) const = default;
};

struct Pod {
  KubernetesObject self;
  std::string ip;
  KubernetesObject ns;  ///< its name is known even if the object is not
  std::optional<KubernetesObject> deployment{}, replica_set{}, replication_controller{};
  std::vector<KubernetesObject> services{};   ///< that select it, by name
  std::map<std::string, PodProbes> probes{};  ///< by container

  bool operator==(const Pod&) const = default;
};

using PodPtr = std::shared_ptr<const Pod>;

}  // namespace falcod

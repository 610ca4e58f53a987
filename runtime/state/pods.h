// What a Kubernetes API server tells of a pod: its own object and those around it. Immutable and
// shared: made by the metadata service, read by the match loop.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace falcod {

struct KubernetesObject {
  std::string name, uid;
  std::map<std::string, std::string> labels{};

  bool operator==(const KubernetesObject&) const = default;
};

/// One object for all pods around which it stands.
using KubernetesObjectPtr = std::shared_ptr<const KubernetesObject>;

/// What manages pods, directly or through another of these.
enum class OwnerKind : uint8_t {
  DEPLOYMENT,
  REPLICA_SET,
  REPLICATION_CONTROLLER,
  STATEFUL_SET,
  DAEMON_SET,
  JOB,
  CRON_JOB
};
inline constexpr size_t kOwnerKinds = 7;

/// Commands that a kubelet runs in a container to learn whether it is well; empty: none.
struct PodProbes {
  std::vector<std::string> liveness{}, readiness{};

  bool operator==(const PodProbes&) const = default;
};

struct Pod {
  KubernetesObjectPtr self;
  KubernetesObjectPtr ns;  ///< its name is known even if the object is not
  std::string ip{};
  std::array<KubernetesObjectPtr, kOwnerKinds> owners{};  ///< by OwnerKind; null: none
  std::vector<KubernetesObjectPtr> services{};            ///< that select it, by name
  std::map<std::string, PodProbes> probes{};              ///< by container

  const KubernetesObjectPtr& owner(OwnerKind kind) const {
    return owners[static_cast<size_t>(kind)];
  }
  /// Whether it is made of the same objects.
  bool operator==(const Pod&) const = default;
};

using PodPtr = std::shared_ptr<const Pod>;

}  // namespace falcod

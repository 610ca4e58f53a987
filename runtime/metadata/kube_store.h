// The objects of a Kubernetes API server that concern the pods of one node, and what follows from
// them for each pod. Pure: objects in, pods out; one thread at a time.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/metadata/json.h"
#include "runtime/state/pods.h"

namespace falcod::metadata {

enum class KubeKind : uint8_t { POD, NAMESPACE, SERVICE };

/// An owner to be fetched: a replica set, a replication controller or a deployment.
struct KubeOwner {
  std::string kind, ns, name, uid;
};

class KubeStore {
 public:
  /// More than a node or cluster has; what is beyond is left out.
  static constexpr size_t kMaxObjects = 65536;

  /// Told of every pod that is not what it was; null: it is gone. Pods have two uids where their
  /// kubelet made them from a file.
  using Changed = std::function<void(const std::string& uid, PodPtr pod)>;

  KubeStore(size_t label_max_len, Changed changed);

  void put(KubeKind kind, const Json& object);
  void remove(KubeKind kind, const Json& object);
  /// These and no others are there.
  void replace(KubeKind kind, const std::vector<Json>& objects);

  /// Owners that pods name and nobody has fetched yet; each is told of once.
  std::vector<KubeOwner> missing_owners();
  /// Null JSON: there is none.
  void put_owner(const KubeOwner& owner, const Json& object);

  /// Whether the pod is known with all its owners.
  bool is_complete(const std::string& uid) const;
  size_t size() const {
    return pods_.size() + namespaces_.size() + service_count_ + owners_.size();
  }

 private:
  struct Reference {
    std::string kind, name, uid;
  };
  struct PodObject {
    KubernetesObject self;
    std::string ns, ip, mirror;
    std::map<std::string, PodProbes> probes;
    std::optional<Reference> owner;
    PodPtr told;
  };
  struct Service {
    KubernetesObject self;
    std::map<std::string, std::string> selector;
  };
  struct Owner {
    bool fetched = false, asked = false;
    KubernetesObject self;
    std::optional<Reference> owner;
  };

  KubernetesObject object_of(const Json& object) const;
  static std::optional<Reference> controller_of(const Json& object);
  /// Without composing; the namespace whose pods are affected, empty if none is.
  std::string store(KubeKind kind, const Json& object);
  void put_pod(const Json& object);
  void put_service(const Json& object, const std::string& ns);
  void remove_service(const std::string& ns, const std::string& uid);
  void compose(PodObject& pod);
  void compose_in(const std::string& ns);
  void forget_pod(const std::string& uid);
  void want_owner(const Reference& reference, const std::string& ns);
  const Owner* owner_of(const std::optional<Reference>& reference) const;
  bool owners_fetched(const PodObject& pod) const;

  size_t label_max_len_;
  Changed changed_;
  std::unordered_map<std::string, PodObject> pods_;       ///< by uid
  std::unordered_map<std::string, std::string> mirrors_;  ///< uids of kubelets to those of the API
  std::unordered_map<std::string, KubernetesObject> namespaces_;              ///< by name
  std::unordered_map<std::string, std::map<std::string, Service>> services_;  ///< by namespace, uid
  size_t service_count_ = 0;
  std::unordered_map<std::string, Owner> owners_;  ///< by uid
  std::vector<KubeOwner> missing_;
};

}  // namespace falcod::metadata

// The objects of a Kubernetes API server that concern the pods of one node, and what follows from
// them for each pod. Pure: objects in, pods out; one thread at a time.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/metadata/json.h"
#include "runtime/state/pods.h"

namespace falcod::metadata {

enum class KubeKind : uint8_t { POD, NAMESPACE, SERVICE };

/// An owner to be fetched: what manages a pod, or what manages that.
struct KubeOwner {
  std::string kind, ns, name, uid;
};

/// Where the API has objects of an owner's kind.
struct OwnerResource {
  std::string_view kind, group, path;
  OwnerKind id;
};
/// Null for kinds that no field shows.
const OwnerResource* owner_resource(std::string_view kind);

class KubeStore {
 public:
  using Clock = std::chrono::steady_clock;
  /// More than a node or cluster has; what is beyond is left out.
  static constexpr size_t kMaxObjects = 65536;
  /// Names are not longer in Kubernetes; an object with a longer one is left out.
  static constexpr size_t kMaxName = 253;
  /// Labels kept of one object.
  static constexpr size_t kMaxLabels = 256;
  /// Owners are fetched again after this time: nobody tells of their changes.
  static constexpr std::chrono::minutes kOwnerAge{5};
  /// A new pod is told of when its owners are known, or after this time.
  static constexpr std::chrono::milliseconds kOwnersWait{500};
  /// Pods that are gone stay known to late events for so long.
  static constexpr std::chrono::seconds kGrace{60};

  /// Told of every pod that is not what it was; null: it is gone. Pods have two uids where their
  /// kubelet made them from a file.
  using Changed = std::function<void(const std::string& uid, PodPtr pod)>;

  KubeStore(size_t label_max_len, Changed changed);

  void put(KubeKind kind, const Json& object);
  void remove(KubeKind kind, const Json& object, Clock::time_point now);
  /// A list comes page by page: what none of its pages had is gone at its end.
  void begin_list(KubeKind kind);
  void put_listed(KubeKind kind, const Json& object);
  void end_list(KubeKind kind, Clock::time_point now);
  /// Ends what is gone for longer than kGrace, and tells of pods that wait for too long.
  void expire(Clock::time_point now);

  /// Owners that pods name and nobody has fetched yet; each is told of once.
  std::vector<KubeOwner> missing_owners();
  /// Owners older than kOwnerAge; each is told of once in that time.
  std::vector<KubeOwner> stale_owners(Clock::time_point now);
  /// Null JSON: there is none.
  void put_owner(const KubeOwner& owner, const Json& object, Clock::time_point now);

  /// Whether the pod is known with all its owners.
  bool is_complete(const std::string& uid) const;
  size_t size() const {
    return pods_.size() + namespaces_.size() + service_count_ + owners_.size();
  }
  size_t pods() const { return pods_.size(); }
  uint64_t labels_cut() const { return labels_cut_; }
  uint64_t objects_left_out() const { return objects_left_out_; }

 private:
  struct Reference {
    const OwnerResource* resource = nullptr;
    std::string name, uid;
  };
  struct PodObject {
    KubernetesObjectPtr self;
    std::string ns, ip, mirror;
    std::map<std::string, PodProbes> probes;
    std::optional<Reference> owner;
    PodPtr told;
  };
  struct Service {
    KubernetesObjectPtr self;
    std::map<std::string, std::string> selector;
  };
  struct Owner {
    bool fetched = false;
    Clock::time_point when{};
    KubernetesObjectPtr self;
    std::string ns;
    const OwnerResource* resource = nullptr;
    std::optional<Reference> owner;
  };
  struct Leaving {
    Clock::time_point since;
    std::string uid, mirror;
  };

  std::optional<KubernetesObject> object_of(const Json& object);
  static std::optional<Reference> controller_of(const Json& object);
  /// Without composing; the namespace whose pods are affected, empty if none is.
  std::string store(KubeKind kind, const Json& object);
  void put_pod(const Json& object, KubernetesObject self);
  void put_service(const Json& object, const std::string& ns, KubernetesObject self);
  void remove_service(const std::string& ns, const std::string& uid);
  /// `now_or_never`: its owners are not waited for.
  void compose(PodObject& pod, bool now_or_never = false);
  void compose_in(const std::string& ns);
  void forget_pod(const std::string& uid, Clock::time_point now);
  void want_owner(const Reference& reference, const std::string& ns);
  const Owner* owner_of(const std::optional<Reference>& reference) const;
  bool owners_fetched(const PodObject& pod) const;
  void forget_unlisted(KubeKind kind, Clock::time_point now);

  size_t label_max_len_;
  Changed changed_;
  std::unordered_map<std::string, PodObject> pods_;       ///< by uid
  std::unordered_map<std::string, std::string> mirrors_;  ///< uids of kubelets to those of the API
  std::unordered_map<std::string, KubernetesObjectPtr> namespaces_;           ///< by name
  std::unordered_map<std::string, std::map<std::string, Service>> services_;  ///< by namespace, uid
  size_t service_count_ = 0;
  std::unordered_map<std::string, Owner> owners_;  ///< by uid
  std::vector<KubeOwner> missing_;
  std::deque<Leaving> leaving_;
  std::unordered_map<std::string, Clock::time_point> untold_;  ///< uids of pods: since when
  std::array<std::set<std::string>, 3> listed_;  ///< uids of the list that is coming, by kind
  uint64_t labels_cut_ = 0, objects_left_out_ = 0;
};

}  // namespace falcod::metadata

// See kube_store.h.
#include "runtime/metadata/kube_store.h"

#include <algorithm>

#include "runtime/metadata/probes.h"

namespace falcod::metadata {

namespace {

const Json& metadata_of(const Json& object) { return member(object, "metadata"); }

bool selects(const std::map<std::string, std::string>& selector,
             const std::map<std::string, std::string>& labels) {
  return !selector.empty() && std::ranges::all_of(selector, [&](const auto& wanted) {
    const auto found = labels.find(wanted.first);
    return found != labels.end() && found->second == wanted.second;
  });
}

}  // namespace

KubeStore::KubeStore(size_t label_max_len, Changed changed)
    : label_max_len_(label_max_len), changed_(std::move(changed)) {}

KubernetesObject KubeStore::object_of(const Json& object) const {
  const Json& metadata = metadata_of(object);
  return {.name = text_of(metadata, "name"),
          .uid = text_of(metadata, "uid"),
          .labels = labels_of(member(metadata, "labels"), label_max_len_)};
}

/// The owner that manages it; there is one at most.
std::optional<KubeStore::Reference> KubeStore::controller_of(const Json& object) {
  const Json& owners = member(metadata_of(object), "ownerReferences");
  if (!owners.is_array()) return std::nullopt;
  for (const Json& owner : owners) {
    if (!switch_of(owner, "controller")) continue;
    return Reference{text_of(owner, "kind"), text_of(owner, "name"), text_of(owner, "uid")};
  }
  return std::nullopt;
}

void KubeStore::put(KubeKind kind, const Json& object) {
  if (const std::string ns = store(kind, object); !ns.empty()) compose_in(ns);
}

std::string KubeStore::store(KubeKind kind, const Json& object) {
  KubernetesObject self = object_of(object);
  if (self.uid.empty() || self.name.empty()) return {};
  std::string ns = text_of(metadata_of(object), "namespace");
  if (kind == KubeKind::POD) {
    put_pod(object);
    return {};
  }
  if (kind == KubeKind::SERVICE) {
    put_service(object, ns);
    return ns;
  }
  if (namespaces_.size() >= kMaxObjects && !namespaces_.contains(self.name)) return {};
  ns = self.name;
  namespaces_[ns] = std::move(self);
  return ns;
}

void KubeStore::put_service(const Json& object, const std::string& ns) {
  KubernetesObject self = object_of(object);
  auto& services = services_[ns];
  if (!services.contains(self.uid) && service_count_++ >= kMaxObjects) {
    --service_count_;
    return;
  }
  Service& service = services[self.uid];
  service.selector = labels_of(member(member(object, "spec"), "selector"), kMaxText);
  service.self = std::move(self);
}

void KubeStore::remove_service(const std::string& ns, const std::string& uid) {
  const auto found = services_.find(ns);
  if (found == services_.end()) return;
  service_count_ -= found->second.erase(uid);
  if (found->second.empty()) services_.erase(found);
}

void KubeStore::put_pod(const Json& object) {
  KubernetesObject self = object_of(object);
  if (pods_.size() >= kMaxObjects && !pods_.contains(self.uid)) return;
  const Json& metadata = metadata_of(object);
  PodObject& pod = pods_[self.uid];
  pod.self = std::move(self);
  pod.ns = text_of(metadata, "namespace");
  pod.ip = text_of(member(object, "status"), "podIP");
  pod.mirror = text_of(member(metadata, "annotations"), "kubernetes.io/config.mirror");
  pod.owner = controller_of(object);
  pod.probes = pod_probes(object);
  if (!pod.mirror.empty()) mirrors_[pod.mirror] = pod.self.uid;
  if (pod.owner) want_owner(*pod.owner, pod.ns);
  compose(pod);
}

void KubeStore::want_owner(const Reference& reference, const std::string& ns) {
  const bool shown = reference.kind == "ReplicaSet" || reference.kind == "Deployment" ||
                     reference.kind == "ReplicationController";
  if (!shown || reference.uid.empty() || owners_.size() >= kMaxObjects) return;
  Owner& owner = owners_[reference.uid];
  if (owner.asked) return;
  owner.asked = true;
  missing_.push_back({reference.kind, ns, reference.name, reference.uid});
}

std::vector<KubeOwner> KubeStore::missing_owners() { return std::exchange(missing_, {}); }

void KubeStore::put_owner(const KubeOwner& wanted, const Json& object) {
  Owner& owner = owners_[wanted.uid];
  owner.fetched = true;
  // Another object of the same name is not the owner.
  if (text_of(metadata_of(object), "uid") == wanted.uid) {
    owner.self = object_of(object);
    owner.owner = controller_of(object);
  } else {
    owner.self = {.name = wanted.name, .uid = wanted.uid, .labels = {}};
  }
  if (const auto above = owner.owner) want_owner(*above, wanted.ns);
  compose_in(wanted.ns);
}

const KubeStore::Owner* KubeStore::owner_of(const std::optional<Reference>& reference) const {
  if (!reference) return nullptr;
  const auto found = owners_.find(reference->uid);
  return found == owners_.end() || !found->second.fetched ? nullptr : &found->second;
}

bool KubeStore::owners_fetched(const PodObject& pod) const {
  for (std::optional<Reference> above = pod.owner; above;) {
    const auto found = owners_.find(above->uid);
    if (found == owners_.end()) return true;  // of a kind that no field shows
    if (!found->second.fetched) return false;
    above = found->second.owner;
  }
  return true;
}

/// What the objects say of the pod now; told of if it is not what was told before.
void KubeStore::compose(PodObject& pod) {
  Pod now{.self = pod.self,
          .ip = pod.ip,
          .ns = {.name = pod.ns, .uid = {}, .labels = {}},
          .probes = pod.probes};
  if (const auto ns = namespaces_.find(pod.ns); ns != namespaces_.end()) now.ns = ns->second;
  const auto assign = [&now](const Reference& reference, const Owner& owner) {
    if (reference.kind == "Deployment") now.deployment = owner.self;
    if (reference.kind == "ReplicaSet") now.replica_set = owner.self;
    if (reference.kind == "ReplicationController") now.replication_controller = owner.self;
  };
  if (const Owner* owner = owner_of(pod.owner)) {
    assign(*pod.owner, *owner);
    if (const Owner* above = owner_of(owner->owner)) assign(*owner->owner, *above);
  }
  if (const auto services = services_.find(pod.ns); services != services_.end()) {
    for (const auto& [uid, service] : services->second) {
      if (selects(service.selector, pod.self.labels)) now.services.push_back(service.self);
    }
  }
  std::ranges::sort(now.services, {}, &KubernetesObject::name);
  if (pod.told != nullptr && *pod.told == now) return;
  pod.told = std::make_shared<const Pod>(std::move(now));
  changed_(pod.self.uid, pod.told);
  if (!pod.mirror.empty()) changed_(pod.mirror, pod.told);
}

void KubeStore::compose_in(const std::string& ns) {
  for (auto& [uid, pod] : pods_) {
    if (pod.ns == ns) compose(pod);
  }
}

void KubeStore::forget_pod(const std::string& uid) {
  const auto found = pods_.find(uid);
  if (found == pods_.end()) return;
  changed_(uid, nullptr);
  if (!found->second.mirror.empty()) {
    changed_(found->second.mirror, nullptr);
    mirrors_.erase(found->second.mirror);
  }
  const auto owner = found->second.owner;
  pods_.erase(found);
  // Owners without pods here are asked for again when there are some.
  const auto uses = [&](const std::string& owned) {
    return std::ranges::any_of(
        pods_, [&](const auto& pod) { return pod.second.owner && pod.second.owner->uid == owned; });
  };
  if (!owner || uses(owner->uid)) return;
  if (const auto gone = owners_.find(owner->uid); gone != owners_.end()) {
    const auto above = gone->second.owner;
    owners_.erase(gone);
    const bool shared = above && std::ranges::any_of(owners_, [&](const auto& other) {
                          return other.second.owner && other.second.owner->uid == above->uid;
                        });
    if (above && !shared) owners_.erase(above->uid);
  }
}

void KubeStore::remove(KubeKind kind, const Json& object) {
  const KubernetesObject self = object_of(object);
  if (kind == KubeKind::POD) return forget_pod(self.uid);
  if (kind == KubeKind::NAMESPACE) {
    namespaces_.erase(self.name);
    return;  // its pods are gone before it is
  }
  const std::string ns = text_of(metadata_of(object), "namespace");
  remove_service(ns, self.uid);
  compose_in(ns);
}

void KubeStore::replace(KubeKind kind, const std::vector<Json>& objects) {
  std::set<std::string> there;
  for (const Json& object : objects) there.insert(object_of(object).uid);
  const auto is_gone = [&](const std::string& uid) { return !there.contains(uid); };
  if (kind == KubeKind::POD) {
    std::vector<std::string> gone;
    for (const auto& [uid, pod] : pods_) {
      if (is_gone(uid)) gone.push_back(uid);
    }
    for (const std::string& uid : gone) forget_pod(uid);
  } else if (kind == KubeKind::NAMESPACE) {
    std::erase_if(namespaces_, [&](const auto& ns) { return is_gone(ns.second.uid); });
  } else {
    for (auto& [ns, services] : services_) {
      service_count_ -=
          std::erase_if(services, [&](const auto& service) { return is_gone(service.first); });
    }
  }
  for (const Json& object : objects) store(kind, object);
  if (kind == KubeKind::POD) return;
  for (auto& [uid, pod] : pods_) compose(pod);
}

bool KubeStore::is_complete(const std::string& uid) const {
  auto found = pods_.find(uid);
  if (found == pods_.end()) {
    const auto mirror = mirrors_.find(uid);
    if (mirror != mirrors_.end()) found = pods_.find(mirror->second);
  }
  return found != pods_.end() && owners_fetched(found->second);
}

}  // namespace falcod::metadata

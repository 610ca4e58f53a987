// See kube_store.h.
#include "runtime/metadata/kube_store.h"

#include <algorithm>

#include "runtime/metadata/probes.h"

namespace falcod::metadata {

namespace {

constexpr auto kOwnerResources = std::to_array<OwnerResource>({
    {"Deployment", "apps", "/apis/apps/v1/deployments", OwnerKind::DEPLOYMENT},
    {"ReplicaSet", "apps", "/apis/apps/v1/replicasets", OwnerKind::REPLICA_SET},
    {"ReplicationController", "", "/api/v1/replicationcontrollers",
     OwnerKind::REPLICATION_CONTROLLER},
    {"StatefulSet", "apps", "/apis/apps/v1/statefulsets", OwnerKind::STATEFUL_SET},
    {"DaemonSet", "apps", "/apis/apps/v1/daemonsets", OwnerKind::DAEMON_SET},
    {"Job", "batch", "/apis/batch/v1/jobs", OwnerKind::JOB},
    {"CronJob", "batch", "/apis/batch/v1/cronjobs", OwnerKind::CRON_JOB},
});

const Json& metadata_of(const Json& object) { return member(object, "metadata"); }

bool selects(const std::map<std::string, std::string>& selector,
             const std::map<std::string, std::string>& labels) {
  return !selector.empty() && std::ranges::all_of(selector, [&](const auto& wanted) {
    const auto found = labels.find(wanted.first);
    return found != labels.end() && found->second == wanted.second;
  });
}

/// An object that did not change stays the one it was: pods compare what they are made of.
void renew(KubernetesObjectPtr& object, KubernetesObject now) {
  if (object == nullptr || *object != now) {
    object = std::make_shared<const KubernetesObject>(std::move(now));
  }
}

}  // namespace

const OwnerResource* owner_resource(std::string_view kind) {
  const auto* found = std::ranges::find(kOwnerResources, kind, &OwnerResource::kind);
  return found == kOwnerResources.end() ? nullptr : found;
}

KubeStore::KubeStore(size_t label_max_len, Changed changed)
    : label_max_len_(label_max_len), changed_(std::move(changed)) {}

/// Nothing for what has no name or uid, or one that no server would accept.
std::optional<KubernetesObject> KubeStore::object_of(const Json& object) {
  const Json& metadata = metadata_of(object);
  KubernetesObject self{.name = text_of(metadata, "name"), .uid = text_of(metadata, "uid")};
  if (self.uid.empty() || self.name.empty()) return std::nullopt;
  if (self.uid.size() > kMaxName || self.name.size() > kMaxName) {
    ++objects_left_out_;
    return std::nullopt;
  }
  const Json& labels = member(metadata, "labels");
  if (!labels.is_object()) return self;
  for (const auto& [name, value] : labels.items()) {
    const auto* text = value.is_string() ? &value.get_ref<const std::string&>() : nullptr;
    if (text == nullptr || text->size() > label_max_len_ || name.size() > 2 * kMaxName ||
        self.labels.size() == kMaxLabels) {
      ++labels_cut_;
    } else {
      self.labels.emplace(name, *text);
    }
  }
  return self;
}

/// The owner that manages it, if fields show its kind; there is one at most.
std::optional<KubeStore::Reference> KubeStore::controller_of(const Json& object) {
  const Json& owners = member(metadata_of(object), "ownerReferences");
  if (!owners.is_array()) return std::nullopt;
  for (const Json& owner : owners) {
    if (!switch_of(owner, "controller")) continue;
    const OwnerResource* resource = owner_resource(text_of(owner, "kind"));
    const std::string version = text_of(owner, "apiVersion");
    const size_t slash = version.find('/');
    const std::string group = slash == std::string::npos ? std::string{} : version.substr(0, slash);
    // Other groups have kinds of the same names.
    if (resource == nullptr || (!version.empty() && group != resource->group)) return std::nullopt;
    Reference reference{resource, text_of(owner, "name"), text_of(owner, "uid")};
    const bool usable = !reference.uid.empty() && reference.uid.size() <= kMaxName &&
                        reference.name.size() <= kMaxName;
    return usable ? std::optional(std::move(reference)) : std::nullopt;
  }
  return std::nullopt;
}

void KubeStore::put(KubeKind kind, const Json& object) {
  if (const std::string ns = store(kind, object); !ns.empty()) compose_in(ns);
}

std::string KubeStore::store(KubeKind kind, const Json& object) {
  auto self = object_of(object);
  if (!self) return {};
  std::string ns = text_of(metadata_of(object), "namespace");
  if (kind == KubeKind::POD) {
    put_pod(object, std::move(*self));
    return {};
  }
  if (kind == KubeKind::SERVICE) {
    put_service(object, ns, std::move(*self));
    return ns;
  }
  if (namespaces_.size() >= kMaxObjects && !namespaces_.contains(self->name)) {
    ++objects_left_out_;
    return {};
  }
  ns = self->name;
  renew(namespaces_[ns], std::move(*self));
  return ns;
}

void KubeStore::put_service(const Json& object, const std::string& ns, KubernetesObject self) {
  auto& services = services_[ns];
  if (!services.contains(self.uid) && service_count_++ >= kMaxObjects) {
    --service_count_;
    ++objects_left_out_;
    return;
  }
  Service& service = services[self.uid];
  service.selector = labels_of(member(member(object, "spec"), "selector"), kMaxText);
  renew(service.self, std::move(self));
}

void KubeStore::remove_service(const std::string& ns, const std::string& uid) {
  const auto found = services_.find(ns);
  if (found == services_.end()) return;
  service_count_ -= found->second.erase(uid);
  if (found->second.empty()) services_.erase(found);
}

void KubeStore::put_pod(const Json& object, KubernetesObject self) {
  if (pods_.size() >= kMaxObjects && !pods_.contains(self.uid)) {
    ++objects_left_out_;
    return;
  }
  const Json& metadata = metadata_of(object);
  PodObject& pod = pods_[self.uid];
  renew(pod.self, std::move(self));
  pod.ns = text_of(metadata, "namespace");
  pod.ip = text_of(member(object, "status"), "podIP");
  pod.mirror = text_of(member(metadata, "annotations"), "kubernetes.io/config.mirror");
  pod.owner = controller_of(object);
  pod.probes = pod_probes(object);
  if (!pod.mirror.empty()) mirrors_[pod.mirror] = pod.self->uid;
  if (pod.owner) want_owner(*pod.owner, pod.ns);
  compose(pod);
}

void KubeStore::want_owner(const Reference& reference, const std::string& ns) {
  if (owners_.contains(reference.uid)) return;
  if (owners_.size() >= kMaxObjects) {
    ++objects_left_out_;
    return;
  }
  Owner& owner = owners_[reference.uid];
  owner.ns = ns;
  owner.resource = reference.resource;
  missing_.push_back({std::string(reference.resource->kind), ns, reference.name, reference.uid});
}

std::vector<KubeOwner> KubeStore::missing_owners() { return std::exchange(missing_, {}); }

std::vector<KubeOwner> KubeStore::stale_owners(Clock::time_point now) {
  std::vector<KubeOwner> stale;
  for (auto& [uid, owner] : owners_) {
    if (!owner.fetched || now - owner.when < kOwnerAge) continue;
    owner.when = now;
    stale.push_back({std::string(owner.resource->kind), owner.ns, owner.self->name, uid});
  }
  return stale;
}

void KubeStore::put_owner(const KubeOwner& wanted, const Json& object, Clock::time_point now) {
  const auto found = owners_.find(wanted.uid);
  if (found == owners_.end()) return;  // its pods are gone since
  Owner& owner = found->second;
  owner.fetched = true;
  owner.when = now;
  // Another object of the same name is not the owner.
  auto self = object_of(object);
  if (self && self->uid == wanted.uid) {
    renew(owner.self, std::move(*self));
    owner.owner = controller_of(object);
  } else if (owner.self == nullptr) {
    renew(owner.self, {.name = wanted.name, .uid = wanted.uid});
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
  const auto found = pod.owner ? owners_.find(pod.owner->uid) : owners_.end();
  if (found == owners_.end()) return true;  // there is none, or no room for it
  if (!found->second.fetched) return false;
  const auto& above = found->second.owner;
  const auto second = above ? owners_.find(above->uid) : owners_.end();
  return second == owners_.end() || second->second.fetched;
}

/// What the objects say of the pod now; told of if it is not what was told before.
void KubeStore::compose(PodObject& pod, bool now_or_never) {
  if (pod.told == nullptr && !now_or_never && !owners_fetched(pod)) {
    untold_.try_emplace(pod.self->uid);
    return;
  }
  Pod now{.self = pod.self, .ns = {}, .ip = pod.ip, .probes = pod.probes};
  if (const auto ns = namespaces_.find(pod.ns); ns != namespaces_.end()) {
    now.ns = ns->second;
  } else {
    if (pod.told != nullptr) now.ns = pod.told->ns;
    renew(now.ns, {.name = pod.ns, .uid = {}});
  }
  const auto assign = [&now](const Owner& owner) {
    now.owners[static_cast<size_t>(owner.resource->id)] = owner.self;
  };
  if (const Owner* owner = owner_of(pod.owner)) {
    assign(*owner);
    if (const Owner* above = owner_of(owner->owner)) assign(*above);
  }
  if (const auto services = services_.find(pod.ns); services != services_.end()) {
    for (const auto& [uid, service] : services->second) {
      if (selects(service.selector, pod.self->labels)) now.services.push_back(service.self);
    }
  }
  std::ranges::sort(now.services, {}, [](const auto& service) { return service->name; });
  if (pod.told != nullptr && *pod.told == now) return;
  pod.told = std::make_shared<const Pod>(std::move(now));
  changed_(pod.self->uid, pod.told);
  if (!pod.mirror.empty()) changed_(pod.mirror, pod.told);
}

void KubeStore::compose_in(const std::string& ns) {
  for (auto& [uid, pod] : pods_) {
    if (pod.ns == ns) compose(pod);
  }
}

/// What was told of it holds until expire() ends it.
void KubeStore::forget_pod(const std::string& uid, Clock::time_point now) {
  const auto found = pods_.find(uid);
  if (found == pods_.end()) return;
  leaving_.push_back({now, uid, found->second.mirror});
  mirrors_.erase(found->second.mirror);
  const auto owner = found->second.owner;
  pods_.erase(found);
  if (leaving_.size() > kMaxObjects) expire(leaving_.front().since + kGrace);
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
    if (above && !shared && !uses(above->uid)) owners_.erase(above->uid);
  }
}

void KubeStore::expire(Clock::time_point now) {
  while (!leaving_.empty() && now - leaving_.front().since >= kGrace) {
    const Leaving gone = std::move(leaving_.front());
    leaving_.pop_front();
    if (!pods_.contains(gone.uid)) changed_(gone.uid, nullptr);
    if (!gone.mirror.empty() && !mirrors_.contains(gone.mirror)) changed_(gone.mirror, nullptr);
  }
  for (auto entry = untold_.begin(); entry != untold_.end();) {
    const auto pod = pods_.find(entry->first);
    const bool is_waiting = pod != pods_.end() && pod->second.told == nullptr;
    if (entry->second == Clock::time_point{}) entry->second = now;
    if (is_waiting && now - entry->second < kOwnersWait) {
      ++entry;
      continue;
    }
    if (is_waiting) compose(pod->second, true);
    entry = untold_.erase(entry);
  }
}

void KubeStore::remove(KubeKind kind, const Json& object, Clock::time_point now) {
  const auto self = object_of(object);
  if (!self) return;
  if (kind == KubeKind::POD) return forget_pod(self->uid, now);
  if (kind == KubeKind::NAMESPACE) {
    namespaces_.erase(self->name);
    return;  // its pods are gone before it is
  }
  const std::string ns = text_of(metadata_of(object), "namespace");
  remove_service(ns, self->uid);
  compose_in(ns);
}

void KubeStore::begin_list(KubeKind kind) { listed_[static_cast<size_t>(kind)].clear(); }

void KubeStore::put_listed(KubeKind kind, const Json& object) {
  auto& listed = listed_[static_cast<size_t>(kind)];
  if (listed.size() < 2 * kMaxObjects) listed.insert(text_of(metadata_of(object), "uid"));
  store(kind, object);
}

void KubeStore::end_list(KubeKind kind, Clock::time_point now) {
  forget_unlisted(kind, now);
  begin_list(kind);
  if (kind == KubeKind::POD) return;
  for (auto& [uid, pod] : pods_) compose(pod);
}

void KubeStore::forget_unlisted(KubeKind kind, Clock::time_point now) {
  const auto is_gone = [&](const std::string& uid) {
    return !listed_[static_cast<size_t>(kind)].contains(uid);
  };
  if (kind == KubeKind::POD) {
    std::vector<std::string> gone;
    for (const auto& [uid, pod] : pods_) {
      if (is_gone(uid)) gone.push_back(uid);
    }
    for (const std::string& uid : gone) forget_pod(uid, now);
  } else if (kind == KubeKind::NAMESPACE) {
    std::erase_if(namespaces_, [&](const auto& ns) { return is_gone(ns.second->uid); });
  } else {
    for (auto& [ns, services] : services_) {
      service_count_ -=
          std::erase_if(services, [&](const auto& service) { return is_gone(service.first); });
    }
    std::erase_if(services_, [](const auto& entry) { return entry.second.empty(); });
  }
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

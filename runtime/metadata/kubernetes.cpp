// See kubernetes.h.
#include "runtime/metadata/kubernetes.h"

#include <algorithm>

namespace falcod::metadata {

namespace {

std::string owner_path(const KubeOwner& owner) {
  const bool core = owner.kind == "ReplicationController";
  const std::string plural = core                         ? "replicationcontrollers"
                             : owner.kind == "ReplicaSet" ? "replicasets"
                                                          : "deployments";
  return (core ? "/api/v1" : "/apis/apps/v1") + ("/namespaces/" + owner.ns + "/") + plural + "/" +
         owner.name;
}

/// Names of Kubernetes are made of these; anything else would be another path.
bool is_name(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

}  // namespace

Kubernetes::Kubernetes(KubeAccess access, const std::string& node, size_t label_max_len,
                       Mailbox<ContainerAnswer>& answers)
    : client_(std::move(access)),
      store_(label_max_len, [&answers](const std::string& uid, PodPtr pod) {
        answers.put({.id = {}, .known = pod != nullptr, .pod_uid = uid, .pod = std::move(pod)});
      }) {
  threads_.emplace_back([this] { watch(KubeKind::NAMESPACE, "/api/v1/namespaces"); });
  threads_.emplace_back([this] { watch(KubeKind::SERVICE, "/api/v1/services"); });
  threads_.emplace_back(
      [this, node] { watch(KubeKind::POD, "/api/v1/pods?fieldSelector=spec.nodeName%3D" + node); });
  threads_.emplace_back([this] { fetch_owners(); });
}

Kubernetes::~Kubernetes() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  client_.stop();
  threads_.clear();
}

bool Kubernetes::wait_for_pod(const std::string& uid, std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  const auto settled = [&] { return stopping_ || !reachable_ || store_.is_complete(uid); };
  changed_.wait_for(lock, limit, settled);
  return store_.is_complete(uid);
}

bool Kubernetes::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

void Kubernetes::set_reachable(KubeKind kind, bool reachable) {
  if (kind != KubeKind::POD) return;
  const std::lock_guard lock(mutex_);
  reachable_ = reachable;
  changed_.notify_all();
}

void Kubernetes::changed() {
  for (KubeOwner& owner : store_.missing_owners()) {
    if (is_name(owner.ns) && is_name(owner.name)) owners_.push_back(std::move(owner));
  }
  changed_.notify_all();
}

void Kubernetes::apply(KubeKind kind, const std::string& type, const Json& object,
                       std::string& version) {
  const std::string now = text_of(member(object, "metadata"), "resourceVersion");
  if (!now.empty()) version = now;
  if (type == "BOOKMARK") return;
  const std::lock_guard lock(mutex_);
  if (type == "DELETED") {
    store_.remove(kind, object);
  } else {
    store_.put(kind, object);
  }
  changed();
}

/// A watch that ends goes on where it was, unless the server does not remember so far back.
void Kubernetes::watch(KubeKind kind, const std::string& path) {
  std::string version;
  std::chrono::milliseconds time = kFirstPause;
  while (true) {
    if (version.empty()) {
      if (auto list = client_.list(path)) {
        version = list->version;
        const std::lock_guard lock(mutex_);
        store_.replace(kind, list->items);
        changed();
      }
    }
    if (!version.empty()) {
      set_reachable(kind, true);
      const auto begin = std::chrono::steady_clock::now();
      const KubeError ended = client_.watch(
          path, version,
          [&](const std::string& type, const Json& object) { apply(kind, type, object, version); });
      if (ended.status == kKubeGone) version.clear();
      const bool lasted = std::chrono::steady_clock::now() - begin > kLastPause;
      if (ended.status == 200 || ended.status == kKubeGone || lasted) time = kFirstPause;
      if (ended.status != 200 && ended.status != kKubeGone) set_reachable(kind, false);
    }
    if (!pause(time)) return;
    time = std::min(time * 2, kLastPause);
  }
}

void Kubernetes::fetch_owners() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !owners_.empty(); });
    if (stopping_) return;
    const KubeOwner owner = owners_.front();
    lock.unlock();
    const auto object = client_.get(owner_path(owner));
    const bool answered =
        object.has_value() || (object.error().status >= 400 && object.error().status < 500 &&
                               object.error().status != 401 && object.error().status != 429);
    if (!answered && !pause(kFirstPause * 5)) return;
    lock.lock();
    if (!answered) continue;
    owners_.pop_front();
    store_.put_owner(owner, object ? *object : Json{});
    changed();
  }
}

}  // namespace falcod::metadata

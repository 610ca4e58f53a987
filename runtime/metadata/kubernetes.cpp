// See kubernetes.h.
#include "runtime/metadata/kubernetes.h"

#include <algorithm>

namespace falcod::metadata {

namespace {

int64_t seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             Kubernetes::Clock::now().time_since_epoch())
      .count();
}

/// "/apis/apps/v1/namespaces/NAMESPACE/deployments/NAME".
std::string owner_path(const KubeOwner& owner) {
  const OwnerResource* resource = owner_resource(owner.kind);
  const size_t plural = resource->path.rfind('/');
  return std::string(resource->path.substr(0, plural)) + "/namespaces/" + owner.ns +
         std::string(resource->path.substr(plural)) + "/" + owner.name;
}

/// Names of Kubernetes are made of these; anything else would be another path.
bool is_name(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

/// What a user can do about a refusal.
std::string advice(long status, const std::string& what) {
  if (status == 401) return "; its token or certificate is not accepted";
  if (status == 403) return "; give its account the verbs get, list and watch on " + what;
  return {};
}

/// Answers that asking again at once would not change.
bool is_refusal(const KubeError& error) {
  return error.status >= 400 && error.status < 500 && error.status != 401 && error.status != 429;
}

}  // namespace

Kubernetes::Kubernetes(KubeAccess access, const std::string& node, size_t label_max_len,
                       Mailbox<ContainerAnswer>& answers)
    : client_(std::move(access)),
      store_(
          label_max_len,
          [&answers](const std::string& uid, PodPtr pod) {
            answers.put({.id = {}, .known = pod != nullptr, .pod_uid = uid, .pod = std::move(pod)});
          }),
      unreachable_since_(seconds_now()) {
  const auto start = [this](Watched watched) {
    threads_.emplace_back([this, watched = std::move(watched)] { watch(watched); });
  };
  start({KubeKind::NAMESPACE, "namespaces", {"/api/v1/namespaces", true}});
  start({KubeKind::SERVICE, "services", {"/api/v1/services"}});
  start({KubeKind::POD,
         "pods",
         {"/api/v1/pods?fieldSelector=spec.nodeName%3D" + KubeClient::escaped(node)}});
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

PodStats Kubernetes::stats() const {
  const int64_t since = unreachable_since_.load();
  const int64_t away = since == 0 ? 0 : std::max<int64_t>(seconds_now() - since, 0);
  return {.asked = true,
          .reachable = since == 0,
          .awaited = awaited_,
          .unreachable_seconds = static_cast<uint64_t>(away),
          .pods = pods_,
          .objects = objects_,
          .lists = lists_,
          .events = events_,
          .failures = failures_,
          .labels_cut = labels_cut_,
          .objects_left_out = objects_left_out_ + lines_left_out_};
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
  awaited_ = reachable;
  if (reachable_ == reachable) return;
  reachable_ = reachable;
  unreachable_since_ = reachable ? 0 : std::max<int64_t>(seconds_now(), 1);
  changed_.notify_all();
}

void Kubernetes::queue(std::vector<KubeOwner> owners) {
  for (KubeOwner& owner : owners) {
    if (is_name(owner.ns) && is_name(owner.name)) {
      owners_.push_back(std::move(owner));
    } else {
      store_.put_owner(owner, Json{}, Clock::now());
    }
  }
}

void Kubernetes::changed() {
  store_.expire(Clock::now());
  queue(store_.missing_owners());
  pods_ = store_.pods();
  objects_ = store_.size();
  labels_cut_ = store_.labels_cut();
  objects_left_out_ = store_.objects_left_out();
  changed_.notify_all();
}

void Kubernetes::apply(Watched& watched, const std::string& type, const Json& object) {
  std::string now = text_of(member(object, "metadata"), "resourceVersion");
  if (!now.empty()) watched.version = std::move(now);
  watched.pause = kFirstPause;  // a server that tells something works, also if it breaks off then
  if (type == "BOOKMARK") return;
  ++events_;
  const std::lock_guard lock(mutex_);
  if (type == "DELETED") {
    store_.remove(watched.kind, object, Clock::now());
  } else {
    store_.put(watched.kind, object);
  }
  changed();
}

KubeError Kubernetes::list(Watched& watched) {
  {
    const std::lock_guard lock(mutex_);
    store_.begin_list(watched.kind);
  }
  auto version = client_.list(watched.request, [&](const Json& objects) {
    const std::lock_guard lock(mutex_);
    for (const Json& object : objects) store_.put_listed(watched.kind, object);
    changed();
  });
  if (!version) return version.error();
  watched.version = std::move(*version);
  ++lists_;
  const std::lock_guard lock(mutex_);
  store_.end_list(watched.kind, Clock::now());
  changed();
  return {.status = 200};
}

/// Lists if need be, and watches until that ends. A watch that ends goes on where it was, unless
/// the server does not remember so far back.
KubeError Kubernetes::turn(Watched& watched) {
  if (watched.version.empty()) {
    if (KubeError error = list(watched); error.status != 200) return error;
  }
  const auto begin = Clock::now();
  const auto ended = client_.watch(
      watched.request, watched.version, [&] { went_well(watched); },
      [&](const std::string& type, const Json& object) { apply(watched, type, object); });
  lines_left_out_ += ended.lines_left_out;
  // A server that was restored may be behind the version: it refuses that likewise (504).
  if (ended.error.status == kKubeGone || ended.error.status >= 500) watched.version.clear();
  const bool lasted = Clock::now() - begin > kLastPause;
  if (ended.error.status == 200 || lasted) watched.pause = kFirstPause;
  return ended.error;
}

void Kubernetes::watch(Watched watched) {
  while (true) {
    const KubeError ended = turn(watched);
    if (client_.stopped()) return;
    // The end of a watch is its usual end, and so is a version that is too old; a connection that
    // breaks is told of if the next one fails too.
    if (ended.status != 200 && ended.status != kKubeGone) went_wrong(watched, ended);
    if (!pause(next_pause(watched, ended))) return;
  }
}

std::chrono::milliseconds Kubernetes::next_pause(Watched& watched, const KubeError& error) {
  const auto longest = watched.pause;
  watched.pause = std::min(watched.pause * 2, kLastPause);
  const std::lock_guard lock(mutex_);
  const auto half = static_cast<uint32_t>(longest.count() / 2);
  const std::chrono::milliseconds jittered(half + random_() % (half + 1));
  const std::chrono::milliseconds asked = std::min(error.retry_after, kLongestRequest);
  return std::max(jittered, asked);
}

/// A watch has begun: what is listed is known, and the next change will be.
void Kubernetes::went_well(Watched& watched) {
  set_reachable(watched.kind, true);
  if (!std::exchange(watched.failing, false)) return;
  if (watched.said != Clock::time_point{}) {
    notes_.put("the Kubernetes API server tells of " + watched.what + " again");
  }
  watched.said = {};
}

void Kubernetes::went_wrong(Watched& watched, const KubeError& error) {
  ++failures_;
  const auto now = Clock::now();
  const bool again = std::exchange(watched.failing, true);
  if (again || error.status != 0) set_reachable(watched.kind, false);
  if (!again) watched.failing_since = now;
  const bool is_other = is_refusal(error) && watched.said_status != error.status;
  const bool is_known = watched.said != Clock::time_point{} && !is_other;
  // One broken connection is no news; a refusal is, and one for another reason is again.
  if ((!again && error.status == 0) || (is_known && now - watched.said < kSayAgain)) return;
  watched.said = now;
  watched.said_status = error.status;
  const auto since =
      std::chrono::duration_cast<std::chrono::seconds>(now - watched.failing_since).count();
  notes_.put("the Kubernetes API server does not tell of " + watched.what + ", for " +
             std::to_string(since) + " s: " + error.message + advice(error.status, watched.what) +
             "; what is known stays");
}

/// The queue's first one. One that the server does not tell of is tried again after the others.
bool Kubernetes::fetch_owner(std::unique_lock<std::mutex>& lock) {
  const KubeOwner owner = owners_.front();
  owners_.pop_front();
  lock.unlock();
  const auto object = client_.get_metadata(owner_path(owner));
  const bool answered = object.has_value() || is_refusal(object.error());
  if (!object && object.error().status != 404) ++failures_;
  if (!answered && !pause(kFirstPause * 5)) return false;
  lock.lock();
  if (!answered) {
    owners_.push_back(owner);
    return !stopping_;
  }
  if (!object && object.error().status == 403 && !std::exchange(owners_refused_, true)) {
    notes_.put("the Kubernetes API server does not tell of owners: " + object.error().message +
               "; give falcod's account the verb get on deployments, replicasets, statefulsets, "
               "daemonsets, jobs, cronjobs and replicationcontrollers");
  }
  store_.put_owner(owner, object ? *object : Json{}, Clock::now());
  changed();
  return true;
}

void Kubernetes::fetch_owners() {
  constexpr std::chrono::milliseconds kTurn = KubeStore::kOwnersWait;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (changed_.wait_for(lock, kTurn, [this] { return stopping_ || !owners_.empty(); })) {
      if (stopping_ || !fetch_owner(lock)) return;
      continue;
    }
    store_.expire(Clock::now());
    queue(store_.stale_owners(Clock::now()));
  }
}

}  // namespace falcod::metadata

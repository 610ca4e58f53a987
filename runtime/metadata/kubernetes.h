// Pods of this node and what is around them, kept up to date by threads that watch the API server.
// What was known stays known while the server is away.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "runtime/metadata/kube_client.h"
#include "runtime/metadata/kube_store.h"
#include "runtime/metadata/mailbox.h"
#include "runtime/state/container_source.h"

namespace falcod::metadata {

class Kubernetes {
 public:
  /// Before a broken watch is begun anew; doubled each time.
  static constexpr std::chrono::milliseconds kFirstPause{200}, kLastPause{30'000};

  Kubernetes(KubeAccess access, const std::string& node, size_t label_max_len,
             Mailbox<ContainerAnswer>& answers);
  ~Kubernetes();
  Kubernetes(const Kubernetes&) = delete;
  Kubernetes& operator=(const Kubernetes&) = delete;

  /// Waits until the pod is known with its owners, if the server is there; false if it is not.
  bool wait_for_pod(const std::string& uid, std::chrono::milliseconds limit);

 private:
  void watch(KubeKind kind, const std::string& path);
  void apply(KubeKind kind, const std::string& type, const Json& object, std::string& version);
  void fetch_owners();
  /// After the store changed, with the lock held.
  void changed();
  bool pause(std::chrono::milliseconds time);
  void set_reachable(KubeKind kind, bool reachable);

  KubeClient client_;
  std::mutex mutex_;
  std::condition_variable changed_;
  KubeStore store_;
  std::deque<KubeOwner> owners_;  ///< to be fetched
  bool reachable_ = false;        ///< pods are being watched
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace falcod::metadata

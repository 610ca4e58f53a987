// Pods of this node and what is around them, kept up to date by threads that watch the API server.
// What was known stays known while the server is away.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <thread>

#include "runtime/metadata/kube_client.h"
#include "runtime/metadata/kube_store.h"
#include "runtime/metadata/mailbox.h"
#include "runtime/state/container_source.h"

namespace falcod::metadata {

class Kubernetes {
 public:
  using Clock = KubeStore::Clock;
  /// Before a broken watch is begun anew; doubled each time, and then anything from half of it on:
  /// the nodes of a cluster do not come back all at once.
  static constexpr std::chrono::milliseconds kFirstPause{200}, kLastPause{30'000};
  /// A server that wants to be left alone for longer is asked again after this.
  static constexpr std::chrono::seconds kLongestRequest{300};
  /// How often falcod says that the server is still away.
  static constexpr std::chrono::minutes kSayAgain{10};

  Kubernetes(KubeAccess access, const std::string& node, size_t label_max_len,
             Mailbox<ContainerAnswer>& answers);
  ~Kubernetes();
  Kubernetes(const Kubernetes&) = delete;
  Kubernetes& operator=(const Kubernetes&) = delete;

  /// Waits until the pod is known with its owners, if the server is there; false if it is not.
  bool wait_for_pod(const std::string& uid, std::chrono::milliseconds limit);
  /// Takes no lock.
  PodStats stats() const;
  /// What is to be said of the server since the last call: that it is away, why, and that it is
  /// back. Takes no lock.
  std::vector<std::string> take_notes() { return notes_.take(); }

 private:
  /// What one kind of objects is watched for, and how that stands.
  struct Watched {
    KubeKind kind;
    std::string what;
    KubeClient::Request request;
    std::string version{};  ///< empty: everything is to be listed
    std::chrono::milliseconds pause = kFirstPause;
    bool failing = false;
    Clock::time_point failing_since{}, said{};
    long said_status = 0;  ///< HTTP's, of what was said then
  };

  void watch(Watched watched);
  KubeError turn(Watched& watched);
  KubeError list(Watched& watched);
  void apply(Watched& watched, const std::string& type, const Json& object);
  void went_well(Watched& watched);
  void went_wrong(Watched& watched, const KubeError& error);
  std::chrono::milliseconds next_pause(Watched& watched, const KubeError& error);

  void fetch_owners();
  /// With the lock held, which it gives back while the server is asked. False: the end.
  bool fetch_owner(std::unique_lock<std::mutex>& lock);
  /// After the store changed, with the lock held.
  void changed();
  void queue(std::vector<KubeOwner> owners);
  bool pause(std::chrono::milliseconds time);
  void set_reachable(KubeKind kind, bool reachable);

  KubeClient client_;
  Mailbox<std::string> notes_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  KubeStore store_;
  std::deque<KubeOwner> owners_;  ///< to be fetched
  std::minstd_rand random_{std::random_device{}()};
  bool reachable_ = false;  ///< pods are being watched
  bool stopping_ = false;
  bool owners_refused_ = false;  ///< it was said so

  // Numbers of PodStats; written by the threads here, read by the match loop.
  std::atomic<uint64_t> pods_ = 0, objects_ = 0, lists_ = 0, events_ = 0, failures_ = 0;
  std::atomic<uint64_t> labels_cut_ = 0, objects_left_out_ = 0, lines_left_out_ = 0;
  std::atomic<bool> awaited_ = true;        ///< nothing speaks against it yet
  std::atomic<int64_t> unreachable_since_;  ///< seconds of Clock; 0: it is reachable
  std::vector<std::jthread> threads_;
};

}  // namespace falcod::metadata

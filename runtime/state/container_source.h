// Where metadata of containers comes from: asked by the match loop, answered by whoever talks to
// engines in threads of their own. Neither side waits for the other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/state/containers.h"

namespace falcod {

/// A container that cgroups tell of and nobody has described yet.
struct ContainerQuestion {
  std::string id;  ///< as container.id prints it
  std::string full_id;
  std::string_view engine;  ///< container.type where its path alone tells it, else empty
};

/// About a container, or about a pod: then `pod_uid` is not empty.
struct ContainerAnswer {
  std::string id;
  bool known = false;  ///< else no engine knows it, and none is expected to; the pod is gone
  Container container{};
  std::string pod_uid{};
  PodPtr pod{};
};

/// How it stands with the API server that tells of pods.
struct PodStats {
  bool asked = false;      ///< there is one
  bool reachable = false;  ///< pods are being watched
  bool awaited = false;    ///< they are, or will be as soon as the server has answered
  uint64_t unreachable_seconds = 0;
  uint64_t pods = 0, objects = 0;  ///< kept now; objects: all of them
  uint64_t lists = 0;              ///< times that everything was listed
  uint64_t events = 0;             ///< changes that watches told of
  uint64_t failures = 0;           ///< requests that failed or broke
  uint64_t labels_cut = 0;         ///< labels left out: too long, or too many
  uint64_t objects_left_out = 0;   ///< too large, or too many
};

class ContainerSource {
 public:
  virtual ~ContainerSource() = default;
  /// Called between two batches of events. Takes no lock.
  virtual void ask(std::vector<ContainerQuestion> questions) = 0;
  /// What has come since the last call, also about containers that nobody asked for. Takes no lock.
  virtual std::vector<ContainerAnswer> take() = 0;
  virtual PodStats pod_stats() const { return {}; }
};

}  // namespace falcod

// Where metadata of containers comes from: asked by the match loop, answered by whoever talks to
// engines in threads of their own. Neither side waits for the other.
#pragma once

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

class ContainerSource {
 public:
  virtual ~ContainerSource() = default;
  /// Called between two batches of events. Takes no lock.
  virtual void ask(std::vector<ContainerQuestion> questions) = 0;
  /// What has come since the last call, also about containers that nobody asked for. Takes no lock.
  virtual std::vector<ContainerAnswer> take() = 0;
};

}  // namespace falcod

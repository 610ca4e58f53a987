// What is known of containers beyond their cgroups: image, mounts, labels, pod. Filled from what a
// capture recorded of them, or from what engines tell. Owned by the match loop.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/state/pods.h"

namespace falcod {

struct ContainerMount {
  std::string source, destination, mode, propagation;
  bool writable = false;
};

/// Texts that the recorder did not know are empty, as in Falco.
struct Container {
  std::string id;  ///< as container.id prints it
  std::string full_id, name;
  std::string image, image_id, image_repository, image_tag, image_digest;
  std::string_view type;  ///< container.type; empty if it has no word
  std::string ip, cni_json;
  std::string pod_sandbox_id;
  std::string user{};  ///< as the engine was told: a name or number
  bool privileged = false, host_pid = false, host_network = false, host_ipc = false;
  std::map<std::string, std::string> labels, pod_labels;
  std::vector<ContainerMount> mounts;
  /// Words of commands that tell whether it is well; empty: none.
  std::vector<std::string> healthcheck{}, liveness_probe{}, readiness_probe{};
};

class Containers {
 public:
  /// Adds or replaces the container that this JSON text of a capture tells of (SCAP notes, section
  /// 5). Null if the text is none of that.
  const Container* add(std::string_view json);
  /// Forgets the one that the text tells of; what it was, until the next call.
  const Container* remove(std::string_view json);
  /// Adds or replaces; left out where there are too many already.
  void put(Container container);
  void erase(const std::string& id) { by_id_.erase(id); }
  void clear();
  size_t size() const { return by_id_.size(); }
  std::vector<std::string> ids() const;

  /// What the API server tells of a pod; null: nothing any more.
  void put_pod(const std::string& uid, PodPtr pod);
  const Pod* find_pod(const std::string& uid) const;

  /// By container.id; null if nothing is known.
  const Container* find(std::string_view id) const;

 private:
  std::unordered_map<std::string, Container> by_id_;
  std::unordered_map<std::string, PodPtr> pods_;  ///< by uid
  Container removed_;
};

}  // namespace falcod

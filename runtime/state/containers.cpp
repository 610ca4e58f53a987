// See containers.h.
#include "runtime/state/containers.h"

#include <nlohmann/json.hpp>
#include <optional>

namespace falcod {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxContainers = 65536;

/// Engines by their numbers in captures (SCAP notes, section 5).
std::string_view type_word(int64_t type) {
  switch (type) {
    case 0:
      return "docker";
    case 1:
      return "lxc";
    case 2:
      return "libvirt-lxc";
    case 6:
      return "cri";
    case 7:
      return "containerd";
    case 8:
      return "cri-o";
    case 9:
      return "bpm";
    case 11:
      return "podman";
    case 65534:
      return "host";
    default:
      return {};
  }
}

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

bool switch_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::map<std::string, std::string> labels_at(const Json& object, const char* key) {
  std::map<std::string, std::string> labels;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_object()) return labels;
  for (const auto& [name, value] : found->items()) {
    if (value.is_string()) labels[name] = value.get<std::string>();
  }
  return labels;
}

std::vector<ContainerMount> mounts_of(const Json& object) {
  std::vector<ContainerMount> mounts;
  const auto found = object.find("Mounts");
  if (found == object.end() || !found->is_array()) return mounts;
  for (const Json& mount : *found) {
    if (!mount.is_object()) continue;
    mounts.push_back({text_at(mount, "Source"), text_at(mount, "Destination"),
                      text_at(mount, "Mode"), text_at(mount, "Propagation"),
                      switch_at(mount, "RW")});
  }
  return mounts;
}

std::optional<Container> parse(std::string_view text) {
  const Json json = Json::parse(text.substr(0, text.find('\0')), nullptr, false);
  if (!json.is_object()) return std::nullopt;
  // The oldest form has no object around it.
  const auto inner = json.find("container");
  const Json& object = inner != json.end() && inner->is_object() ? *inner : json;
  Container container;
  container.id = text_at(object, "id");
  if (container.id.empty()) return std::nullopt;
  container.full_id = text_at(object, "full_id");
  container.name = text_at(object, "name");
  container.image = text_at(object, "image");
  container.image_id = text_at(object, "imageid");
  container.image_repository = text_at(object, "imagerepo");
  container.image_tag = text_at(object, "imagetag");
  container.image_digest = text_at(object, "imagedigest");
  const auto type = object.find("type");
  if (type != object.end() && type->is_number_integer()) {
    container.type = type_word(type->get<int64_t>());
  }
  container.ip = text_at(object, "ip");
  container.cni_json = text_at(object, "cni_json");
  container.pod_sandbox_id = text_at(object, "pod_sandbox_id");
  container.privileged = switch_at(object, "privileged");
  container.host_pid = switch_at(object, "host_pid");
  container.host_network = switch_at(object, "host_network");
  container.host_ipc = switch_at(object, "host_ipc");
  container.labels = labels_at(object, "labels");
  container.pod_labels = labels_at(object, "pod_sandbox_labels");
  container.mounts = mounts_of(object);
  return container;
}

}  // namespace

const Container* Containers::add(std::string_view json) {
  auto container = parse(json);
  if (!container || (by_id_.size() >= kMaxContainers && !by_id_.contains(container->id))) {
    return nullptr;
  }
  std::string id = container->id;
  return &(by_id_[std::move(id)] = std::move(*container));
}

const Container* Containers::remove(std::string_view json) {
  auto container = parse(json);
  if (!container) return nullptr;
  removed_ = std::move(*container);
  if (const auto found = by_id_.find(removed_.id); found != by_id_.end()) {
    removed_ = std::move(found->second);
    by_id_.erase(found);
  }
  return &removed_;
}

void Containers::put(Container container) {
  if (by_id_.size() >= kMaxContainers && !by_id_.contains(container.id)) return;
  std::string id = container.id;
  by_id_[std::move(id)] = std::move(container);
}

std::vector<std::string> Containers::ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, container] : by_id_) ids.push_back(id);
  return ids;
}

void Containers::put_pod(const std::string& uid, PodPtr pod) {
  if (pod == nullptr) {
    pods_.erase(uid);
  } else if (pods_.size() < kMaxContainers || pods_.contains(uid)) {
    pods_[uid] = std::move(pod);
  }
}

const Pod* Containers::find_pod(const std::string& uid) const {
  const auto found = pods_.find(uid);
  return found == pods_.end() ? nullptr : found->second.get();
}

void Containers::clear() {
  by_id_.clear();
  pods_.clear();
}

const Container* Containers::find(std::string_view id) const {
  const auto found = by_id_.find(std::string(id));
  return found == by_id_.end() ? nullptr : &found->second;
}

}  // namespace falcod

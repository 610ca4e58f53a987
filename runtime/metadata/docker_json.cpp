// See docker_json.h.
#include "runtime/metadata/docker_json.h"

#include "runtime/metadata/image_name.h"
#include "runtime/metadata/probes.h"
#include "runtime/state/cgroup.h"

namespace falcod::metadata {

namespace {

std::vector<ContainerMount> mounts_of(const Json& inspected) {
  std::vector<ContainerMount> mounts;
  const Json& list = member(inspected, "Mounts");
  if (!list.is_array()) return mounts;
  for (const Json& mount : list) {
    if (mounts.size() == kMaxItems) break;
    mounts.push_back({text_of(mount, "Source"), text_of(mount, "Destination"),
                      text_of(mount, "Mode"), text_of(mount, "Propagation"),
                      switch_of(mount, "RW")});
  }
  return mounts;
}

/// What both engines say in the same words.
Container common(const Json& inspected, size_t label_max_len) {
  Container container;
  container.full_id = text_of(inspected, "Id");
  container.id = short_container_id(container.full_id);
  container.name = text_of(inspected, "Name");
  if (container.name.starts_with('/')) container.name.erase(0, 1);
  const Json& config = member(inspected, "Config");
  const Json& host = member(inspected, "HostConfig");
  container.image_id = bare_image_id(text_of(inspected, "Image"));
  container.user = text_of(config, "User");
  container.labels = labels_of(member(config, "Labels"), label_max_len);
  container.privileged = switch_of(host, "Privileged");
  container.host_pid = text_of(host, "PidMode") == "host";
  container.host_network = text_of(host, "NetworkMode") == "host";
  container.host_ipc = text_of(host, "IpcMode") == "host";
  container.ip = network_address(inspected);
  container.mounts = mounts_of(inspected);
  return container;
}

void name_image(Container& container, std::string reference) {
  ImageName name = parse_image_name(reference);
  container.image = std::move(reference);
  container.image_repository = std::move(name.repository);
  container.image_tag = std::move(name.tag);
  container.image_digest = std::move(name.digest);
}

}  // namespace

Container container_of_docker(const Json& inspected, size_t label_max_len) {
  Container container = common(inspected, label_max_len);
  container.type = "docker";
  const Json& config = member(inspected, "Config");
  std::string reference = text_of(config, "Image");
  if (is_image_id(reference)) {
    container.image = std::move(reference);
  } else {
    name_image(container, std::move(reference));
  }
  const Json& labels = member(config, "Labels");
  add_kubernetes_probes(container, text_of(labels, kLastAppliedConfig));
  if (container.liveness_probe.empty() && container.readiness_probe.empty()) {
    container.healthcheck = docker_healthcheck(member(config, "Healthcheck"));
  }
  return container;
}

/// Names of one image differ; those count that begin as the container's own does.
void add_docker_image(Container& container, const Json& image) {
  const std::vector<std::string> digests = texts_of(member(image, "RepoDigests"));
  for (const std::string& text : digests) {
    ImageName name = parse_image_name(text);
    if (container.image_repository.empty()) container.image_repository = name.repository;
    if (!container.image_digest.empty() || name.digest.empty()) continue;
    if (name.repository == container.image_repository || digests.size() == 1) {
      container.image_digest = std::move(name.digest);
    }
  }
  for (const std::string& text : texts_of(member(image, "RepoTags"))) {
    ImageName name = parse_image_name(text);
    if (container.image_repository.empty()) container.image_repository = name.repository;
    if (container.image_tag.empty() && name.repository == container.image_repository) {
      container.image_tag = std::move(name.tag);
    }
  }
}

Container container_of_podman(const Json& inspected, size_t label_max_len) {
  Container container = common(inspected, label_max_len);
  container.type = "podman";
  name_image(container, text_of(inspected, "ImageName"));
  if (std::string digest = text_of(inspected, "ImageDigest"); !digest.empty()) {
    container.image_digest = std::move(digest);
  }
  container.healthcheck = docker_healthcheck(member(member(inspected, "Config"), "Healthcheck"));
  return container;
}

std::string network_owner(const Json& inspected) {
  constexpr std::string_view kShared = "container:";
  const std::string mode = text_of(member(inspected, "HostConfig"), "NetworkMode");
  return mode.starts_with(kShared) ? mode.substr(kShared.size()) : std::string{};
}

std::string network_address(const Json& inspected) {
  const Json& settings = member(inspected, "NetworkSettings");
  std::string address = text_of(settings, "IPAddress");
  if (!address.empty()) return address;
  for (const auto& [name, network] : member(settings, "Networks").items()) {
    if (address = text_of(network, "IPAddress"); !address.empty()) return address;
  }
  return {};
}

}  // namespace falcod::metadata

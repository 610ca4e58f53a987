// See cri_messages.h. Numbers of fields are those of runtime/v1/api.proto.
#include "runtime/metadata/cri_messages.h"

#include "runtime/metadata/image_name.h"
#include "runtime/metadata/json.h"
#include "runtime/metadata/probes.h"
#include "runtime/metadata/wire.h"
#include "runtime/state/cgroup.h"

namespace falcod::metadata::cri {

namespace {

using wire::bytes_of;
using wire::number_of;

/// Falco keeps no more of a pod's network.
constexpr size_t kMaxCni = 4096;

// ContainerStatusResponse and PodSandboxStatusResponse
constexpr uint32_t kStatus = 1, kInfo = 2;
// ContainerStatus
constexpr uint32_t kId = 1, kMetadata = 2, kImage = 8, kImageRef = 9, kLabels = 12,
                   kAnnotations = 13, kMounts = 14, kImageId = 17, kUser = 18;
// PodSandboxStatus
constexpr uint32_t kNetwork = 5, kLinux = 6, kPodLabels = 7, kPodAnnotations = 8;

std::string cut(std::string_view text, size_t longest = kMaxText) {
  return std::string(text.substr(0, longest));
}

std::string_view propagation_word(uint64_t number) {
  switch (number) {
    case 0:
      return "private";
    case 1:
      return "rslave";
    case 2:
      return "rshared";
    default:
      return "unknown";
  }
}

std::vector<ContainerMount> mounts_of(std::string_view status) {
  constexpr uint32_t kContainerPath = 1, kHostPath = 2, kReadonly = 3, kPropagation = 5;
  std::vector<ContainerMount> mounts;
  wire::Reader reader(status);
  while (const auto field = reader.next()) {
    if (field->number != kMounts || mounts.size() == kMaxItems) continue;
    mounts.push_back(
        {.source = cut(bytes_of(field->bytes, kHostPath)),
         .destination = cut(bytes_of(field->bytes, kContainerPath)),
         .mode = {},
         .propagation = std::string(propagation_word(number_of(field->bytes, kPropagation))),
         .writable = number_of(field->bytes, kReadonly) == 0});
  }
  return mounts;
}

/// The JSON that engines add for people who debug, under "info".
Json info_of(std::string_view reply) {
  const auto info = wire::map_of(reply, kInfo);
  const auto found = info.find("info");
  return found == info.end() ? Json::object() : parse_json(found->second);
}

/// Engines say it in different places.
bool is_privileged(const Json& info) {
  for (const Json* place : {&member(info, "runtimeSpec"), &member(info, "config")}) {
    const Json& value = member(member(member(*place, "linux"), "security_context"), "privileged");
    if (value.is_boolean()) return value.get<bool>();
  }
  return switch_of(info, "privileged");
}

/// `reference` is what the pod asked for, `resolved` what the engine made of it: a name with
/// digest, or a digest alone.
void name_image(Container& container, std::string_view reference, std::string_view resolved,
                const Json& info) {
  const ImageName found = parse_image_name(resolved);
  std::string name = cut(reference);
  if (resolved.starts_with("sha256:")) {
    container.image_digest = cut(resolved);
  } else {
    container.image_digest = found.digest;
  }
  if (name.empty() || is_image_id(name)) {
    const Json& annotations = member(member(info, "runtimeSpec"), "annotations");
    for (const char* key : {"io.kubernetes.cri.image-name", "io.kubernetes.cri-o.Image",
                            "io.kubernetes.cri-o.ImageName"}) {
      if (const std::string told = text_of(annotations, key); !told.empty()) {
        name = told;
        break;
      }
    }
  }
  const ImageName asked = parse_image_name(name);
  container.image = name;
  container.image_repository = asked.repository;
  container.image_tag = asked.tag;
  if (!found.digest.empty() && !found.repository.empty()) {
    container.image_repository = found.repository;
    container.image = found.repository + (asked.tag.empty() ? "" : ":" + asked.tag);
  }
}

void set_namespaces(Container& container, std::string_view status) {
  constexpr uint64_t kNode = 2;
  const std::string_view options = bytes_of(bytes_of(bytes_of(status, kLinux), 1), 2);
  container.host_network = number_of(options, 1) == kNode;
  container.host_pid = number_of(options, 2) == kNode;
  container.host_ipc = number_of(options, 3) == kNode;
}

/// containerd tells of interfaces; CRI-O has the plugins' result as an annotation.
std::string cni_of(const Json& info) {
  const Json& result = member(info, "cniResult");
  const Json& interfaces = member(result, "Interfaces").empty() ? member(result, "interfaces")
                                                                : member(result, "Interfaces");
  if (!interfaces.empty()) {
    return cut(interfaces.dump(-1, ' ', false, Json::error_handler_t::replace), kMaxCni);
  }
  const Json& annotations = member(member(info, "runtimeSpec"), "annotations");
  return cut(text_of(annotations, "io.kubernetes.cri-o.CNIResult"), kMaxCni);
}

}  // namespace

Container container_of(std::string_view reply, size_t label_max_len) {
  Container container;
  const std::string_view status = bytes_of(reply, kStatus);
  const Json info = info_of(reply);
  container.full_id = cut(bytes_of(status, kId));
  container.id = short_container_id(container.full_id);
  container.name = cut(bytes_of(bytes_of(status, kMetadata), 1));
  container.labels = wire::map_of(status, kLabels, label_max_len);
  container.mounts = mounts_of(status);
  name_image(container, bytes_of(bytes_of(status, kImage), 1), bytes_of(status, kImageRef), info);
  std::string image_id = text_of(member(member(info, "config"), "image"), "image");
  if (!is_image_id(image_id)) image_id = cut(bytes_of(status, kImageId));
  if (image_id.empty() && is_image_id(bytes_of(status, kImageRef))) {
    image_id = cut(bytes_of(status, kImageRef));
  }
  container.image_id = bare_image_id(image_id);
  container.privileged = is_privileged(info);
  const std::string_view user = bytes_of(bytes_of(status, kUser), 1);
  container.user = std::to_string(number_of(user, 1));
  const auto annotations = wire::map_of(status, kAnnotations);
  if (const auto manifest = annotations.find(std::string(kLastAppliedManifest));
      manifest != annotations.end()) {
    add_kubernetes_probes(container, manifest->second);
  }
  return container;
}

std::string sandbox_of(std::string_view listed) { return cut(bytes_of(listed, 2)); }

void add_sandbox(Container& container, std::string_view reply, size_t label_max_len) {
  const std::string_view status = bytes_of(reply, kStatus);
  const std::string_view metadata = bytes_of(status, kMetadata);
  container.pod_sandbox_id = cut(bytes_of(status, kId));
  container.labels["io.kubernetes.sandbox.id"] = container.pod_sandbox_id;
  container.labels["io.kubernetes.pod.name"] = cut(bytes_of(metadata, 1));
  container.labels["io.kubernetes.pod.uid"] = cut(bytes_of(metadata, 2));
  container.labels["io.kubernetes.pod.namespace"] = cut(bytes_of(metadata, 3));
  container.pod_labels = wire::map_of(status, kPodLabels, label_max_len);
  container.ip = cut(bytes_of(bytes_of(status, kNetwork), 1));
  set_namespaces(container, status);
  container.cni_json = cni_of(info_of(reply));
  const auto annotations = wire::map_of(status, kPodAnnotations);
  if (const auto manifest = annotations.find(std::string(kLastAppliedManifest));
      manifest != annotations.end() && container.liveness_probe.empty() &&
      container.readiness_probe.empty()) {
    add_kubernetes_probes(container, manifest->second);
  }
}

Container sandbox_container(std::string_view reply, size_t label_max_len) {
  Container container;
  const std::string_view status = bytes_of(reply, kStatus);
  container.full_id = cut(bytes_of(status, kId));
  container.id = short_container_id(container.full_id);
  container.name = cut(bytes_of(bytes_of(status, kMetadata), 1));
  container.labels = wire::map_of(status, kPodLabels, label_max_len);
  const Json info = info_of(reply);
  container.image = text_of(info, "image");
  const ImageName name = parse_image_name(container.image);
  container.image_repository = name.repository;
  container.image_tag = name.tag;
  add_sandbox(container, reply, label_max_len);
  return container;
}

}  // namespace falcod::metadata::cri

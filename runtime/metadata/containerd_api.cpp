// See containerd_api.h. Numbers of fields are those of containerd's api/services.
#include "runtime/metadata/containerd_api.h"

#include <unistd.h>

#include "runtime/metadata/grpc.h"
#include "runtime/metadata/image_name.h"
#include "runtime/metadata/oci_spec.h"
#include "runtime/metadata/wire.h"
#include "runtime/state/cgroup.h"

namespace falcod::metadata {

namespace {

using wire::bytes_of;
using wire::Writer;

constexpr std::string_view kServices = "/containerd.services.";
constexpr std::chrono::milliseconds kTimeout{2000};

/// Namespaces whose containers others describe better: CRI and Docker.
bool is_of_others(std::string_view name) { return name == "k8s.io" || name == "moby"; }

class ContainerdEngine final : public ContainerEngine {
 public:
  ContainerdEngine(const std::string& socket, const MetadataSettings& settings)
      : settings_(settings), grpc_(socket) {}

  std::string name() const override { return "containerd at " + grpc_.socket(); }
  bool serves(std::string_view shown) const override {
    return shown.empty() || shown == "containerd";
  }
  bool is_present() const override { return ::access(grpc_.socket().c_str(), F_OK) == 0; }

  std::expected<std::optional<Container>, std::string> find(const std::string& id) override {
    auto names = namespaces();
    if (!names) return std::unexpected(std::move(names.error()));
    for (const std::string& name : *names) {
      auto reply = call("containers.v1.Containers/Get", Writer().text(1, id), name);
      if (!reply) {
        if (reply.error().status == kGrpcNotFound) continue;
        return std::unexpected(std::move(reply.error().message));
      }
      return describe(bytes_of(*reply, 1), name);
    }
    return std::nullopt;
  }

  std::expected<std::vector<std::string>, std::string> list() override {
    auto names = namespaces();
    if (!names) return std::unexpected(std::move(names.error()));
    std::vector<std::string> ids;
    for (const std::string& name : *names) {
      auto reply = call("containers.v1.Containers/List", Writer(), name);
      if (!reply) return std::unexpected(std::move(reply.error().message));
      wire::Reader reader(*reply);
      while (const auto entry = reader.next()) {
        if (entry->number == 1) ids.emplace_back(bytes_of(entry->bytes, 1));
      }
    }
    return ids;
  }

  void stop() override { grpc_.stop(); }

 private:
  std::expected<std::string, GrpcError> call(std::string_view method, const Writer& request,
                                             const std::string& name = {}) {
    std::vector<std::string> headers;
    if (!name.empty()) headers.push_back("containerd-namespace: " + name);
    return grpc_.call(std::string(kServices) + std::string(method), request.bytes(), kTimeout,
                      std::move(headers));
  }

  std::expected<std::vector<std::string>, std::string> namespaces() {
    auto reply = call("namespaces.v1.Namespaces/List", Writer());
    if (!reply) return std::unexpected(std::move(reply.error().message));
    std::vector<std::string> names;
    wire::Reader reader(*reply);
    while (const auto entry = reader.next()) {
      const std::string_view name = bytes_of(entry->bytes, 1);
      if (entry->number == 1 && !is_of_others(name)) names.emplace_back(name);
    }
    return names;
  }

  Container describe(std::string_view message, const std::string& name) {
    constexpr uint32_t kId = 1, kLabels = 2, kImage = 3, kSpec = 5, kSpecValue = 2;
    Container container;
    container.full_id = bytes_of(message, kId).substr(0, kMaxText);
    container.id = short_container_id(container.full_id);
    container.type = "containerd";
    container.labels = wire::map_of(message, kLabels, settings_.label_max_len);
    const auto own = container.labels.find("nerdctl/name");
    container.name = own == container.labels.end() ? container.full_id : own->second;
    container.image = bytes_of(message, kImage).substr(0, kMaxText);
    const ImageName image = parse_image_name(container.image);
    container.image_repository = image.repository;
    container.image_tag = image.tag;
    container.image_digest = image.digest;
    if (container.image_digest.empty() && !container.image.empty()) {
      constexpr uint32_t kTarget = 3, kDigest = 2;
      const auto found = call("images.v1.Images/Get", Writer().text(1, container.image), name);
      if (found) container.image_digest = bytes_of(bytes_of(bytes_of(*found, 1), kTarget), kDigest);
    }
    add_oci_spec(container, parse_json(bytes_of(bytes_of(message, kSpec), kSpecValue)),
                 "/io.containerd.");
    return container;
  }

  MetadataSettings settings_;
  GrpcClient grpc_;
};

}  // namespace

std::unique_ptr<ContainerEngine> make_containerd_engine(const std::string& socket,
                                                        const MetadataSettings& settings) {
  return std::make_unique<ContainerdEngine>(socket, settings);
}

}  // namespace falcod::metadata

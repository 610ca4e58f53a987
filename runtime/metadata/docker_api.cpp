// See docker_api.h.
#include "runtime/metadata/docker_api.h"

#include <unistd.h>

#include "runtime/metadata/docker_json.h"
#include "runtime/metadata/unix_http.h"

namespace falcod::metadata {

namespace {

/// Docker answers unversioned paths in its newest words, and refuses old versions.
constexpr std::string_view kDockerRoot = "";
constexpr std::string_view kPodmanRoot = "/v4.0.0/libpod";
/// One line of an event stream is not longer.
constexpr size_t kMaxLine = size_t{4} << 20;

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                       (byte >= 'A' && byte <= 'Z') || c == '-' || c == '_' || c == '.';
    if (plain) {
      out += c;
    } else {
      out.append(1, '%').append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    }
  }
  return out;
}

class DockerEngine final : public ContainerEngine {
 public:
  DockerEngine(DockerFlavor flavor, const std::string& socket, const MetadataSettings& settings)
      : is_podman_(flavor == DockerFlavor::PODMAN),
        root_(is_podman_ ? kPodmanRoot : kDockerRoot),
        settings_(settings),
        http_(socket) {}

  std::string name() const override {
    return (is_podman_ ? "podman at " : "docker at ") + http_.socket();
  }
  bool serves(std::string_view shown) const override {
    return shown.empty() || shown == (is_podman_ ? "podman" : "docker");
  }
  bool is_present() const override { return ::access(http_.socket().c_str(), F_OK) == 0; }

  std::expected<std::optional<Container>, std::string> find(const std::string& id) override {
    auto inspected = get("/containers/" + percent_encoded(id) + "/json");
    if (!inspected) return std::unexpected(std::move(inspected.error()));
    if (!inspected->is_object()) return std::nullopt;
    Container container = is_podman_ ? container_of_podman(*inspected, settings_.label_max_len)
                                     : container_of_docker(*inspected, settings_.label_max_len);
    if (container.id.empty()) return std::nullopt;
    if (!is_podman_ && !container.image_id.empty()) {
      if (const auto image =
              get("/images/" + percent_encoded(text_of(*inspected, "Image")) + "/json")) {
        add_docker_image(container, *image);
      }
    }
    if (container.ip.empty()) {
      if (const std::string owner = network_owner(*inspected); !owner.empty()) {
        const auto other = get("/containers/" + percent_encoded(owner) + "/json");
        if (other) container.ip = network_address(*other);
      }
    }
    return container;
  }

  std::expected<std::vector<std::string>, std::string> list() override {
    auto listed = get("/containers/json");
    if (!listed) return std::unexpected(std::move(listed.error()));
    std::vector<std::string> ids;
    if (!listed->is_array()) return ids;
    for (const Json& container : *listed) ids.push_back(text_of(container, "Id"));
    return ids;
  }

  bool has_events() const override { return settings_.on_create || settings_.on_start; }

  std::string follow(const std::function<void(std::string id)>& on_container) override {
    std::string line;
    UnixHttp::Request request{.path = events_path(), .timeout = std::chrono::milliseconds{0}};
    request.on_data = [&](std::string_view piece) {
      while (!piece.empty()) {
        const size_t end = piece.find('\n');
        line += piece.substr(0, end);
        if (line.size() > kMaxLine) return false;
        if (end == std::string_view::npos) break;
        piece.remove_prefix(end + 1);
        on_event(line, on_container);
        line.clear();
      }
      return true;
    };
    const auto reply = http_.perform(request);
    if (!reply) return reply.error();
    return "the stream of events ended";
  }

  void stop() override { http_.stop(); }

 private:
  std::string events_path() const {
    std::string wanted;
    for (const auto& [on, word] :
         {std::pair{settings_.on_create, "create"}, std::pair{settings_.on_start, "start"}}) {
      if (on) wanted += std::string(wanted.empty() ? "\"" : ",\"") + word + "\"";
    }
    const std::string filters = R"({"type":["container"],"event":[)" + wanted + "]}";
    return std::string(root_) + "/events?" + (is_podman_ ? "stream=true&" : "") +
           "filters=" + percent_encoded(filters);
  }

  static void on_event(const std::string& line,
                       const std::function<void(std::string id)>& on_container) {
    const Json event = parse_json(line);
    std::string id = text_of(member(event, "Actor"), "ID");
    if (id.empty()) id = text_of(event, "id");
    if (!id.empty()) on_container(std::move(id));
  }

  /// Null JSON where the engine says that there is no such thing.
  std::expected<Json, std::string> get(std::string path) {
    const auto reply = http_.perform({.path = std::string(root_) + std::move(path)});
    if (!reply) return std::unexpected(reply.error());
    if (reply->status == 404) return Json{};
    if (reply->status != 200) {
      return std::unexpected("it answers with status " + std::to_string(reply->status));
    }
    return parse_json(reply->body);
  }

  bool is_podman_;
  std::string_view root_;
  MetadataSettings settings_;
  UnixHttp http_;
};

}  // namespace

std::unique_ptr<ContainerEngine> make_docker_engine(DockerFlavor flavor, const std::string& socket,
                                                    const MetadataSettings& settings) {
  return std::make_unique<DockerEngine>(flavor, socket, settings);
}

}  // namespace falcod::metadata

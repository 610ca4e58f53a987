// See podman_storage.h. The layout is that of containers/storage: for each driver a list of
// containers and one of images; per container a folder with the configuration that runc gets.
#include "runtime/metadata/podman_storage.h"

#include <filesystem>
#include <fstream>

#include "runtime/metadata/image_name.h"
#include "runtime/metadata/json.h"
#include "runtime/metadata/oci_spec.h"
#include "runtime/state/cgroup.h"

namespace falcod::metadata {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxFile = std::uintmax_t{64} << 20;
constexpr std::string_view kContainers = "-containers";
constexpr std::string_view kImages = "-images";

Json read_json(const fs::path& path) {
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  if (error || bytes > kMaxFile) return {};
  std::ifstream file(path, std::ios::binary);
  std::string text(bytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(bytes));
  text.resize(static_cast<size_t>(file.gcount()));
  return parse_json(text);
}

/// The entry of a list whose member has this value, an empty object if there is none.
Json entry_of(const Json& list, std::string_view key, std::string_view value) {
  if (list.is_array()) {
    for (const Json& entry : list) {
      if (text_of(entry, key) == value) return entry;
    }
  }
  return Json::object();
}

class PodmanStorage final : public ContainerEngine {
 public:
  explicit PodmanStorage(std::string root) : root_(std::move(root)) {}

  std::string name() const override { return "podman's storage at " + root_; }
  bool serves(std::string_view shown) const override { return shown.empty() || shown == "podman"; }
  bool is_makeshift() const override { return true; }
  bool is_present() const override {
    std::error_code error;
    return fs::is_directory(root_, error);
  }

  std::expected<std::optional<Container>, std::string> find(const std::string& id) override {
    for (const std::string& driver : drivers()) {
      const fs::path folder = fs::path(root_) / (driver + std::string(kContainers));
      Json entry = entry_of(read_json(folder / "containers.json"), "id", id);
      if (entry.empty()) {
        entry = entry_of(read_json(folder / "volatile-containers.json"), "id", id);
      }
      if (entry.empty()) continue;
      const Json spec = read_json(folder / id / "userdata" / "config.json");
      // Listed before it is configured: it will be in a moment.
      if (!spec.is_object()) return std::nullopt;
      const Json images =
          read_json(fs::path(root_) / (driver + std::string(kImages)) / "images.json");
      return make(entry, spec, entry_of(images, "id", text_of(entry, "image")));
    }
    return std::nullopt;
  }

  std::expected<std::vector<std::string>, std::string> list() override {
    std::vector<std::string> ids;
    for (const std::string& driver : drivers()) {
      const fs::path folder = fs::path(root_) / (driver + std::string(kContainers));
      for (const char* file : {"containers.json", "volatile-containers.json"}) {
        const Json entries = read_json(folder / file);
        if (!entries.is_array()) continue;
        for (const Json& entry : entries) ids.push_back(text_of(entry, "id"));
      }
    }
    return ids;
  }

 private:
  std::vector<std::string> drivers() const {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(root_, error)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(kContainers)) {
        names.push_back(name.substr(0, name.size() - kContainers.size()));
      }
    }
    return names;
  }

  static Container make(const Json& entry, const Json& spec, const Json& image) {
    Container container;
    container.full_id = text_of(entry, "id");
    container.id = short_container_id(container.full_id);
    container.type = "podman";
    const Json metadata = parse_json(text_of(entry, "metadata"));
    container.name = text_of(metadata, "name");
    if (const auto names = texts_of(member(entry, "names"));
        container.name.empty() && !names.empty()) {
      container.name = names.front();
    }
    container.image = text_of(metadata, "image-name");
    const ImageName name = parse_image_name(container.image);
    container.image_repository = name.repository;
    container.image_tag = name.tag;
    container.image_digest = text_of(image, "digest");
    container.image_id = text_of(entry, "image");
    add_oci_spec(container, spec, std::string(kContainers) + "/" + container.full_id);
    return container;
  }

  std::string root_;
};

}  // namespace

std::unique_ptr<ContainerEngine> make_podman_storage(const std::string& root) {
  return std::make_unique<PodmanStorage>(root);
}

std::vector<std::string> podman_storages(const MetadataSettings& settings) {
  if (!settings.podman_storage.empty()) return settings.podman_storage;
  std::vector<std::string> roots{settings.host_root + "/var/lib/containers/storage"};
  std::error_code error;
  for (const auto& home : fs::directory_iterator(settings.host_root + "/home", error)) {
    fs::path root = home.path() / ".local/share/containers/storage";
    if (fs::is_directory(root, error)) roots.push_back(root.string());
  }
  return roots;
}

}  // namespace falcod::metadata

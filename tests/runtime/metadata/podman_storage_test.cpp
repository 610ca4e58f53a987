// Podman's storage as files; the live tests have one that Podman wrote.
#include "runtime/metadata/podman_storage.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace falcod;
using namespace falcod::metadata;
namespace fs = std::filesystem;

namespace {

const std::string kId(64, 'e');

struct Storage {
  fs::path root = fs::temp_directory_path() / ("falcoc-storage-" + std::to_string(::getpid()));
  Storage() { fs::remove_all(root); }
  ~Storage() { fs::remove_all(root); }

  void write(const fs::path& path, const std::string& text) const {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  }
};

}  // namespace

TEST_CASE("a container is found when its configuration is there, and not before") {
  const Storage storage;
  CHECK_FALSE(make_podman_storage(storage.root.string())->is_present());
  storage.write("overlay-containers/containers.json",
                R"([{"id":")" + kId + R"(","names":["web"],"image":"77",
                   "metadata":"{\"image-name\":\"r.io/web:v1\",\"name\":\"web\"}"}])");
  storage.write("overlay-images/images.json", R"([{"id":"77","digest":"sha256:12"}])");
  const auto engine = make_podman_storage(storage.root.string());
  CHECK(engine->is_present());
  auto found = engine->find(kId);
  REQUIRE(found);
  CHECK_FALSE(*found);
  storage.write(
      "overlay-containers/" + kId + "/userdata/config.json",
      R"({"process":{"user":{"uid":7}},"annotations":{"io.podman.annotations.privileged":"TRUE"},
                "linux":{"namespaces":[{"type":"pid"},{"type":"mount"}]},
                "mounts":[{"destination":"/in","type":"bind","source":"/srv","options":["ro","rslave"]},
                {"destination":"/etc/hosts","type":"bind","source":"/x/overlay-containers/)" +
          kId + R"(/userdata/hosts"},{"destination":"/proc","type":"proc","source":"proc"}]})");
  found = engine->find(kId);
  REQUIRE(found);
  REQUIRE(*found);
  const Container& container = **found;
  CHECK(container.name == "web");
  CHECK(container.image == "r.io/web:v1");
  CHECK(container.image_tag == "v1");
  CHECK(container.image_digest == "sha256:12");
  CHECK(container.image_id == "77");
  CHECK(container.user == "7");
  CHECK(container.privileged);
  CHECK_FALSE(container.host_pid);
  CHECK(container.host_network);
  REQUIRE(container.mounts.size() == 1);
  CHECK(container.mounts[0].destination == "/in");
  CHECK(container.mounts[0].propagation == "rslave");
  CHECK_FALSE(container.mounts[0].writable);
  CHECK(engine->list() == std::vector<std::string>{kId});
}

TEST_CASE("files that are no JSON are no containers") {
  const Storage storage;
  storage.write("vfs-containers/containers.json", "[{");
  const auto engine = make_podman_storage(storage.root.string());
  CHECK(engine->list()->empty());
  CHECK_FALSE(*engine->find(kId));
}

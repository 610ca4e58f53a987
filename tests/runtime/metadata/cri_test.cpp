// What engines say by the Container Runtime Interface; the live tests have a real one.
#include <doctest/doctest.h>

#include "runtime/metadata/cri_messages.h"
#include "runtime/metadata/wire.h"

using namespace falcod;
using namespace falcod::metadata;
using wire::Writer;

namespace {

const std::string kId(64, 'c'), kPod(64, 'd'), kDigest = "sha256:" + std::string(64, '1');

std::string container_reply(const std::string& image, const std::string& reference,
                            const std::string& info) {
  Writer status;
  status.text(1, kId).message(2, Writer().text(1, "server"));
  status.message(8, Writer().text(1, image)).text(9, reference);
  status.entry(12, "tier", "front").entry(12, "long", std::string(200, 'x'));
  status.message(14, Writer().text(1, "/data").text(2, "/srv").number(3, 1).number(5, 2));
  return Writer().message(1, status).entry(2, "info", info).bytes();
}

std::string sandbox_reply(const std::string& info = "{}") {
  constexpr uint64_t kNode = 2;
  Writer status;
  status.text(1, kPod).message(
      2, Writer().text(1, "web-1").text(2, "uid-1").text(3, "shop").number(4, 1));
  status.message(5, Writer().text(1, "10.0.0.7"));
  status.message(6,
                 Writer().message(1, Writer().message(2, Writer().number(1, kNode).number(2, 1))));
  status.entry(7, "app", "web");
  return Writer().message(1, status).entry(2, "info", info).bytes();
}

}  // namespace

TEST_CASE("a container and its pod") {
  Container container = cri::container_of(
      container_reply("r.io/web:v1", "r.io/web@" + kDigest,
                      R"({"config":{"image":{"image":")" + kDigest +
                          R"("},"linux":{"security_context":{"privileged":true}}}})"),
      100);
  CHECK(container.id == kId.substr(0, 12));
  CHECK(container.name == "server");
  CHECK(container.image == "r.io/web:v1");
  CHECK(container.image_repository == "r.io/web");
  CHECK(container.image_tag == "v1");
  CHECK(container.image_digest == kDigest);
  CHECK(container.image_id == std::string(64, '1'));
  CHECK(container.privileged);
  CHECK(container.labels == std::map<std::string, std::string>{{"tier", "front"}});
  REQUIRE(container.mounts.size() == 1);
  CHECK(container.mounts[0].source == "/srv");
  CHECK(container.mounts[0].destination == "/data");
  CHECK(container.mounts[0].propagation == "rshared");
  CHECK_FALSE(container.mounts[0].writable);

  cri::add_sandbox(container, sandbox_reply(R"({"cniResult":{"Interfaces":{"eth0":{}}}})"), 100);
  CHECK(container.pod_sandbox_id == kPod);
  CHECK(container.labels.at("io.kubernetes.pod.name") == "web-1");
  CHECK(container.labels.at("io.kubernetes.pod.uid") == "uid-1");
  CHECK(container.labels.at("io.kubernetes.pod.namespace") == "shop");
  CHECK(container.pod_labels.at("app") == "web");
  CHECK(container.ip == "10.0.0.7");
  CHECK(container.cni_json == R"({"eth0":{}})");
  CHECK(container.host_network);
  CHECK_FALSE(container.host_pid);
}

TEST_CASE("an image that is known by its digest alone is named by annotations") {
  const Container container =
      cri::container_of(container_reply(kDigest, kDigest,
                                        R"({"privileged":true,"runtimeSpec":{"annotations":
                         {"io.kubernetes.cri-o.ImageName":"r.io/other:v9"}}})"),
                        100);
  CHECK(container.image == "r.io/other:v9");
  CHECK(container.image_repository == "r.io/other");
  CHECK(container.image_tag == "v9");
  CHECK(container.image_digest == kDigest);
  CHECK(container.privileged);
}

TEST_CASE("a pod's sandbox is a container too") {
  const Container container =
      cri::sandbox_container(sandbox_reply(R"({"image":"r.io/pause:3"})"), 100);
  CHECK(container.full_id == kPod);
  CHECK(container.name == "web-1");
  CHECK(container.image_repository == "r.io/pause");
  CHECK(container.pod_sandbox_id == kPod);
}

TEST_CASE("damaged replies make empty containers") {
  const std::string whole = container_reply("a", "b", "{}");
  for (size_t size = 0; size < whole.size(); ++size) {
    const Container container = cri::container_of(whole.substr(0, size), 100);
    CHECK((container.id.empty() || container.id == kId.substr(0, 12)));
  }
}

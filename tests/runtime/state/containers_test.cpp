// What captures tell of containers, in their forms of all ages.
#include "runtime/state/containers.h"

#include <doctest/doctest.h>

namespace falcod {

TEST_CASE("containers: today's form") {
  Containers containers;
  const Container* container = containers.add(
      R"({"container":{"id":"32a1026ccb88","full_id":"32a1026ccb88a551","type":7,"name":"web",)"
      R"("image":"docker.io/nginx:1.25","imagerepo":"docker.io/nginx","imagetag":"1.25",)"
      R"("imagedigest":"sha256:b9","imageid":"0ca0","ip":"10.0.0.2","privileged":true,)"
      R"("host_network":true,"labels":{"io.kubernetes.pod.name":"web-0","app":"shop"},)"
      R"("pod_sandbox_labels":null,"Mounts":[{"Source":"/etc","Destination":"/host/etc",)"
      R"("Mode":"ro","RW":false,"Propagation":"rprivate"}]}})");
  REQUIRE(container != nullptr);
  CHECK(containers.find("32a1026ccb88") == container);
  CHECK(container->full_id == "32a1026ccb88a551");
  CHECK(container->type == "containerd");
  CHECK(container->image_repository == "docker.io/nginx");
  CHECK(container->image_tag == "1.25");
  CHECK(container->privileged);
  CHECK(container->host_network);
  CHECK_FALSE(container->host_pid);
  CHECK(container->labels.at("app") == "shop");
  CHECK(container->pod_labels.empty());
  REQUIRE(container->mounts.size() == 1);
  CHECK(container->mounts[0].destination == "/host/etc");
  CHECK_FALSE(container->mounts[0].writable);
}

TEST_CASE("containers: the oldest form has no object around it; texts may end in a NUL") {
  Containers containers;
  const std::string text =
      std::string(R"({"id":"5ea733068030","type":0,"name":"falco","image":"sysdig/falco"})") + '\0';
  const Container* container = containers.add(text);
  REQUIRE(container != nullptr);
  CHECK(container->type == "docker");
  CHECK(container->image == "sysdig/falco");
  CHECK(container->image_repository.empty());
}

TEST_CASE("containers: what was removed is known once more, for the event that tells of it") {
  Containers containers;
  containers.add(R"({"container":{"id":"a","name":"web"}})");
  const Container* removed = containers.remove(R"({"container":{"id":"a"}})");
  REQUIRE(removed != nullptr);
  CHECK(removed->name == "web");
  CHECK(containers.find("a") == nullptr);
}

TEST_CASE("containers: texts of any other kind tell nothing") {
  Containers containers;
  for (const char* text :
       {"", "[]", "{", "null", R"({"container":7})", R"({"container":{"id":3}})"}) {
    CAPTURE(text);
    CHECK(containers.add(text) == nullptr);
    CHECK(containers.remove(text) == nullptr);
  }
}

}  // namespace falcod

// What Docker and Podman say, as they say it.
#include <doctest/doctest.h>

#include "runtime/metadata/docker_json.h"
#include "runtime/metadata/probes.h"

using namespace falcod;
using namespace falcod::metadata;

namespace {

const std::string kId(64, 'a');

Json inspected() {
  return parse_json(R"({"Id":")" + kId + R"(","Name":"/web","Image":"sha256:0123","Config":{
    "Image":"localhost:5000/shop/web:v2","User":"www","Labels":{"a":"b","long":")" +
                    std::string(200, 'x') + R"("},
    "Healthcheck":{"Test":["CMD-SHELL","curl -f localhost"]}},
    "HostConfig":{"Privileged":true,"PidMode":"host","NetworkMode":"host","IpcMode":"host"},
    "NetworkSettings":{"IPAddress":"","Networks":{"bridge":{"IPAddress":"172.17.0.2"}}},
    "Mounts":[{"Source":"/var/run/docker.sock","Destination":"/s","Mode":"ro","RW":false,
               "Propagation":"rprivate"}]})");
}

}  // namespace

TEST_CASE("a container of Docker") {
  Container container = container_of_docker(inspected(), 100);
  CHECK(container.id == kId.substr(0, 12));
  CHECK(container.full_id == kId);
  CHECK(container.name == "web");
  CHECK(container.type == "docker");
  CHECK(container.image == "localhost:5000/shop/web:v2");
  CHECK(container.image_id == "0123");
  CHECK(container.user == "www");
  CHECK(container.labels == std::map<std::string, std::string>{{"a", "b"}});
  CHECK(container.privileged);
  CHECK(container.host_pid);
  CHECK(container.host_network);
  CHECK(container.host_ipc);
  CHECK(container.ip == "172.17.0.2");
  REQUIRE(container.mounts.size() == 1);
  CHECK(container.mounts[0].source == "/var/run/docker.sock");
  CHECK_FALSE(container.mounts[0].writable);
  CHECK(container.healthcheck == std::vector<std::string>{"/bin/sh", "-c", "curl -f localhost"});

  add_docker_image(container, parse_json(R"({"RepoTags":["other:1","localhost:5000/shop/web:v2"],
    "RepoDigests":["other@sha256:1","localhost:5000/shop/web@sha256:2"]})"));
  CHECK(container.image_repository == "localhost:5000/shop/web");
  CHECK(container.image_tag == "v2");
  CHECK(container.image_digest == "sha256:2");
}

TEST_CASE("a container whose image has no name has that of its image") {
  Json json = inspected();
  json["Config"]["Image"] = "sha256:0123";
  Container container = container_of_docker(json, 100);
  CHECK(container.image_repository.empty());
  add_docker_image(container,
                   parse_json(R"({"RepoTags":["web:v3"],"RepoDigests":["web@sha256:9"]})"));
  CHECK(container.image_repository == "web");
  CHECK(container.image_tag == "v3");
  CHECK(container.image_digest == "sha256:9");
}

TEST_CASE("who shares another container's network has its address") {
  CHECK(network_owner(parse_json(R"({"HostConfig":{"NetworkMode":"container:abc"}})")) == "abc");
  CHECK(network_owner(inspected()).empty());
}

TEST_CASE("a container of Podman") {
  Json json = inspected();
  json["ImageName"] = "localhost/web:v4";
  json["ImageDigest"] = "sha256:77";
  json["Name"] = "web";
  const Container container = container_of_podman(json, 100);
  CHECK(container.type == "podman");
  CHECK(container.image == "localhost/web:v4");
  CHECK(container.image_repository == "localhost/web");
  CHECK(container.image_digest == "sha256:77");
}

TEST_CASE("nonsense makes an empty container") {
  for (const char* text : {"null", "[]", "1", R"({"Config":[],"HostConfig":7,"Mounts":{"a":1}})"}) {
    CHECK(container_of_docker(parse_json(text), 100).id.empty());
    CHECK(container_of_podman(parse_json(text), 100).id.empty());
  }
}

TEST_CASE("probes are those of the container's own part of the manifest") {
  const std::string manifest = R"({"spec":{"containers":[
    {"name":"a","livenessProbe":{"exec":{"command":["/live","a"]}}},
    {"name":"b","readinessProbe":{"exec":{"command":["/ready","b"]}}}]}})";
  Container container;
  container.name = "b";
  add_kubernetes_probes(container, manifest);
  CHECK(container.liveness_probe.empty());
  CHECK(container.readiness_probe == std::vector<std::string>{"/ready", "b"});
  add_kubernetes_probes(container, "{");
  CHECK(docker_healthcheck(parse_json(R"({"Test":["NONE"]})")).empty());
  CHECK(docker_healthcheck(parse_json(R"({"Test":["CMD","/ok"]})")) ==
        std::vector<std::string>{"/ok"});
}

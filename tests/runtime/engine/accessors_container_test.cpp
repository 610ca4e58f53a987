// Fields of containers and pods: of the host, of a container that a capture tells of, and of one
// that nothing but its cgroup tells of.
#include "tests/runtime/engine/field_fixture.h"

namespace falcod {
namespace {

using testing::EventBuilder;
using testing::FieldFixture;
using testing::kAbsent;
using testing::open_event;

struct ContainerFields : FieldFixture {
  Containers containers;

  ContainerFields() {
    context.containers = &containers;
    containers.add(
        R"({"container":{"id":"bbbbbbbbbbbb","full_id":"bbbbbbbbbbbbffff","type":7,"name":"web",)"
        R"("image":"docker.io/nginx:1.25","imageid":"0ca0","imagerepo":"docker.io/nginx",)"
        R"("imagetag":"1.25","imagedigest":"sha256:b9","ip":"10.0.0.2","privileged":true,)"
        R"("host_pid":true,"host_network":false,"host_ipc":true,"pod_sandbox_id":"ccccccccccccdd",)"
        R"("labels":{"app":"shop","io.kubernetes.pod.name":"web-0",)"
        R"("io.kubernetes.pod.namespace":"prod","io.kubernetes.pod.uid":"u-1","bare":""},)"
        R"("Mounts":[{"Source":"/proc","Destination":"/host/proc","Mode":"ro","RW":false,)"
        R"("Propagation":"rprivate"},{"Source":"/var/log","Destination":"/logs","Mode":"",)"
        R"("RW":true,"Propagation":""}]}})");
    containers.add(R"({"container":{"id":"cccccccccccc","ip":"10.0.0.1","cni_json":"{}",)"
                   R"("pod_sandbox_labels":{"tier":"front"}}})");
  }

  void run() {
    EventBuilder event = open_event();
    on(event);
    check({{"container.id", "bbbbbbbbbbbb"},
           {"container.full_id", "bbbbbbbbbbbbffff"},
           {"container.name", "web"},
           {"container.type", "containerd"},
           {"container.image", "docker.io/nginx:1.25"},
           {"container.image.id", "0ca0"},
           {"container.image.repository", "docker.io/nginx"},
           {"container.image.tag", "1.25"},
           {"container.image.digest", "sha256:b9"},
           {"container.privileged", "true"},
           {"container.host_pid", "true"},
           {"container.host_network", "false"},
           {"container.host_ipc", "true"},
           {"container.ip", "10.0.0.2"},
           {"container.cni.json", ""},
           {"container.label[app]", "shop"},
           {"container.label[none]", std::string(kAbsent)},
           {"container.labels", "app:shop, bare"},
           {"container.mounts", "/proc:/host/proc:ro:false:rprivate,/var/log:/logs::true:"},
           {"container.mount[0]", "/proc:/host/proc:ro:false:rprivate"},
           {"container.mount[/var/*]", "/var/log:/logs::true:"},
           {"container.mount[2]", std::string(kAbsent)},
           {"container.mount.source[/host/proc]", "/proc"},
           {"container.mount.dest[/proc*]", "/host/proc"},
           {"container.mount.dest[/etc]", std::string(kAbsent)},
           {"container.mount.mode[0]", "ro"},
           {"container.mount.rdwr[1]", "true"},
           {"container.mount.propagation[/proc]", "rprivate"},
           {"k8s.pod.name", "web-0"},
           {"k8s.ns.name", "prod"},
           {"k8s.pod.id", "u-1"},
           {"k8s.pod.uid", "u-1"},
           {"k8s.pod.sandbox_id", "cccccccccccc"},
           {"k8s.pod.full_sandbox_id", "ccccccccccccdd"},
           {"k8s.pod.label[tier]", "front"},
           {"k8s.pod.labels", "tier:front"},
           {"k8s.pod.ip", "10.0.0.1"},
           {"k8s.pod.cni.json", "{}"}});
  }
};

TEST_CASE_FIXTURE(ContainerFields, "a container and its pod, as a capture tells of them") { run(); }

TEST_CASE_FIXTURE(ContainerFields, "of the host everything is known, and most of it is empty") {
  context.process = table.find(100);
  EventBuilder event = open_event();
  on(event);
  check({{"container.id", "host"},
         {"container.image.repository", ""},
         {"container.privileged", "false"},
         {"container.mounts", ""},
         {"container.mount.dest[/proc*]", std::string(kAbsent)},
         {"k8s.pod.name", std::string(kAbsent)},
         {"k8s.pod.ip", ""}});
}

TEST_CASE_FIXTURE(ContainerFields, "of a container that nobody tells of its id is known") {
  containers.clear();
  EventBuilder event = open_event();
  on(event);
  check({{"container.id", "bbbbbbbbbbbb"},
         {"container.name", std::string(kAbsent)},
         {"container.image.repository", std::string(kAbsent)},
         {"container.privileged", std::string(kAbsent)},
         {"container.labels", std::string(kAbsent)},
         {"k8s.pod.labels", std::string(kAbsent)},
         {"k8s.pod.ip", std::string(kAbsent)}});
}

TEST_CASE_FIXTURE(ContainerFields, "an event that tells of a container has its fields") {
  context.process = table.find(100);
  EventBuilder event = open_event();
  on(event);
  context.told_container = containers.find("cccccccccccc");
  check({{"container.id", "cccccccccccc"}, {"container.ip", "10.0.0.1"}});
}

}  // namespace

void testing::look_at_fields_of_containers() { ContainerFields{}.run(); }

}  // namespace falcod

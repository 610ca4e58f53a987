// Container ids from the cgroup lines of real engines.
#include "runtime/state/cgroup.h"

#include <doctest/doctest.h>

namespace falcod {
namespace {

constexpr const char* kId = "3ad7b26ded6d8e7b23da7d48fe889434573036c27ae5a74837233de441c3601e";

struct Layout {
  const char* what;
  std::string path;
  std::string id;
  std::string engine;
};

std::vector<Layout> layouts() {
  const std::string id = kId;
  const std::string task = "de7870fbd4fd35a2b417337e4bda574d";
  return {
      {"docker, cgroupfs", "/docker/" + id, id, "docker"},
      {"docker, systemd", "/system.slice/docker-" + id + ".scope", id, "docker"},
      {"docker with an init system inside", "/docker/" + id + "/system.slice/cron.service", id,
       "docker"},
      {"podman, root", "/machine.slice/libpod-" + id + ".scope", id, "podman"},
      {"podman, v2 sub-cgroup", "/machine.slice/libpod-" + id + ".scope/container", id, "podman"},
      {"podman, rootless",
       "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id + ".scope", id,
       "podman"},
      {"podman, cgroupfs", "/libpod_parent/libpod-" + id, id, "podman"},
      {"podman's monitor is not a container", "/machine.slice/libpod-conmon-" + id + ".scope", "",
       ""},
      {"cri-o, systemd", "/kubepods.slice/kubepods-pod1.slice/crio-" + id + ".scope", id, "cri-o"},
      {"cri-o, cgroupfs", "/kubepods/pod1/crio-" + id, id, "cri-o"},
      {"cri-o's monitor is not a container", "/kubepods.slice/crio-conmon-" + id + ".scope", "",
       ""},
      {"containerd, systemd",
       "/kubepods.slice/kubepods-burstable.slice/cri-containerd-" + id + ".scope", id,
       "containerd"},
      {"containerd, cgroupfs under systemd",
       "/system.slice/containerd.service/kubepods-besteffort-pod1.slice:cri-containerd:" + id, id,
       "containerd"},
      {"kubernetes, cgroupfs", "/kubepods/besteffort/pod74d3a2c1-0000-11ee-8c99-0242ac120002/" + id,
       id, ""},
      {"nerdctl", "/system.slice/nerdctl-" + id + ".scope", id, "containerd"},
      {"the innermost of nested containers",
       "/docker/" + std::string(64, 'a') + "/kubelet/kubepods/pod1/" + id, id, ""},
      {"ECS", "/ecs/7e4c64a8/" + id, id, ""},
      {"Fargate", "/ecs/" + task + "/" + task + "-3935363592", task + "-3935363592", ""},
      {"a 128-bit id", "/process_api/" + task, task, ""},
      {"lxc", "/lxc/web", "web", "lxc"},
      {"lxc 4", "/lxc.payload.web", "web", "lxc"},
      {"lxc's monitor is not a container", "/lxc.monitor.web", "", ""},
      {"bpm", "/system.slice/bpm-mjptcys", "mjptcys", "bpm"},
      {"kind: containerd in docker, cgroups v2",
       "/system.slice/docker-" + std::string(64, 'a') +
           ".scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod1.slice/"
           "cri-containerd-" +
           id + ".scope",
       id, "containerd"},
      {"docker in docker", "/docker/" + std::string(64, 'a') + "/docker/" + id, id, "docker"},
      {"docker in a pod",
       "/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + std::string(64, 'a') +
           ".scope/docker/" + id + "/init",
       id, "docker"},
      {"k3s, cgroupfs", "/kubepods/burstable/pod1/" + id, id, ""},
      {"podman in a user's slice, v2",
       "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id + ".scope/container",
       id, "podman"},
      {"systemd-nspawn by machinectl", "/machine.slice/systemd-nspawn@web.service/payload", "web",
       ""},
      {"systemd-nspawn by hand", "/machine.slice/machine-web\\x2d1.scope", "web-1", ""},
      {"libvirt's containers", "/machine.slice/machine-lxc\\x2d4711\\x2dweb.scope/libvirt", "web",
       "libvirt-lxc"},
      {"libvirt's containers, v1", "/machine/lxc-4711-web.libvirt-lxc", "web", "libvirt-lxc"},
      {"virtual machines are none", "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/emulator", "",
       ""},
      {"the root", "/", "", ""},
      {"a service", "/system.slice/ssh.service", "", ""},
      {"a login session", "/user.slice/user-0.slice/session-3.scope", "", ""},
      {"upper case is no id", "/docker/" + std::string(64, 'A'), "", ""},
      {"one digit short", "/docker/" + id.substr(1), "", ""},
      {"a kubernetes pod without container", "/kubepods/burstable/pod74d3a2c1", "", ""},
  };
}

TEST_CASE("every engine's cgroup path gives the container's id and no other path does") {
  for (const Layout& layout : layouts()) {
    CAPTURE(layout.what);
    const auto match = match_container({{"memory", layout.path}});
    CHECK_EQ(match ? match->full_id : "", layout.id);
    CHECK_EQ(std::string(match ? match->engine : ""), layout.engine);
  }
}

TEST_CASE("on hybrid hosts any hierarchy can hold the container") {
  const std::string id = kId;
  CHECK_EQ(container_id_from_cgroups({{"", "/"}, {"cpu", "/"}, {"memory", "/docker/" + id}}), id);
  CHECK_EQ(container_id_from_cgroups({{"", "/system.slice/docker-" + id + ".scope"}}), id);
  CHECK_EQ(container_id_from_cgroups({}), "");
}

TEST_CASE("a pod's uid is in its cgroup, by either driver") {
  const std::string uid = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", id(64, 'a');
  const auto uid_in = [](const std::string& path) {
    return pod_uid_from_cgroups({{"cpu", "/"}, {"memory", path}});
  };
  CHECK(uid_in("/kubepods/burstable/pod" + uid + "/" + id) == uid);
  CHECK(uid_in("/kubepods/pod" + uid) == uid);
  const std::string slice = "kubepods-besteffort-pod0f1e2d3c_4b5a_6978_8796_a5b4c3d2e1f0.slice";
  CHECK(uid_in("/kubepods.slice/kubepods-besteffort.slice/" + slice + "/cri-containerd-" + id +
               ".scope") == uid);
  CHECK(uid_in("/system.slice/containerd.service/" + slice + ":cri-containerd:" + id) == uid);
  // A cluster in a container: the inner pod acts.
  const std::string outer(32, 'b');
  CHECK(uid_in("/kubepods/pod" + outer + "/" + id) == outer);
  CHECK(uid_in("/kubepods/pod" + outer + "/" + id + "/kubelet/kubepods/pod" + uid + "/" + id) ==
        uid);
  CHECK(uid_in("/machine.slice/pod" + uid).empty());
  CHECK(uid_in("/kubepods/burstable").empty());
  CHECK(uid_in("/kubepods/pod" + uid + "0").empty());
  CHECK(uid_in("/kubepods/pod" + std::string(36, '-')).empty());
  CHECK(uid_in("/kubepods/podXYZ").empty());
}

TEST_CASE("container.id is twelve digits of an id and the whole of a name") {
  CHECK_EQ(short_container_id(kId), "3ad7b26ded6d");
  CHECK_EQ(short_container_id("de7870fbd4fd35a2b417337e4bda574d"), "de7870fbd4fd");
  CHECK_EQ(short_container_id("a-rather-long-name"), "a-rather-long-name");
}

TEST_CASE("an isolated process in a cgroup of its own is a container of that name") {
  const CgroupPaths outside{{"memory", "/user/shell"}, {"", "/"}};
  CHECK_EQ(container_name_from_cgroups({{"memory", "/user/shell/mybox"}, {"", "/"}}, outside),
           "mybox");
  CHECK_EQ(container_name_from_cgroups({{"memory", "/user/shell"}, {"", "/mybox"}}, outside),
           "mybox");
  CHECK_EQ(container_name_from_cgroups({{"", "/system.slice/runc-mybox.scope"}}, outside), "mybox");

  SUBCASE("but not in the cgroup of those outside, nor in the root") {
    CHECK_EQ(container_name_from_cgroups(outside, outside), "");
    CHECK_EQ(container_name_from_cgroups({{"", "/"}}, {{"", "/elsewhere"}}), "");
  }
  SUBCASE("and not in a systemd unit: services and browsers isolate themselves too") {
    CHECK_EQ(container_name_from_cgroups({{"", "/system.slice/bluetooth.service"}}, outside), "");
    CHECK_EQ(container_name_from_cgroups({{"", "/user.slice/app-browser-7.scope"}}, outside), "");
  }
}

TEST_CASE("/proc/PID/cgroup lines are read in all three layouts") {
  const CgroupPaths paths =
      parse_proc_cgroup("9:name=systemd:/a\n4:cpu,cpuacct:/b:c\n0::/d\nnot a line\n");
  REQUIRE_EQ(paths.size(), 4);
  CHECK_EQ(paths[0], CgroupPaths::value_type("systemd", "/a"));
  CHECK_EQ(paths[1], CgroupPaths::value_type("cpu", "/b:c"));
  CHECK_EQ(paths[2], CgroupPaths::value_type("cpuacct", "/b:c"));
  CHECK_EQ(paths[3], CgroupPaths::value_type("", "/d"));
}

}  // namespace
}  // namespace falcod

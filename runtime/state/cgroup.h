// Container ids from cgroup paths: v1, v2 and hybrid layouts of docker, containerd, cri-o, podman,
// lxc, bpm and runc, with either cgroup driver (systemd slices, cgroupfs). Pure text work.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace falcod {

/// Controller and path of each hierarchy; the controller of the v2 hierarchy is empty.
using CgroupPaths = std::vector<std::pair<std::string, std::string>>;

struct ContainerMatch {
  std::string full_id;      ///< 32 or 64 hex digits, or a name where the engine gives names
  std::string_view engine;  ///< container.type where the path alone tells it, else empty
};

/// The container these cgroups belong to by the naming schemes of container engines.
std::optional<ContainerMatch> match_container(const CgroupPaths& cgroups);

/// Full id only, empty = host.
std::string container_id_from_cgroups(const CgroupPaths& cgroups);

/// The uid of the Kubernetes pod in whose cgroup these are, as the API server writes it; empty if
/// they are in none. Pods that a kubelet made from a file have 32 digits there.
std::string pod_uid_from_cgroups(const CgroupPaths& cgroups);

/// runc used by hand leaves no scheme: `runc run mybox` puts the processes into `…/mybox` (or
/// `…/runc-mybox.scope`). To be called for processes in a pid namespace of their own; `outside` are
/// the cgroups of the nearest ancestor in the initial one. The last path component is then the
/// container's name, unless it is a systemd unit (sandboxed services and browsers have namespaces
/// too) or the process shares its cgroup with the outside. Empty if there is no such name.
std::string container_name_from_cgroups(const CgroupPaths& cgroups, const CgroupPaths& outside);

/// What container.id prints: the first 12 digits of a hexadecimal id, a name in full.
std::string short_container_id(std::string_view full_id);

/// Lines of /proc/PID/cgroup. Controllers that share a hierarchy (`cpu,cpuacct`) get one entry
/// each; names are those that Falco uses (SCAP notes, section 6).
CgroupPaths parse_proc_cgroup(std::string_view text);

}  // namespace falcod

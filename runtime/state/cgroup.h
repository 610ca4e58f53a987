// Container ids from cgroup paths: v1, v2 and hybrid layouts of docker, containerd, cri-o, podman,
// runc and the cgroup drivers in use (systemd slices, cgroupfs).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace falcod {

/// Full id (64 hex digits, or the name runc was given where it looks like an id), empty = host.
std::string container_id_from_cgroups(
    const std::vector<std::pair<std::string, std::string>>& cgroups);

}  // namespace falcod

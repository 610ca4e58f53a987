// What the Container Runtime Interface says of containers and pods. Pure: messages in, Container
// out.
#pragma once

#include <string>
#include <string_view>

#include "runtime/state/containers.h"

namespace falcod::metadata::cri {

/// The reply of ContainerStatus, asked verbosely. The pod is added by add_sandbox().
Container container_of(std::string_view reply, size_t label_max_len);
/// The id of the pod's sandbox, from a Container of ListContainers.
std::string sandbox_of(std::string_view listed);
/// Adds what the reply of PodSandboxStatus, asked verbosely, tells of the container's pod.
void add_sandbox(Container& container, std::string_view reply, size_t label_max_len);
/// The pod's sandbox as a container of its own, from the same reply.
Container sandbox_container(std::string_view reply, size_t label_max_len);

}  // namespace falcod::metadata::cri

// What Docker's API says of containers and images, and Podman's where it speaks the same. Pure:
// JSON in, Container out.
#pragma once

#include "runtime/metadata/json.h"
#include "runtime/state/containers.h"

namespace falcod::metadata {

/// The reply of /containers/ID/json. The image is as the container names it.
Container container_of_docker(const Json& inspected, size_t label_max_len);
/// Adds what the reply of /images/ID/json knows better: repository, tag and digest.
void add_docker_image(Container& container, const Json& image);
/// The reply of Podman's own /libpod/containers/ID/json.
Container container_of_podman(const Json& inspected, size_t label_max_len);

/// The id of the container whose network this one shares, empty if none.
std::string network_owner(const Json& inspected);
/// The address a container has in its networks.
std::string network_address(const Json& inspected);

}  // namespace falcod::metadata

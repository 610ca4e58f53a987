// Docker and Podman by their HTTP API.
#pragma once

#include <memory>

#include "runtime/metadata/container_engine.h"
#include "runtime/metadata/settings.h"

namespace falcod::metadata {

enum class DockerFlavor : uint8_t { DOCKER, PODMAN };

std::unique_ptr<ContainerEngine> make_docker_engine(DockerFlavor flavor, const std::string& socket,
                                                    const MetadataSettings& settings);

}  // namespace falcod::metadata

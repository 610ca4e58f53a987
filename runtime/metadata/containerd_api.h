// containerd by its own gRPC services, for containers that no kubelet and no Docker made: nerdctl,
// ctr, hosts that run their own services in containers.
#pragma once

#include <memory>

#include "runtime/metadata/container_engine.h"
#include "runtime/metadata/settings.h"

namespace falcod::metadata {

std::unique_ptr<ContainerEngine> make_containerd_engine(const std::string& socket,
                                                        const MetadataSettings& settings);

}  // namespace falcod::metadata

// Every engine that serves kubelets: containerd and CRI-O by the Container Runtime Interface, v1.
#pragma once

#include <memory>

#include "runtime/metadata/container_engine.h"
#include "runtime/metadata/settings.h"

namespace falcod::metadata {

std::unique_ptr<ContainerEngine> make_cri_engine(const std::string& socket,
                                                 const MetadataSettings& settings);

}  // namespace falcod::metadata

// Podman without its service: what it leaves in its storage when it makes a container. Names,
// image, mounts, namespaces and privileges are there; labels are not.
#pragma once

#include <memory>

#include "runtime/metadata/container_engine.h"
#include "runtime/metadata/settings.h"

namespace falcod::metadata {

/// `root`: the graph root, as `podman info` calls it.
std::unique_ptr<ContainerEngine> make_podman_storage(const std::string& root);

/// The graph roots of the machine's users, root's first, that there are.
std::vector<std::string> podman_storages(const MetadataSettings& settings);

}  // namespace falcod::metadata

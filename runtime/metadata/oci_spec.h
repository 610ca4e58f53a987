// What the configuration that runc gets (OCI runtime specification) says of a container.
#pragma once

#include "runtime/metadata/json.h"
#include "runtime/state/containers.h"

namespace falcod::metadata {

/// Mounts, namespaces, user and privileges. Mounts whose source holds `own` are the engine's own
/// and left out.
void add_oci_spec(Container& container, const Json& spec, const std::string& own);

}  // namespace falcod::metadata

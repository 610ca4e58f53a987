// What accessors of containers, pods and probes share. Inner header of accessors_container.cpp,
// accessors_kubernetes.cpp and accessors_probe.cpp.
#pragma once

#include "runtime/engine/accessors.h"
#include "runtime/state/containers.h"

namespace falcod::access {

/// Of the event's process; of an event that tells of a container, that one. Null if nothing is
/// known.
const Container* container_of(void* context);

/// What the API server tells of the pod in which the event's container is: the pod that the
/// process's cgroup names, else the one that the container's engine does. Null if it is not known.
const Pod* pod_of(void* context);

}  // namespace falcod::access

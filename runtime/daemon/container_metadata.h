// Starts what asks container engines and the cluster's API server.
#pragma once

#include <memory>

#include "runtime/daemon/report.h"
#include "runtime/metadata/service.h"

namespace falcod {

/// What keeps the API server from being asked is reported; engines are asked in any case.
std::unique_ptr<metadata::Service> start_metadata(const MetadataSettings& settings,
                                                  const Reporter& reporter);

}  // namespace falcod

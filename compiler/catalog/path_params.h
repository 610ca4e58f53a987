// Which parameters of an event are the paths it works on (fs.path.*). Knows the catalog only.
#pragma once

#include <cstdint>

#include "compiler/catalog/catalog.h"

namespace falcoc {

/// Indexes of parameters, -1: the event has no such path.
struct PathParams {
  EventCode event{};
  int8_t name = -1;
  int8_t source = -1;
  int8_t target = -1;
};

PathParams path_params(EventCode event);

}  // namespace falcoc

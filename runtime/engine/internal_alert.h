// Alerts of the daemon about itself, laid out as Falco lays them out (falco-config.md, section 3):
// source "internal", no tags, not subject to the least priority.
#pragma once

#include <map>
#include <string>

#include "runtime/engine/alert.h"

namespace falcod {

struct InternalAlert {
  std::string rule;
  std::string message;
  falcoc::Priority priority = falcoc::Priority::DEBUG;
  uint64_t time_ns = 0;                       ///< since the epoch
  std::map<std::string, std::string> fields;  ///< output_fields, all text
  std::string json_fields{};  ///< output_fields as a JSON object, if they are of several types
  std::string except{};       ///< an output that it is not for; empty: for all
};

/// The line of an alert, text or JSON, without line end.
std::string internal_alert_line(const InternalAlert& alert, const AlertOptions& options,
                                const std::string& hostname);

/// As JSON whatever the options say.
std::string internal_alert_json(const InternalAlert& alert, const std::string& hostname);

/// FALCO_HOSTNAME, else the host's.
std::string alert_hostname();

}  // namespace falcod

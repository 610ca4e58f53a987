// Alerts of the daemon about itself: Falco's form.
#include "runtime/engine/internal_alert.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace falcod;

namespace {

InternalAlert example() {
  return {.rule = "Falco internal: something",
          .message = "Falco internal: something. It happened.",
          .priority = falcoc::Priority::DEBUG,
          .time_ns = 1'700'000'000'123'456'789,
          .fields = {{"n_b", "2"}, {"n_a", "1"}}};
}

}  // namespace

TEST_CASE("as text its fields follow in brackets, in the order of their names") {
  AlertOptions options;
  options.iso8601_time = true;
  CHECK(internal_alert_line(example(), options, "host") ==
        "2023-11-14T22:13:20.123456789+0000: Debug Falco internal: something. It happened. "
        "(n_a=1 n_b=2)");
}

TEST_CASE("as JSON it has the source internal and no tags") {
  AlertOptions options;
  options.json = true;
  CHECK(nlohmann::json::parse(internal_alert_line(example(), options, "host")) ==
        nlohmann::json{{"hostname", "host"},
                       {"output", "Falco internal: something. It happened."},
                       {"output_fields", {{"n_a", "1"}, {"n_b", "2"}}},
                       {"priority", "Debug"},
                       {"rule", "Falco internal: something"},
                       {"source", "internal"},
                       {"time", "2023-11-14T22:13:20.123456789Z"}});
}

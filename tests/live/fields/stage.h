// Where the known process acts: a directory, a terminal, a cgroup, a pid namespace, a user; and
// what was seen of it.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace falcod::test {

/// What is known without falcod, by name: the actor's own report, and what the stage gave it.
using Known = std::map<std::string, std::string>;

/// One field of one alert: as printed, and as JSON (null: absent).
struct Shown {
  std::string text;
  nlohmann::json value;
};

/// A rule whose alert shows fields.
struct Scene {
  std::string name;
  std::string condition;            ///< beyond that it is the actor who acts
  std::vector<std::string> fields;  ///< shown by the output
};

/// Name of the scene that the actor's last deed makes; the actor stays until it was seen.
inline constexpr const char* kLastScene = "generic";

struct Performance {
  Known known;
  std::map<std::string, std::map<std::string, Shown>> shown;  ///< by scene and field
};

/// Lets the actor act under an engine that watches with these scenes. Empty `known` if this machine
/// does not allow it; the test has said so then.
Performance perform(const std::vector<Scene>& scenes);

}  // namespace falcod::test

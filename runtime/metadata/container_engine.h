// One container engine on this machine, whatever it speaks. Called by several threads of the
// metadata service at the same time.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/state/containers.h"

namespace falcod::metadata {

class ContainerEngine {
 public:
  virtual ~ContainerEngine() = default;

  /// For people: "podman at /run/podman/podman.sock".
  virtual std::string name() const = 0;
  /// Whether containers can be its own whose cgroup path shows this engine (container.type; empty:
  /// the path shows none).
  virtual bool serves(std::string_view shown) const = 0;
  /// Whether the engine is there at all: its socket or its storage.
  virtual bool is_present() const = 0;

  /// Whether it knows less than another engine for the same containers, which is preferred.
  virtual bool is_makeshift() const { return false; }

  /// Nothing if the engine does not know it (yet); an error if the engine cannot be asked.
  virtual std::expected<std::optional<Container>, std::string> find(const std::string& id) = 0;
  /// Full ids of all containers that run.
  virtual std::expected<std::vector<std::string>, std::string> list() = 0;

  /// Whether it tells of new containers by itself.
  virtual bool has_events() const { return false; }
  /// Calls `on_container` with the id of each that is created or started, until the connection
  /// breaks or stop() is called; says why it ended.
  virtual std::string follow(const std::function<void(std::string id)>& /*on_container*/) {
    return "it tells of nothing";
  }
  /// From any thread: whatever runs ends soon, and nothing is begun any more.
  virtual void stop() {}
};

}  // namespace falcod::metadata

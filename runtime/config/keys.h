// The one table of the keys of falco.yaml: what each is, and which member of Config it sets; or why
// it sets none.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "runtime/config/config.h"

namespace falcod::config {

enum class KeyKind : uint8_t {
  VALUE,   ///< read by `read`
  PART,    ///< inside a list, or a map of free keys, which is read whole
  INERT,   ///< nothing to steer here; `text` says why
  LEGACY,  ///< of earlier versions; `text` says what to do. May have a `read`
};

class Reading;
struct Key;
using Read = void (*)(Config& config, const Node& node, const Key& key, Reading& reading);

struct Key {
  std::string_view path;  ///< `a.b`, `list[].c`
  KeyKind kind = KeyKind::VALUE;
  Read read = nullptr;
  std::string_view text{};  ///< see KeyKind; of a VALUE with words: the words
  uint64_t least = 0;       ///< of numbers
  uint64_t most = 0;
  bool free = false;  ///< what is below has keys of its own
};

std::span<const Key> keys();
/// The row of a path, null if there is none.
const Key* find_key(std::string_view path);
/// Whether keys begin with this path and a dot or bracket.
bool is_section(std::string_view path);

/// Where readers put what is wrong. Values given with -o have codes of options.
class Reading {
 public:
  Reading(falcoc::Diagnostics& diagnostics, std::span<const falcoc::FileId> option_files)
      : diagnostics_(diagnostics), option_files_(option_files) {}

  /// The value is not what is expected.
  void wrong(const Node& node, std::string_view path, std::string_view expected);
  void add(falcoc::Diagnostic diagnostic) { diagnostics_.add(std::move(diagnostic)); }
  bool is_option(const Node& node) const;

 private:
  falcoc::Diagnostics& diagnostics_;
  std::span<const falcoc::FileId> option_files_;
};

/// YAML's booleans, as Falco reads them.
bool parse_bool(std::string_view text, bool& out);
/// Prometheus' notation: `1h`, `1h30m`, `500ms`; units y w d h m s ms, each once, largest first.
bool parse_duration(std::string_view text, std::chrono::milliseconds& out);

// Readers of keys with a structure (lists.cpp, metadata.cpp).
void read_append_output(Config& config, const Node& node, const Key& key, Reading& reading);
void read_rules(Config& config, const Node& node, const Key& key, Reading& reading);
void read_rules_files(Config& config, const Node& node, const Key& key, Reading& reading);
void read_drop_actions(Config& config, const Node& node, const Key& key, Reading& reading);
void read_plugins(Config& config, const Node& node, const Key& key, Reading& reading);
void read_load_plugins(Config& config, const Node& node, const Key& key, Reading& reading);
void read_static_fields(Config& config, const Node& node, const Key& key, Reading& reading);
void read_sinks(Config& config, const Node& node, const Key& key, Reading& reading);
void read_metadata_wait(Config& config, const Node& node, const Key& key, Reading& reading);
void read_podman_storage(Config& config, const Node& node, const Key& key, Reading& reading);
/// The settings of Falco's plugin container.
void read_container_plugin(Config& config, const Node& init_config, Reading& reading);
void read_k8smeta_plugin(Config& config, const Node& init_config, Reading& reading);

}  // namespace falcod::config

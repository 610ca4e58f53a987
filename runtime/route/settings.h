// The keys of one section of `sinks`, from falco.yaml and from Falcosidekick's environment
// variables, which go first. Read once; afterwards a value of its own.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/config/node.h"

namespace falcod::route {

class Settings {
 public:
  Settings() = default;
  /// `section` may be null; `prefix` is the section's name, "" for the keys of all sinks. `keys`
  /// are separated by blanks; one with a dot is in a map: `batching.enabled`.
  Settings(const config::Node* section, std::string_view prefix, std::string_view keys,
           const config::Environment& environment);

  /// What a key says, `fallback` if nothing does.
  std::string text(std::string_view key, std::string_view fallback = {}) const;
  bool flag(std::string_view key, bool fallback) const;
  uint64_t number(std::string_view key, uint64_t fallback) const;
  /// A list, or texts with commas between.
  std::vector<std::string> list(std::string_view key) const;
  /// A map, or `k:v,k:v`.
  std::map<std::string, std::string> map(std::string_view key) const;
  /// All that is set, as text: equal if the settings are.
  std::string identity() const;
  bool has(std::string_view key) const { return values_.contains(key); }
  /// Another text for a key.
  void set(std::string_view key, std::string text) {
    values_.insert_or_assign(std::string(key),
                             Value{.text = std::move(text), .list = {}, .map = {}});
  }

 private:
  struct Value {
    std::string text;
    std::vector<std::string> list;
    std::map<std::string, std::string> map;
  };
  std::map<std::string, Value, std::less<>> values_;  ///< of keys that say something
};

/// The words of a text with blanks between them.
std::vector<std::string_view> words(std::string_view text);

}  // namespace falcod::route

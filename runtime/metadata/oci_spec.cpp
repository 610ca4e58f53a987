// See oci_spec.h.
#include "runtime/metadata/oci_spec.h"

#include <algorithm>
#include <array>

namespace falcod::metadata {

namespace {

bool has_namespace(const Json& spec, std::string_view type) {
  const Json& list = member(member(spec, "linux"), "namespaces");
  return list.is_array() && std::ranges::any_of(list, [&](const Json& entry) {
           return text_of(entry, "type") == type;
         });
}

/// Mounts that somebody asked for, not those that the engine makes for itself.
std::vector<ContainerMount> mounts_of(const Json& spec, const std::string& own) {
  static constexpr std::array<std::string_view, 6> kPropagations{"private", "rprivate", "shared",
                                                                 "rshared", "slave",    "rslave"};
  std::vector<ContainerMount> mounts;
  const Json& list = member(spec, "mounts");
  if (!list.is_array()) return mounts;
  for (const Json& entry : list) {
    ContainerMount mount{.source = text_of(entry, "source"),
                         .destination = text_of(entry, "destination"),
                         .mode = {},
                         .propagation = {},
                         .writable = true};
    bool binds = text_of(entry, "type") == "bind";
    for (const std::string& option : texts_of(member(entry, "options"))) {
      binds = binds || option == "bind" || option == "rbind";
      if (option == "ro") mount.writable = false;
      if (std::ranges::find(kPropagations, option) != kPropagations.end()) {
        mount.propagation = option;
      }
    }
    if (!binds || mount.source.find(own) != std::string::npos) continue;
    if (mounts.size() < kMaxItems) mounts.push_back(std::move(mount));
  }
  return mounts;
}

/// All devices, and nothing of /proc and /sys hidden or write-protected.
bool is_unconfined(const Json& spec) {
  const Json& linux_part = member(spec, "linux");
  const auto is_empty = [&](const char* key) {
    const Json& list = member(linux_part, key);
    return !list.is_array() || list.empty();
  };
  const Json& devices = member(member(linux_part, "resources"), "devices");
  const bool all_devices = devices.is_array() && std::ranges::any_of(devices, [](const Json& rule) {
                             return switch_of(rule, "allow") && text_of(rule, "access") == "rwm" &&
                                    !rule.contains("major") && !rule.contains("type");
                           });
  return all_devices && is_empty("maskedPaths") && is_empty("readonlyPaths");
}

}  // namespace

void add_oci_spec(Container& container, const Json& spec, const std::string& own) {
  container.mounts = mounts_of(spec, own);
  container.host_pid = !has_namespace(spec, "pid");
  container.host_network = !has_namespace(spec, "network");
  container.host_ipc = !has_namespace(spec, "ipc");
  container.privileged =
      text_of(member(spec, "annotations"), "io.podman.annotations.privileged") == "TRUE" ||
      is_unconfined(spec);
  const Json& uid = member(member(member(spec, "process"), "user"), "uid");
  if (uid.is_number_unsigned()) container.user = std::to_string(uid.get<uint64_t>());
}

}  // namespace falcod::metadata

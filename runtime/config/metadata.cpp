// Readers of what concerns containers: falcod's own section `metadata`, and the settings that
// Falco's plugin container has in init_config.
#include <fmt/format.h>

#include <array>
#include <charconv>

#include "runtime/config/keys.h"

namespace falcod::config {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

constexpr std::string_view kPlace = "plugins[].init_config";

void read_paths(const Node& node, const std::string& place, std::vector<std::string>& out,
                Reading& reading) {
  out.clear();
  if (!node.is_list()) return reading.wrong(node, place, "a list of paths");
  for (const Node& item : node.items) {
    if (!item.is_scalar() || item.text.empty()) {
      reading.wrong(item, place, "a path");
    } else {
      out.push_back(item.text);
    }
  }
}

void read_switch(const Node* node, const std::string& place, bool& out, Reading& reading) {
  if (node == nullptr || node->is_empty()) return;
  if (!node->is_scalar() || !parse_bool(node->text, out)) {
    reading.wrong(*node, place, "true or false");
  }
}

void note_inert(const Node& node, const std::string& place, std::string_view why,
                Reading& reading) {
  reading.add(Diagnostic::at(Code::CONFIG_KEY_INERT, node.span, fmt::format("{}: {}", place, why)));
}

void read_socket_engine(const Node& node, const std::string& place, EngineSettings& out,
                        Reading& reading) {
  if (!node.is_map()) return reading.wrong(node, place, "a map with enabled and sockets");
  read_switch(node.find("enabled"), place + ".enabled", out.enabled, reading);
  if (const Node* sockets = node.find("sockets"); sockets != nullptr && !sockets->is_empty()) {
    read_paths(*sockets, place + ".sockets", out.sockets, reading);
  }
}

/// Engines whose containers show in their cgroups alone: nothing is asked, so nothing is switched.
void read_cgroup_engine(const Node& node, const std::string& place, Reading& reading) {
  bool enabled = true;
  read_switch(node.find("enabled"), place + ".enabled", enabled, reading);
  if (!enabled) {
    note_inert(node, place, "containers of this engine are recognised by their cgroups always",
               reading);
  }
}

void read_engines(const Node& node, MetadataSettings& out, Reading& reading) {
  const std::string place = fmt::format("{}.engines", kPlace);
  if (!node.is_map()) return reading.wrong(node, place, "a map of engines");
  for (const auto& [name, span, engine] : node.entries) {
    const std::string own = fmt::format("{}.{}", place, name);
    if (name == "docker") {
      read_socket_engine(engine, own, out.docker, reading);
    } else if (name == "podman") {
      read_socket_engine(engine, own, out.podman, reading);
    } else if (name == "containerd") {
      read_socket_engine(engine, own, out.containerd, reading);
    } else if (name == "cri") {
      read_socket_engine(engine, own, out.cri, reading);
    } else if (name == "lxc" || name == "libvirt_lxc" || name == "bpm") {
      read_cgroup_engine(engine, own, reading);
    } else {
      reading.add(Diagnostic::at(Code::CONFIG_KEY_UNSUPPORTED, span,
                                 fmt::format("{}: falcod knows no such engine", own),
                                 "use docker, podman, containerd, cri, lxc, libvirt_lxc or bpm"));
    }
  }
}

void read_hooks(const Node& node, MetadataSettings& out, Reading& reading) {
  const std::string place = fmt::format("{}.hooks", kPlace);
  if (!node.is_list()) return reading.wrong(node, place, "a list of create and start");
  out.on_create = out.on_start = false;
  for (const Node& hook : node.items) {
    if (hook.text == "create") {
      out.on_create = true;
    } else if (hook.text == "start") {
      out.on_start = true;
    } else {
      reading.wrong(hook, place, "create or start");
    }
  }
}

}  // namespace

void read_metadata_wait(Config& config, const Node& node, const Key& key, Reading& reading) {
  constexpr std::chrono::milliseconds kLongest{60'000};
  std::chrono::milliseconds wait{0};
  const bool is_none = node.is_scalar() && node.text == "0";
  if (!is_none && (!node.is_scalar() || !parse_duration(node.text, wait) || wait > kLongest)) {
    return reading.wrong(node, key.path, "a time with a unit up to 1m, as 500ms or 2s; 0: none");
  }
  config.metadata.wait = wait;
}

void read_podman_storage(Config& config, const Node& node, const Key& key, Reading& reading) {
  read_paths(node, std::string(key.path), config.metadata.podman_storage, reading);
}

void read_container_plugin(Config& config, const Node& init_config, Reading& reading) {
  if (init_config.is_empty()) return;
  if (!init_config.is_map()) {
    return reading.wrong(init_config, kPlace, "a map with engines, label_max_len and hooks");
  }
  MetadataSettings& out = config.metadata;
  for (const auto& [name, span, value] : init_config.entries) {
    const std::string place = fmt::format("{}.{}", kPlace, name);
    if (name == "label_max_len") {
      const char* last = value.text.data() + value.text.size();
      const auto [end, error] = std::from_chars(value.text.data(), last, out.label_max_len);
      if (!value.is_scalar() || error != std::errc{} || end != last) {
        reading.wrong(value, place, "a whole number of bytes");
      }
    } else if (name == "with_size") {
      bool with_size = false;
      read_switch(&value, place, with_size, reading);
      if (with_size) note_inert(value, place, "no field shows the size of a container", reading);
    } else if (name == "hooks") {
      read_hooks(value, out, reading);
    } else if (name == "engines") {
      read_engines(value, out, reading);
    } else if (name == "host_root") {
      out.host_root = value.text;
    } else if (name == "log_level" || name == "engine_timeout") {
      note_inert(value, place, "falcod's own log and time limits hold", reading);
    } else {
      reading.add(Diagnostic::at(Code::CONFIG_KEY_UNKNOWN, span,
                                 fmt::format("{}: the plugin has no such setting", place),
                                 "remove it"));
    }
  }
}

/// Falco's plugin asks a collector that the cluster runs; falcod asks the API server.
void read_k8smeta_plugin(Config& config, const Node& init_config, Reading& reading) {
  if (init_config.is_empty()) return;
  if (!init_config.is_map()) return reading.wrong(init_config, kPlace, "a map with nodeName");
  for (const auto& [name, span, value] : init_config.entries) {
    const std::string place = fmt::format("{}.{}", kPlace, name);
    if (name == "nodeName") {
      if (!value.is_scalar()) {
        reading.wrong(value, place, "the name of this node");
      } else if (config.metadata.kubernetes.node.empty()) {
        config.metadata.kubernetes.node = value.text;  // metadata.kubernetes.node comes first
      }
    } else if (name == "collectorHostname" || name == "collectorPort" || name == "caPEMBundle") {
      reading.add(Diagnostic::at(
          Code::CONFIG_KEY_UNSUPPORTED, span,
          fmt::format("{}: falcod asks the Kubernetes API server, not k8s-metacollector", place),
          "remove it; give falcod's service account get, list and watch on pods, namespaces and "
          "services, and get on their owners, or name a kubeconfig in "
          "metadata.kubernetes.kubeconfig"));
    } else if (name == "verbosity" || name == "hostProc") {
      note_inert(value, place, "falcod's own log and view of /proc hold", reading);
    } else {
      reading.add(Diagnostic::at(Code::CONFIG_KEY_UNKNOWN, span,
                                 fmt::format("{}: the plugin has no such setting", place),
                                 "remove it"));
    }
  }
}

}  // namespace falcod::config

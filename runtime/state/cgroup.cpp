// Cgroup paths to container ids, see cgroup.h.
#include "runtime/state/cgroup.h"

#include <algorithm>
#include <array>

namespace falcod {
namespace {

constexpr size_t kFullIdLength = 64;   // sha256 of every OCI engine
constexpr size_t kTaskIdLength = 32;   // ECS and other engines with 128-bit ids
constexpr size_t kShortIdLength = 12;  // what container.id prints
constexpr size_t kNameLimit = 64;      // longest name taken for an id

enum class Shape { HEX, NAME };

/// A path component that names a container by itself.
struct ComponentScheme {
  std::string_view prefix;
  std::string_view suffix;
  Shape shape;
  std::string_view engine;
};

constexpr auto kComponentSchemes = std::to_array<ComponentScheme>({
    {"docker-", ".scope", Shape::HEX, "docker"},
    {"libpod-", ".scope", Shape::HEX, "podman"},
    {"libpod-", "", Shape::HEX, "podman"},
    {"crio-", ".scope", Shape::HEX, "cri-o"},
    {"crio-", "", Shape::HEX, "cri-o"},
    {"cri-containerd-", ".scope", Shape::HEX, "containerd"},
    {"containerd-", ".scope", Shape::HEX, "containerd"},
    {"nerdctl-", ".scope", Shape::HEX, "containerd"},
    {"lxc.payload.", "", Shape::NAME, "lxc"},
    {"bpm-", "", Shape::NAME, "bpm"},
});

/// A path component whose child names a container.
struct ParentScheme {
  std::string_view parent;
  Shape shape;
  std::string_view engine;
};

constexpr auto kParentSchemes = std::to_array<ParentScheme>({
    {"docker", Shape::HEX, "docker"},
    {"lxc", Shape::NAME, "lxc"},
    {"lxc.payload", Shape::NAME, "lxc"},
});

/// How systemd writes a minus in the name of a unit.
constexpr std::string_view kMinus = "\\x2d";

constexpr auto kUnitSuffixes = std::to_array<std::string_view>(
    {".service", ".scope", ".slice", ".mount", ".socket", ".swap", ".automount"});

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_full_id(std::string_view text) { return text.size() == kFullIdLength && is_hex(text); }

/// 32 digits, or with `-` and a number behind as Fargate writes them.
bool is_task_id(std::string_view text) {
  if (text.size() < kTaskIdLength || !is_hex(text.substr(0, kTaskIdLength))) return false;
  const std::string_view rest = text.substr(kTaskIdLength);
  return rest.empty() || (rest.size() > 1 && rest.front() == '-' &&
                          rest.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

bool fits(std::string_view id, Shape shape) {
  return shape == Shape::HEX ? is_full_id(id) : !id.empty() && id.size() <= kNameLimit;
}

std::vector<std::string_view> components_of(std::string_view path) {
  std::vector<std::string_view> components;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    if (slash != 0) components.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return components;
}

/// `text` without this beginning and end; nothing if it is not between them.
std::optional<std::string_view> between(std::string_view text, std::string_view prefix,
                                        std::string_view suffix) {
  if (text.size() <= prefix.size() + suffix.size() || !text.starts_with(prefix) ||
      !text.ends_with(suffix)) {
    return std::nullopt;
  }
  return text.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
}

/// The name of a machine in a unit's name, where a minus is escaped.
std::string unescaped(std::string_view text) {
  std::string name;
  while (true) {
    const size_t minus = text.find(kMinus);
    name += text.substr(0, minus);
    if (minus == std::string_view::npos) return name;
    name += '-';
    text.remove_prefix(minus + kMinus.size());
  }
}

/// Machines of systemd-nspawn, which have no word in container.type, and containers of libvirt.
/// Virtual machines are registered likewise, and are none.
std::optional<ContainerMatch> match_machine(std::string_view component, std::string_view parent) {
  if (const auto name = between(component, "systemd-nspawn@", ".service")) {
    return ContainerMatch{unescaped(*name), {}};
  }
  if (const auto machine = between(component, "", ".libvirt-lxc")) {
    const std::string_view name = *machine;
    const size_t minus = name.starts_with("lxc-") ? name.find('-', 4) : std::string_view::npos;
    return ContainerMatch{
        std::string(minus == std::string_view::npos ? name : name.substr(minus + 1)),
        "libvirt-lxc"};
  }
  const auto machine = between(component, "machine-", ".scope");
  if (!machine || parent != "machine.slice" || machine->starts_with("qemu")) return std::nullopt;
  const std::string name = unescaped(*machine);
  if (name.starts_with("lxc-")) {
    const size_t minus = name.find('-', 4);
    if (minus != std::string::npos) return ContainerMatch{name.substr(minus + 1), "libvirt-lxc"};
  }
  return ContainerMatch{name, {}};
}

std::optional<ContainerMatch> match_component(std::string_view component, std::string_view parent,
                                              bool is_last) {
  for (const ComponentScheme& scheme : kComponentSchemes) {
    if (!component.starts_with(scheme.prefix) || !component.ends_with(scheme.suffix)) continue;
    if (component.size() < scheme.prefix.size() + scheme.suffix.size()) continue;
    const std::string_view id = component.substr(
        scheme.prefix.size(), component.size() - scheme.prefix.size() - scheme.suffix.size());
    if (fits(id, scheme.shape)) return ContainerMatch{std::string(id), scheme.engine};
  }
  for (const ParentScheme& scheme : kParentSchemes) {
    if (parent == scheme.parent && fits(component, scheme.shape)) {
      return ContainerMatch{std::string(component), scheme.engine};
    }
  }
  if (auto machine = match_machine(component, parent);
      machine && fits(machine->full_id, Shape::NAME)) {
    return machine;
  }
  // The cgroupfs driver under a systemd parent: `SLICE:cri-containerd:ID`.
  const size_t colon = component.rfind(':');
  if (colon != std::string_view::npos && is_full_id(component.substr(colon + 1))) {
    const bool containerd = component.substr(0, colon).ends_with("cri-containerd");
    return ContainerMatch{std::string(component.substr(colon + 1)),
                          containerd ? "containerd" : std::string_view{}};
  }
  if (is_full_id(component)) return ContainerMatch{std::string(component), {}};
  // Shorter ids are trusted only where the container's processes themselves sit.
  if (is_last && is_task_id(component)) return ContainerMatch{std::string(component), {}};
  return std::nullopt;
}

std::optional<ContainerMatch> match_path(std::string_view path) {
  const std::vector<std::string_view> components = components_of(path);
  // Innermost first: a container inside a container is the one that acts.
  for (size_t i = components.size(); i-- > 0;) {
    const std::string_view parent = i > 0 ? components[i - 1] : std::string_view{};
    if (auto match = match_component(components[i], parent, i + 1 == components.size())) {
      return match;
    }
  }
  return std::nullopt;
}

/// "POD-UID" of `pod<uid>`, or of the slice of systemd, where a minus is an underscore.
std::string pod_uid_of(std::string_view component) {
  constexpr std::string_view kPod = "pod";
  constexpr std::string_view kUuid = "00000000-0000-0000-0000-000000000000";
  const size_t slice = component.find(".slice");
  if (slice != std::string_view::npos) {
    component = component.substr(0, slice);
    if (const size_t dash = component.rfind('-'); dash != std::string_view::npos) {
      component.remove_prefix(dash + 1);
    }
  }
  if (!component.starts_with(kPod)) return {};
  std::string uid(component.substr(kPod.size()));
  std::ranges::replace(uid, '_', '-');
  if (uid.size() == kTaskIdLength && is_hex(uid)) return uid;
  if (uid.size() != kUuid.size()) return {};
  for (size_t i = 0; i < uid.size(); ++i) {
    const bool fits = kUuid[i] == '-' ? uid[i] == '-' : is_hex(uid.substr(i, 1));
    if (!fits) return {};
  }
  return uid;
}

}  // namespace

std::string pod_uid_from_cgroups(const CgroupPaths& cgroups) {
  for (const auto& [controller, path] : cgroups) {
    if (path.find("kubepods") == std::string::npos) continue;
    const std::vector<std::string_view> components = components_of(path);
    for (size_t i = components.size(); i-- > 0;) {  // innermost first, as with containers
      if (std::string uid = pod_uid_of(components[i]); !uid.empty()) return uid;
    }
  }
  return {};
}

std::optional<ContainerMatch> match_container(const CgroupPaths& cgroups) {
  for (const auto& [controller, path] : cgroups) {
    if (auto match = match_path(path)) return match;
  }
  return std::nullopt;
}

std::string container_id_from_cgroups(const CgroupPaths& cgroups) {
  auto match = match_container(cgroups);
  return match ? std::move(match->full_id) : std::string{};
}

std::string container_name_from_cgroups(const CgroupPaths& cgroups, const CgroupPaths& outside) {
  for (const auto& [controller, path] : cgroups) {
    const auto shared = std::ranges::find(outside, controller, &CgroupPaths::value_type::first);
    if (shared != outside.end() && shared->second == path) continue;
    const std::vector<std::string_view> components = components_of(path);
    if (components.empty()) continue;
    std::string_view name = components.back();
    if (name.starts_with("runc-") && name.ends_with(".scope")) {
      name.remove_prefix(std::string_view("runc-").size());
      name.remove_suffix(std::string_view(".scope").size());
    } else if (std::ranges::any_of(kUnitSuffixes,
                                   [&](auto unit) { return name.ends_with(unit); })) {
      continue;
    }
    if (fits(name, Shape::NAME)) return std::string(name);
  }
  return {};
}

std::string short_container_id(std::string_view full_id) {
  const bool hex = is_full_id(full_id) || is_task_id(full_id);
  return std::string(hex ? full_id.substr(0, kShortIdLength) : full_id);
}

CgroupPaths parse_proc_cgroup(std::string_view text) {
  CgroupPaths cgroups;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t first = line.find(':');
    if (first == std::string_view::npos) continue;
    const size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view path = line.substr(second + 1);
    if (controllers.starts_with("name=")) controllers.remove_prefix(5);
    while (true) {
      const size_t comma = controllers.find(',');
      cgroups.emplace_back(controllers.substr(0, comma), path);
      if (comma == std::string_view::npos) break;
      controllers.remove_prefix(comma + 1);
    }
  }
  return cgroups;
}

}  // namespace falcod

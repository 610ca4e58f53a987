// Fields of classes container and k8s: what follows from cgroups, and what a capture recorded of
// the container. Of the host everything is known; a container that nothing but its cgroup tells of
// has an id, and its engine where the path shows it.
#include <fnmatch.h>

#include "runtime/engine/container_access.h"
#include "runtime/engine/event_access.h"

namespace falcod::access {
namespace {

using falcoc::FieldRef;
using falcoc::Value;

constexpr std::string_view kHost = "host";
constexpr size_t kShortId = 12;

const Container& host() {
  static const Container instance = [] {
    Container container;
    container.id = container.full_id = container.name = container.type = kHost;
    return container;
  }();
  return instance;
}

template <std::string Container::* Member>
bool put_member(void* context, Value& out) {
  const Container* container = container_of(context);
  return container != nullptr && put_text(out, container->*Member);
}

template <bool Container::* Member>
bool put_switch(void* context, Value& out) {
  const Container* container = container_of(context);
  return container != nullptr && put_bool(out, container->*Member);
}

bool put_label(Value& out, const std::map<std::string, std::string>& labels,
               const std::string& key) {
  const auto found = labels.find(key);
  return found != labels.end() && put_text(out, found->second);
}

/// As Falco prints them: without those that Kubernetes adds for itself.
bool put_labels(void* context, Value& out, const std::map<std::string, std::string>& labels) {
  std::string& text = scratch(of(context));
  for (const auto& [key, value] : labels) {
    if (key.starts_with("annotation.") || key.starts_with("io.kubernetes.")) continue;
    if (!text.empty()) text += ", ";
    text += key;
    if (!value.empty()) text.append(1, ':').append(value);
  }
  return put_built(of(context), out, text);
}

bool put_kubernetes_label(void* context, Value& out, const char* key) {
  const Container* container = container_of(context);
  return container != nullptr && put_label(out, container->labels, key);
}

/// The container whose pod facts count: the pod's sandbox, where it is one of its own. What is in
/// no pod has Falco's facts of the host, which are empty.
const Container* sandbox_of(void* context) {
  const Container* container = container_of(context);
  if (container == nullptr || !container->cni_json.empty()) return container;
  const auto id = std::string_view(container->pod_sandbox_id).substr(0, kShortId);
  if (id.empty()) return &host();
  if (of(context).containers == nullptr) return nullptr;
  const Container* sandbox = of(context).containers->find(id);
  return sandbox != nullptr ? sandbox : container;
}

void append_mount(std::string& text, const ContainerMount& mount) {
  text.append(mount.source).append(1, ':').append(mount.destination).append(1, ':');
  text.append(mount.mode).append(mount.writable ? ":true:" : ":false:").append(mount.propagation);
}

/// By position, or by a glob of `side`.
const ContainerMount* find_mount(void* context, const FieldRef& field,
                                 std::string ContainerMount::* side) {
  const Container* container = container_of(context);
  if (container == nullptr) return nullptr;
  const int64_t index = numeric_argument(field);
  if (index >= 0) {
    const auto position = static_cast<size_t>(index);
    return position < container->mounts.size() ? &container->mounts[position] : nullptr;
  }
  const std::string pattern(field.key);
  for (const ContainerMount& mount : container->mounts) {
    if (::fnmatch(pattern.c_str(), (mount.*side).c_str(), FNM_EXTMATCH) == 0) return &mount;
  }
  return nullptr;
}

bool put_mount_text(void* context, const FieldRef& field, Value& out,
                    std::string ContainerMount::* member) {
  const ContainerMount* mount = find_mount(context, field, &ContainerMount::source);
  return mount != nullptr && put_text(out, mount->*member);
}

}  // namespace

const Container* container_of(void* context) {
  const EventContext& event = of(context);
  if (event.told_container != nullptr) return event.told_container;
  const Cgroups& cgroups = *event.process->cgroups;
  if (cgroups.container_id.empty()) return &host();
  return event.containers == nullptr ? nullptr : event.containers->find(cgroups.container_id);
}

bool container_id(void* context, const FieldRef&, Value& out) {
  if (const Container* container = container_of(context)) return put_text(out, container->id);
  return put_text(out, of(context).process->cgroups->container_id);
}

bool container_full_id(void* context, const FieldRef&, Value& out) {
  const Container* container = container_of(context);
  if (container != nullptr && !container->full_id.empty()) {
    return put_text(out, container->full_id);
  }
  return put_text(out, of(context).process->cgroups->container_full_id);
}

bool container_name(void* context, const FieldRef&, Value& out) {
  return put_member<&Container::name>(context, out);
}

bool container_type(void* context, const FieldRef&, Value& out) {
  if (const Container* container = container_of(context)) return put_text(out, container->type);
  const Cgroups& cgroups = *of(context).process->cgroups;
  return !cgroups.container_engine.empty() && put_text(out, cgroups.container_engine);
}

bool container_start_ts(void* context, const FieldRef&, Value& out) {
  const Process& process = *of(context).process;
  if (process.cgroups->container_id.empty() || process.pidns_start_ns == 0) return false;
  return put_unsigned(out, process.pidns_start_ns);
}

bool container_duration(void* context, const FieldRef& field, Value& out) {
  if (!container_start_ts(context, field, out)) return false;
  const uint64_t now = of(context).event->time_ns;
  return now >= out.u64 && put_unsigned(out, now - out.u64);
}

// ---- image

bool container_image(void* context, const FieldRef&, Value& out) {
  return put_member<&Container::image>(context, out);
}
bool container_image_id(void* context, const FieldRef&, Value& out) {
  return put_member<&Container::image_id>(context, out);
}
bool container_image_repository(void* context, const FieldRef&, Value& out) {
  return put_member<&Container::image_repository>(context, out);
}
bool container_image_tag(void* context, const FieldRef&, Value& out) {
  return put_member<&Container::image_tag>(context, out);
}
bool container_image_digest(void* context, const FieldRef&, Value& out) {
  return put_member<&Container::image_digest>(context, out);
}

// ---- privileges, network, labels

bool container_privileged(void* context, const FieldRef&, Value& out) {
  return put_switch<&Container::privileged>(context, out);
}
bool container_host_pid(void* context, const FieldRef&, Value& out) {
  return put_switch<&Container::host_pid>(context, out);
}
bool container_host_network(void* context, const FieldRef&, Value& out) {
  return put_switch<&Container::host_network>(context, out);
}
bool container_host_ipc(void* context, const FieldRef&, Value& out) {
  return put_switch<&Container::host_ipc>(context, out);
}
bool container_ip(void* context, const FieldRef&, Value& out) {
  return put_member<&Container::ip>(context, out);
}
bool container_cni_json(void* context, const FieldRef&, Value& out) {
  return put_member<&Container::cni_json>(context, out);
}
bool container_label(void* context, const FieldRef& field, Value& out) {
  const Container* container = container_of(context);
  return container != nullptr && put_label(out, container->labels, field.key);
}
bool container_labels(void* context, const FieldRef&, Value& out) {
  const Container* container = container_of(context);
  return container != nullptr && put_labels(context, out, container->labels);
}

// ---- mounts

bool container_mounts(void* context, const FieldRef&, Value& out) {
  const Container* container = container_of(context);
  if (container == nullptr) return false;
  std::string& text = scratch(of(context));
  for (const ContainerMount& mount : container->mounts) {
    if (&mount != &container->mounts.front()) text += ',';
    append_mount(text, mount);
  }
  return put_built(of(context), out, text);
}
bool container_mount(void* context, const FieldRef& field, Value& out) {
  const ContainerMount* mount = find_mount(context, field, &ContainerMount::source);
  if (mount == nullptr) return false;
  std::string& text = scratch(of(context));
  append_mount(text, *mount);
  return put_built(of(context), out, text);
}
bool container_mount_source(void* context, const FieldRef& field, Value& out) {
  const ContainerMount* mount = find_mount(context, field, &ContainerMount::destination);
  return mount != nullptr && put_text(out, mount->source);
}
bool container_mount_dest(void* context, const FieldRef& field, Value& out) {
  return put_mount_text(context, field, out, &ContainerMount::destination);
}
bool container_mount_mode(void* context, const FieldRef& field, Value& out) {
  return put_mount_text(context, field, out, &ContainerMount::mode);
}
bool container_mount_propagation(void* context, const FieldRef& field, Value& out) {
  return put_mount_text(context, field, out, &ContainerMount::propagation);
}
bool container_mount_rdwr(void* context, const FieldRef& field, Value& out) {
  const ContainerMount* mount = find_mount(context, field, &ContainerMount::source);
  return mount != nullptr && put_text(out, mount->writable ? "true" : "false");
}

// ---- pod

bool k8s_pod_name(void* context, const FieldRef&, Value& out) {
  if (put_kubernetes_label(context, out, "io.kubernetes.pod.name")) return true;
  const Pod* pod = pod_of(context);
  return pod != nullptr && put_text(out, pod->self->name);
}
bool k8s_ns_name(void* context, const FieldRef&, Value& out) {
  if (put_kubernetes_label(context, out, "io.kubernetes.pod.namespace")) return true;
  const Pod* pod = pod_of(context);
  return pod != nullptr && put_text(out, pod->ns->name);
}
bool k8s_pod_uid(void* context, const FieldRef&, Value& out) {
  if (put_kubernetes_label(context, out, "io.kubernetes.pod.uid")) return true;
  const Pod* pod = pod_of(context);
  return pod != nullptr && put_text(out, pod->self->uid);
}
bool k8s_pod_full_sandbox_id(void* context, const FieldRef&, Value& out) {
  return put_member<&Container::pod_sandbox_id>(context, out);
}
bool k8s_pod_sandbox_id(void* context, const FieldRef&, Value& out) {
  const Container* container = container_of(context);
  return container != nullptr &&
         put_text(out, std::string_view(container->pod_sandbox_id).substr(0, kShortId));
}
bool k8s_pod_label(void* context, const FieldRef& field, Value& out) {
  const Container* sandbox = sandbox_of(context);
  if (sandbox != nullptr && put_label(out, sandbox->pod_labels, field.key)) return true;
  const Container* container = container_of(context);
  if (container != nullptr) return put_label(out, container->pod_labels, field.key);
  const Pod* pod = pod_of(context);
  return pod != nullptr && put_label(out, pod->self->labels, field.key);
}
bool k8s_pod_labels(void* context, const FieldRef&, Value& out) {
  const Container* sandbox = sandbox_of(context);
  const Container* container = sandbox != nullptr ? sandbox : container_of(context);
  if (container != nullptr) return put_labels(context, out, container->pod_labels);
  const Pod* pod = pod_of(context);
  return pod != nullptr && put_labels(context, out, pod->self->labels);
}
bool k8s_pod_ip(void* context, const FieldRef&, Value& out) {
  if (const Container* sandbox = sandbox_of(context)) return put_text(out, sandbox->ip);
  const Pod* pod = pod_of(context);
  return pod != nullptr && put_text(out, pod->ip);
}
bool k8s_pod_cni_json(void* context, const FieldRef&, Value& out) {
  const Container* sandbox = sandbox_of(context);
  return sandbox != nullptr && put_text(out, sandbox->cni_json);
}

}  // namespace falcod::access

// Fields of class k8smeta, and those of class k8s that an API server tells of: what is around the
// pod of the event's container. Absent where there is no API server, or no pod.
#include "runtime/engine/accessors.h"
#include "runtime/engine/container_access.h"

namespace falcod::access {

const Pod* pod_of(void* context) {
  const EventContext& event = of(context);
  if (event.containers == nullptr) return nullptr;
  if (event.told_container == nullptr && !event.process->cgroups->pod_uid.empty()) {
    const Pod* pod = event.containers->find_pod(event.process->cgroups->pod_uid);
    if (pod != nullptr) return pod;
  }
  const Container* container = container_of(context);
  if (container == nullptr) return nullptr;
  const auto uid = container->labels.find("io.kubernetes.pod.uid");
  return uid == container->labels.end() ? nullptr : event.containers->find_pod(uid->second);
}

namespace {

using falcoc::FieldRef;
using falcoc::Value;

const KubernetesObject* itself(const Pod& pod) { return pod.self.get(); }
/// Without uid until the namespace's own object is known.
const KubernetesObject* name_space(const Pod& pod) { return pod.ns.get(); }
template <OwnerKind Kind>
const KubernetesObject* owner(const Pod& pod) {
  return pod.owner(Kind).get();
}
constexpr auto& deployment = owner<OwnerKind::DEPLOYMENT>;
constexpr auto& replica_set = owner<OwnerKind::REPLICA_SET>;
constexpr auto& replication_controller = owner<OwnerKind::REPLICATION_CONTROLLER>;
constexpr auto& stateful_set = owner<OwnerKind::STATEFUL_SET>;
constexpr auto& daemon_set = owner<OwnerKind::DAEMON_SET>;
constexpr auto& job = owner<OwnerKind::JOB>;
constexpr auto& cron_job = owner<OwnerKind::CRON_JOB>;

using Object = const KubernetesObject* (*)(const Pod&);

const KubernetesObject* object_of(void* context, Object object) {
  const Pod* pod = pod_of(context);
  return pod == nullptr ? nullptr : object(*pod);
}

bool put_name(void* context, Value& out, Object object) {
  const KubernetesObject* found = object_of(context, object);
  return found != nullptr && put_text(out, found->name);
}

bool put_uid(void* context, Value& out, Object object) {
  const KubernetesObject* found = object_of(context, object);
  return found != nullptr && !found->uid.empty() && put_text(out, found->uid);
}

bool put_label(void* context, const FieldRef& field, Value& out, Object object) {
  const KubernetesObject* found = object_of(context, object);
  if (found == nullptr) return false;
  const auto label = found->labels.find(field.key);
  return label != found->labels.end() && put_text(out, label->second);
}

void append_pair(std::string& text, const std::pair<const std::string, std::string>& label) {
  text += label.first;
  if (!label.second.empty()) text.append(1, ':').append(label.second);
}

void add_pairs(const EventContext& event, std::vector<Value>& items,
               const KubernetesObject& object) {
  for (const auto& label : object.labels) {
    std::string& text = scratch(event);
    append_pair(text, label);
    put_built(event, items.emplace_back(), text);
  }
}

bool put_label_list(void* context, Value& out, Object object) {
  const KubernetesObject* found = object_of(context, object);
  if (found == nullptr) return false;
  std::vector<Value> items;
  add_pairs(of(context), items, *found);
  return put_items(of(context), out, items);
}

bool put_label_text(void* context, Value& out, Object object) {
  const KubernetesObject* found = object_of(context, object);
  if (found == nullptr) return false;
  std::string& text = scratch(of(context));
  for (const auto& label : found->labels) {
    if (!text.empty()) text += ", ";
    append_pair(text, label);
  }
  return put_built(of(context), out, text);
}

/// One value of each service that `get` has one of.
template <typename Get>
bool put_services(void* context, Value& out, Get get) {
  const Pod* pod = pod_of(context);
  if (pod == nullptr || pod->services.empty()) return false;
  std::vector<Value> items;
  for (const auto& service : pod->services) get(*service, items);
  return !items.empty() && put_items(of(context), out, items);
}

/// The same as one text, for the fields of old.
template <typename Get>
bool put_service_text(void* context, Value& out, Get get) {
  Value list;
  if (!put_services(context, list, get)) return false;
  std::string& text = scratch(of(context));
  for (size_t i = 0; i < list.size; ++i) {
    if (i > 0) text += ", ";
    text += list.items[i].text();
  }
  return put_built(of(context), out, text);
}

void add_name(const KubernetesObject& service, std::vector<Value>& items) {
  put_text(items.emplace_back(), service.name);
}
void add_uid(const KubernetesObject& service, std::vector<Value>& items) {
  put_text(items.emplace_back(), service.uid);
}
auto add_label(const FieldRef& field) {
  return [&field](const KubernetesObject& service, std::vector<Value>& items) {
    const auto label = service.labels.find(field.key);
    if (label != service.labels.end()) put_text(items.emplace_back(), label->second);
  };
}
auto add_labels(void* context) {
  return [context](const KubernetesObject& service, std::vector<Value>& items) {
    add_pairs(of(context), items, service);
  };
}

}  // namespace

// The four fields of one object, in the words of k8smeta and in those of old.
#define KUBERNETES_OBJECT(name, object)                                           \
  bool k8smeta_##name##_name(void* context, const FieldRef&, Value& out) {        \
    return put_name(context, out, &object);                                       \
  }                                                                               \
  bool k8smeta_##name##_uid(void* context, const FieldRef&, Value& out) {         \
    return put_uid(context, out, &object);                                        \
  }                                                                               \
  bool k8smeta_##name##_label(void* context, const FieldRef& field, Value& out) { \
    return put_label(context, field, out, &object);                               \
  }                                                                               \
  bool k8smeta_##name##_labels(void* context, const FieldRef&, Value& out) {      \
    return put_label_list(context, out, &object);                                 \
  }

#define KUBERNETES_LABEL_TEXT(name, object)                              \
  bool k8s_##name##_labels(void* context, const FieldRef&, Value& out) { \
    return put_label_text(context, out, &object);                        \
  }

KUBERNETES_OBJECT(pod, itself)
KUBERNETES_OBJECT(ns, name_space)
KUBERNETES_OBJECT(deployment, deployment)
KUBERNETES_OBJECT(rs, replica_set)
KUBERNETES_OBJECT(rc, replication_controller)
KUBERNETES_OBJECT(statefulset, stateful_set)
KUBERNETES_OBJECT(daemonset, daemon_set)
KUBERNETES_OBJECT(job, job)
KUBERNETES_OBJECT(cronjob, cron_job)
KUBERNETES_LABEL_TEXT(ns, name_space)
KUBERNETES_LABEL_TEXT(deployment, deployment)
KUBERNETES_LABEL_TEXT(rs, replica_set)
KUBERNETES_LABEL_TEXT(rc, replication_controller)

#undef KUBERNETES_OBJECT
#undef KUBERNETES_LABEL_TEXT

bool k8smeta_pod_ip(void* context, const FieldRef&, Value& out) {
  const Pod* pod = pod_of(context);
  return pod != nullptr && put_text(out, pod->ip);
}

bool k8smeta_svc_name(void* context, const FieldRef&, Value& out) {
  return put_services(context, out, add_name);
}
bool k8smeta_svc_uid(void* context, const FieldRef&, Value& out) {
  return put_services(context, out, add_uid);
}
bool k8smeta_svc_label(void* context, const FieldRef& field, Value& out) {
  return put_services(context, out, add_label(field));
}
bool k8smeta_svc_labels(void* context, const FieldRef&, Value& out) {
  return put_services(context, out, add_labels(context));
}
bool k8s_svc_name(void* context, const FieldRef&, Value& out) {
  return put_service_text(context, out, add_name);
}
bool k8s_svc_id(void* context, const FieldRef&, Value& out) {
  return put_service_text(context, out, add_uid);
}
bool k8s_svc_label(void* context, const FieldRef& field, Value& out) {
  return put_service_text(context, out, add_label(field));
}
bool k8s_svc_labels(void* context, const FieldRef&, Value& out) {
  return put_service_text(context, out, add_labels(context));
}

}  // namespace falcod::access

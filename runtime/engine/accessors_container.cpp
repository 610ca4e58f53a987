// Fields of class container that follow from cgroups alone. What only the engine knows (image,
// mounts, labels) is not supplied here.
#include "runtime/engine/accessors.h"

namespace falcod::access {
namespace {

using falcoc::FieldRef;
using falcoc::Value;

constexpr std::string_view kHost = "host";

}  // namespace

bool container_id(void* context, const FieldRef&, Value& out) {
  const Cgroups& cgroups = *of(context).process->cgroups;
  return put_text(out, cgroups.container_id.empty() ? kHost : cgroups.container_id);
}

bool container_full_id(void* context, const FieldRef&, Value& out) {
  const Cgroups& cgroups = *of(context).process->cgroups;
  return put_text(out, cgroups.container_id.empty() ? kHost : cgroups.container_full_id);
}

/// On the host only: in containers the engine knows it.
bool container_name(void* context, const FieldRef&, Value& out) {
  return of(context).process->cgroups->container_id.empty() && put_text(out, kHost);
}

bool container_type(void* context, const FieldRef&, Value& out) {
  const Cgroups& cgroups = *of(context).process->cgroups;
  if (cgroups.container_id.empty()) return put_text(out, kHost);
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

}  // namespace falcod::access

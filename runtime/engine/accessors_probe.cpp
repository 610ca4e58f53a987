// Healthchecks and probes: the commands that engine and kubelet run in a container, and whether the
// event's process belongs to one.
#include "runtime/engine/container_access.h"

namespace falcod::access {
namespace {

using falcoc::FieldRef;
using falcoc::Value;
using Command = std::vector<std::string> Container::*;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

bool put_command(void* context, Value& out, Command command) {
  const Container* container = container_of(context);
  if (container == nullptr || (container->*command).empty()) return false;
  return put_built(of(context), out, joined(container->*command));
}

/// Whether the process runs these words: as they are, or as the last command of a shell's line,
/// which shells execute in their own place.
bool runs(const Process& process, const std::vector<std::string>& words) {
  std::string own = process.image->exe;
  if (!process.image->args.empty()) own += ' ' + joined(process.image->args);
  if (own == joined(words)) return true;
  const bool is_shell = words.size() == 3 && words[1] == "-c";
  return is_shell && (words[2] == own || words[2].ends_with(' ' + own));
}

/// Such commands are started from outside of the container, beside its own first process; what
/// they start belongs to them.
bool belongs_to(void* context, Value& out, Command command) {
  const Container* container = container_of(context);
  if (container == nullptr) return false;
  const std::vector<std::string>& words = container->*command;
  if (words.empty()) return put_bool(out, false);
  const EventContext& event = of(context);
  ProcessPtr process = event.process;
  for (size_t depth = 0; process != nullptr && depth < kMaxAncestors; ++depth) {
    const ProcessPtr parent = event.processes->parent(*process);
    const bool is_entry =
        parent == nullptr || parent->cgroups->container_id != process->cgroups->container_id;
    if (is_entry) {
      const bool is_first = process->vpid == 1 && process->vpid != process->pid;
      return put_bool(out, !is_first && runs(*process, words));
    }
    process = parent;
  }
  return put_bool(out, false);
}

}  // namespace

bool container_healthcheck(void* context, const FieldRef&, Value& out) {
  return put_command(context, out, &Container::healthcheck);
}
bool container_liveness_probe(void* context, const FieldRef&, Value& out) {
  return put_command(context, out, &Container::liveness_probe);
}
bool container_readiness_probe(void* context, const FieldRef&, Value& out) {
  return put_command(context, out, &Container::readiness_probe);
}
bool proc_is_container_healthcheck(void* context, const FieldRef&, Value& out) {
  return belongs_to(context, out, &Container::healthcheck);
}
bool proc_is_container_liveness_probe(void* context, const FieldRef&, Value& out) {
  return belongs_to(context, out, &Container::liveness_probe);
}
bool proc_is_container_readiness_probe(void* context, const FieldRef&, Value& out) {
  return belongs_to(context, out, &Container::readiness_probe);
}

}  // namespace falcod::access

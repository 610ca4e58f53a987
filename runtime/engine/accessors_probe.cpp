// Healthchecks and probes: the commands that engine and kubelet run in a container, and whether the
// event's process belongs to one.
#include "runtime/engine/container_access.h"

namespace falcod::access {
namespace {

using falcoc::FieldRef;
using falcoc::Value;
using Words = std::vector<std::string>;

/// What the engine was told of a command, and what the API server knows of it.
struct Command {
  Words Container::* of_engine;
  Words PodProbes::* of_pod = nullptr;
};
constexpr Command kHealthcheck{&Container::healthcheck};
constexpr Command kLiveness{&Container::liveness_probe, &PodProbes::liveness};
constexpr Command kReadiness{&Container::readiness_probe, &PodProbes::readiness};

/// Empty if there is none; null if nothing is known of the container.
const Words* words_of(void* context, const Command& command) {
  const Container* container = container_of(context);
  if (container == nullptr) return nullptr;
  const Words& own = container->*command.of_engine;
  const Pod* pod = own.empty() && command.of_pod != nullptr ? pod_of(context) : nullptr;
  if (pod == nullptr) return &own;
  const auto probes = pod->probes.find(container->name);
  return probes == pod->probes.end() ? &own : &(probes->second.*command.of_pod);
}

std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

bool put_command(void* context, Value& out, const Command& command) {
  const Words* words = words_of(context, command);
  return words != nullptr && !words->empty() && put_built(of(context), out, joined(*words));
}

/// Whether the process runs these words: as they are, or as the last command of a shell's line,
/// which shells execute in their own place.
bool runs(const Process& process, const Words& words) {
  std::string own = process.image->exe;
  if (!process.image->args.empty()) own += ' ' + joined(process.image->args);
  if (own == joined(words)) return true;
  const bool is_shell = words.size() == 3 && words[1] == "-c";
  return is_shell && (words[2] == own || words[2].ends_with(' ' + own));
}

/// Such commands are started from outside of the container, beside its own first process; what
/// they start belongs to them.
bool belongs_to(void* context, Value& out, const Command& command) {
  const Words* words = words_of(context, command);
  if (words == nullptr) return false;
  if (words->empty()) return put_bool(out, false);
  const EventContext& event = of(context);
  ProcessPtr process = event.process;
  for (size_t depth = 0; process != nullptr && depth < kMaxAncestors; ++depth) {
    const ProcessPtr parent = event.processes->parent(*process);
    const bool is_entry =
        parent == nullptr || parent->cgroups->container_id != process->cgroups->container_id;
    if (is_entry) {
      const bool is_first = process->vpid == 1 && process->vpid != process->pid;
      return put_bool(out, !is_first && runs(*process, *words));
    }
    process = parent;
  }
  return put_bool(out, false);
}

}  // namespace

bool container_healthcheck(void* context, const FieldRef&, Value& out) {
  return put_command(context, out, kHealthcheck);
}
bool container_liveness_probe(void* context, const FieldRef&, Value& out) {
  return put_command(context, out, kLiveness);
}
bool container_readiness_probe(void* context, const FieldRef&, Value& out) {
  return put_command(context, out, kReadiness);
}
bool proc_is_container_healthcheck(void* context, const FieldRef&, Value& out) {
  return belongs_to(context, out, kHealthcheck);
}
bool proc_is_container_liveness_probe(void* context, const FieldRef&, Value& out) {
  return belongs_to(context, out, kLiveness);
}
bool proc_is_container_readiness_probe(void* context, const FieldRef&, Value& out) {
  return belongs_to(context, out, kReadiness);
}

}  // namespace falcod::access

// What accessors see while one event is matched and formatted: the event, its process, its file
// descriptor, and the arena that keeps values alive. Passed to generated code as an opaque pointer.
#pragma once

#include "compiler/ir/evaluate.h"
#include "runtime/capture/event.h"
#include "runtime/engine/history.h"
#include "runtime/state/containers.h"
#include "runtime/state/fd_info.h"
#include "runtime/state/host_names.h"
#include "runtime/state/process_table.h"
#include "runtime/state/users.h"

namespace falcod {

struct EventContext {
  const Event* event = nullptr;
  ProcessPtr process;
  FdInfo fd;  ///< of the event's descriptor; fd.known tells if there is one
  const FdTable* descriptors = nullptr;
  const ProcessTable* processes = nullptr;
  Users* users = nullptr;
  const Containers* containers = nullptr;     ///< what is known of them; null: nothing
  const Container* told_container = nullptr;  ///< that the event itself tells of
  falcoc::ir::ValueArena* arena = nullptr;
  History* history = nullptr;
  const HostNames* names = nullptr;
  uint64_t first_event_time_ns = 0;
  std::string_view hostname;

  // Memory of the accessor that runs, reused from call to call.
  mutable std::string text;
  mutable FdInfo other_fd;  ///< a descriptor that is not the event's own
};

/// The accessor of a catalog row, null if the runtime does not supply it yet: an absent value.
falcoc::Accessor accessor(falcoc::FieldId id);

/// Accessors parallel to Program::fields.
std::vector<falcoc::Accessor> bind_accessors(const falcoc::ir::Program& program);

}  // namespace falcod

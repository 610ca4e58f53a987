// Which events need a field: what rules ask for decides what the probe reads. Knows the IR.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "compiler/ir/program.h"
#include "runtime/capture/live.h"

namespace falcod {

/// Event kinds under which an enabled rule can match whose condition or output uses one of the
/// fields.
falcoc::EventSet events_using(const falcoc::ir::Program& program,
                              std::span<const falcoc::FieldId> fields);

/// What the rules ask of events beyond their parameters: more work for the probe, done only for
/// the kinds of events whose rules use such fields.
EventDetails event_details(const falcoc::ir::Program& program);

/// Names of hosts that enabled rules compare addresses with (fd.sip.name and its kin), each once.
std::vector<std::string> host_names_of(const falcoc::ir::Program& program);

}  // namespace falcod

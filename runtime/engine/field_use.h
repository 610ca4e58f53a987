// Which events need a field: what rules ask for decides what the probe reads. Knows the IR.
#pragma once

#include <span>

#include "compiler/ir/program.h"

namespace falcod {

/// Event kinds under which an enabled rule can match whose condition or output uses one of the
/// fields.
falcoc::EventSet events_using(const falcoc::ir::Program& program,
                              std::span<const falcoc::FieldId> fields);

}  // namespace falcod

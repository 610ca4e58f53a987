// What the value of each process-bound field depends on: the one place to think when an accessor
// or the process table changes.
#pragma once

#include "compiler/ir/facts.h"

namespace falcoc::ir {

struct FieldDependencies {
  NoFact reason = NoFact::NONE;
  uint8_t dependencies = 0;  ///< fact_depends, if reason is NONE
};

FieldDependencies field_dependencies(FieldId field);

}  // namespace falcoc::ir

// What the kind of an event alone says about a field: certainly absent, or one known value. The one
// place where such knowledge lives; everything derived from it (event sets, folding) is sound only
// if the runtime's accessors agree with it. Knows the catalog only.
#pragma once

#include "compiler/catalog/catalog.h"

namespace falcoc::ir {

/// How much is known about a field before any event is seen.
enum class FieldFact : uint8_t {
  UNKNOWN,          ///< depends on the event
  ABSENT,           ///< no event of this kind has it
  VALUE,            ///< present, and always the value given
  VALUE_OR_ABSENT,  ///< the value given, unless it is absent
};

/// Whether the kind can tell anything about this field; false spares asking for every kind.
bool has_event_facts(FieldId field);

/// `value` is set for VALUE and VALUE_OR_ABSENT; what it points at lives forever.
FieldFact event_fact(const FieldRef& field, EventKind kind, Value& value);

}  // namespace falcoc::ir

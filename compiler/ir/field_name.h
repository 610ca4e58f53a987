// Where the name of a field ends. Field names may contain one another (`proc.name` in
// `proc.name.foo`) and some go on with an argument behind a dot (`evt.arg.path`), so the catalog
// decides. Used by outputs and by typing. Knows the catalog only.
#pragma once

#include <optional>
#include <string_view>

#include "compiler/catalog/catalog.h"

namespace falcoc::ir {

struct FieldName {
  const FieldInfo* field = nullptr;
  /// What stands behind the catalog's name, with its dot: ".path" of `evt.arg.path`.
  std::string_view rest;
};

/// The longest name of the catalog that is a prefix of `text` (RULE-LANGUAGE 4.3); nothing if there
/// is none. `text` has no bracket argument.
std::optional<FieldName> resolve_field_name(std::string_view text);

/// Length of the longest prefix of `rest` that `field` accepts as its argument behind a dot, the
/// dot included; 0 if none is. Parameters and events are those that the catalog knows.
size_t dotted_argument_length(const FieldInfo& field, std::string_view rest);

/// Whether `field` takes `argument` in brackets (RULE-LANGUAGE 4.4).
bool accepts_bracket_argument(const FieldInfo& field, std::string_view argument);

/// Whether `field` may stand without any argument.
bool accepts_no_argument(const FieldInfo& field);

}  // namespace falcoc::ir

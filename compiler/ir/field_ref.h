// Fields as rules name them, checked against the catalog: which row, which argument (RULE-LANGUAGE
// 4.3 and 4.4). Knows the catalog and the syntax tree only.
#pragma once

#include <expected>

#include "compiler/catalog/catalog.h"
#include "compiler/ir/ast.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::ir {

/// Where a field stands. It matters to proc.aenv, whose numeric argument counts ancestors in
/// outputs and is ignored in conditions (RULE-LANGUAGE 4.4), and to names of hosts: a condition
/// compares all that an address has, an output prints one.
enum class FieldPlace : uint8_t { CONDITION, OUTPUT };

/// Resolves a FIELD operand. What Falco reports as a nonexistent field has code FIELD_UNKNOWN,
/// which `skip-if-unknown-filter` tolerates.
std::expected<FieldRef, Diagnostic> resolve_field(const ast::Operand& field, FieldPlace place);

/// Fields whose value is the name of a host (fd.sip.name and its kin).
bool is_host_name(FieldId id);

/// The catalog row whose name is the longest prefix of `name` that ends at a dot or at the end,
/// null if there is none.
const FieldInfo* field_prefix(std::string_view name);

/// `name` or `name[argument]`, as written in rules and as key of JSON alerts.
std::string field_text(const ast::Operand& field);

/// Hint "did you mean …", empty if nothing comes close.
std::string suggest_field(std::string_view name);
std::string suggest_event_type(std::string_view name);

}  // namespace falcoc::ir

// Checks that a program read from outside is one that evaluators and code generators can run: ids
// in range, children before parents, depth, types of operands and checks. Knows the catalog and the
// rules of typing (RULE-LANGUAGE sections 2 and 3), not the format of bundles.
#pragma once

#include <optional>
#include <string>

#include "compiler/ir/program.h"

namespace falcoc::bundle {

/// What is wrong, as a phrase for a message; nothing if the program is sound.
std::optional<std::string> find_fault(const ir::Program& program);

/// The part of find_fault that concerns one entry and relies on those before it being sound.
std::optional<std::string> find_field_fault(const FieldRef& field);
std::optional<std::string> find_operand_fault(const ir::Program& program, size_t index);
std::optional<std::string> find_atom_fault(const ir::Program& program, const ir::Node& atom);

}  // namespace falcoc::bundle

// Exceptions of a rule as part of its condition: (COND) and not EX1 and not EX2 … (RULE-LANGUAGE
// 5.8). Made as trees, so that no value can be taken for syntax (Q35).
#pragma once

#include <expected>

#include "compiler/ir/ast.h"
#include "compiler/rules/ruleset.h"

namespace falcoc::ir {

/// `condition` with the exceptions of `rule`; lists are not expanded yet. Also checks the fields of
/// exceptions without values.
std::expected<ast::Expr, Diagnostic> with_exceptions(ast::Expr condition, const rules::Rule& rule);

}  // namespace falcoc::ir

// What follows from the few facts that a test writes down, so that an event looks as a live one
// would: a result from an error's name, names and arguments from a list of command lines, the kind
// of a descriptor from its name.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "compiler/ir/fact_source.h"

namespace falcoc::cli {

/// Facts of `proc.` from command lines, ancestors first, the process last.
void set_processes(testing::Facts& facts, const std::vector<std::string>& command_lines);

/// `result`: a number, or the name of an error (ENOENT). Or what is wrong with it.
std::expected<void, std::string> set_result(testing::Facts& facts, const std::string& result);

/// Adds what a live event of the same kind has too; what was said stays.
void complete(testing::Facts& facts);

}  // namespace falcoc::cli

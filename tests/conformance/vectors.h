// The recorded condition vectors of the specification as conformance cases. Where we differ from
// what Falco does on purpose, the table in vectors.cpp says what is right here, and why.
#pragma once

#include <expected>
#include <filesystem>

#include "tests/conformance/case_file.h"

namespace falcoc::conformance {

/// One case per row, named by its id. Rows that no engine can run are left out and counted in
/// `left_out`, each with its reason in the table. The error says which row cannot be read.
std::expected<CaseFile, std::string> read_vectors(const std::filesystem::path& path,
                                                  size_t& left_out);

}  // namespace falcoc::conformance

// Reads the files of conformance cases: what conditions mean, as text that can be read without
// knowing this program. Knows nothing of how conditions are evaluated.
//
//   # comment
//   facts socket                       a set of facts to use in cases of this file
//     fd.sip = 172.20.3.4
//   case addresses compare byte by byte
//     given socket                     takes all facts of a set
//     with proc.name = cat             one fact, which may replace one of a set
//     true: fd.sip = 172.20.3.4        any number of conditions with their verdicts
//     rejected E0350: fd.sip = 1.2.3
//
// Verdicts: true, false, malformed (the syntax is wrong), rejected (the syntax is right, the
// meaning wrong), each of the last two optionally with the code of the diagnostic. Values of facts
// are the rest of the line, or "quoted" with the escapes \n \t \\ \" \xHH, or a list [a, b].
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "compiler/ir/fact_source.h"

namespace falcoc::conformance {

enum class Verdict : uint8_t { TRUE, FALSE, MALFORMED, REJECTED };
std::string_view spelling(Verdict verdict);

struct Expectation {
  Verdict verdict{};
  std::string code;  ///< of the diagnostic, empty if any will do
  std::string condition;
  unsigned line = 0;
};

struct Case {
  std::string title;
  testing::Facts facts;
  std::vector<Expectation> expectations;
};

struct CaseFile {
  std::string name;
  std::vector<Case> cases;
};

/// The error is `NAME:LINE: what is wrong`.
std::expected<CaseFile, std::string> parse_case_file(std::string name, std::string_view text);
std::expected<CaseFile, std::string> read_case_file(const std::filesystem::path& path);

/// All *.txt of the folder in order of name, CMake's own left out.
std::vector<std::filesystem::path> case_files(const std::filesystem::path& folder);

}  // namespace falcoc::conformance

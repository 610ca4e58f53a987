// What strace -f -v -X raw says of the calls that the caller marks, as far as it is worth a
// comparison: numbers, texts, data, arrays of descriptors, times, limits, addresses.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/runtime/capture/scenario.h"

namespace calls {

struct TracedCall {
  std::string text;  ///< the line, for messages
  std::string name;
  std::vector<std::string> arguments;  ///< as printed
  std::string result;
};

/// Whether strace is there and may trace; writes to the file.
bool strace_works(const std::string& output);

/// The call behind each mark, by the mark's number.
std::map<int, TracedCall> read_strace(const std::string& path);

struct Comparison {
  size_t compared = 0;
  std::vector<std::string> disagreements;
};

/// Compares the parameters of the event that come straight from arguments, or from memory that
/// strace decodes.
Comparison compare(const TracedCall& traced, const falcod::test::Seen& event);

}  // namespace calls

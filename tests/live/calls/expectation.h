// Reads the report of the caller and compares what it expects with an event.
#pragma once

#include <string>
#include <vector>

#include "tests/runtime/capture/scenario.h"

namespace calls {

struct Expectation {
  char kind;  ///< n number, b bytes, s begin of bytes, e empty, l least, k known to the kernel only
  std::string param;
  int64_t number = 0;
  std::string bytes;
};

struct ExpectedCall {
  int id = 0;
  std::string event;
  bool fails = false;
  int64_t result = 0;
  std::vector<Expectation> params;
};

struct Skip {
  std::string event;
  bool fails = false;
  std::string why;
};

struct CallerReport {
  std::vector<ExpectedCall> calls;
  std::vector<Skip> skips;
  std::vector<std::string> broken;  ///< calls that did not go as the caller wanted
  bool complete = false;
};

CallerReport read_report(const std::string& path);

/// What does not agree, a line each; empty if all does. Every parameter of the event needs an
/// expectation.
std::vector<std::string> disagreements(const ExpectedCall& expected,
                                       const falcod::test::Seen& event);

}  // namespace calls

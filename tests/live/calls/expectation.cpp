// See expectation.h.
#include "tests/live/calls/expectation.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace calls {
namespace {

std::string from_hex(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  return text;
}

Expectation read_expectation(const std::string& line) {
  std::istringstream words(line);
  Expectation expectation{};
  std::string value;
  words >> expectation.kind >> expectation.param >> value;
  if (expectation.kind == 'n') expectation.number = std::stoll(value);
  if (expectation.kind == 'l') expectation.number = static_cast<int64_t>(std::stoull(value));
  if (expectation.kind == 'b' || expectation.kind == 's') expectation.bytes = from_hex(value);
  return expectation;
}

/// Empty if the bytes of the parameter are as expected.
std::string disagreement(const Expectation& expected, const std::string& bytes) {
  uint64_t number = 0;
  std::memcpy(&number, bytes.data(), std::min(bytes.size(), sizeof number));
  const uint64_t mask =
      bytes.size() >= sizeof number ? ~uint64_t{0} : (uint64_t{1} << 8 * bytes.size()) - 1;
  switch (expected.kind) {
    case 'n': {
      const uint64_t wanted = static_cast<uint64_t>(expected.number) & mask;
      if (!bytes.empty() && number == wanted) return {};
      return fmt::format("{} is {}, not {}", expected.param,
                         bytes.empty() ? "empty" : std::to_string(number), wanted);
    }
    case 'l':
      if (!bytes.empty() && number >= static_cast<uint64_t>(expected.number)) return {};
      return fmt::format("{} is {}, less than {}", expected.param, number, expected.number);
    case 'b':
      if (bytes == expected.bytes) return {};
      return fmt::format("{} is {}, not {}", expected.param, to_hex(bytes), to_hex(expected.bytes));
    case 's':
      if (bytes.starts_with(expected.bytes)) return {};
      return fmt::format("{} is {} and does not begin with {}", expected.param, to_hex(bytes),
                         to_hex(expected.bytes));
    case 'e':
      return bytes.empty() ? std::string{}
                           : fmt::format("{} is {}, not empty", expected.param, to_hex(bytes));
    default:
      return bytes.empty() ? fmt::format("{} is empty", expected.param) : std::string{};
  }
}

void read_line(const std::string& line, CallerReport& report) {
  std::istringstream words(line);
  std::string word, outcome;
  words >> word;
  if (word == "call") {
    ExpectedCall call;
    words >> call.id >> call.event >> outcome >> call.result;
    call.fails = outcome == "fail";
    report.calls.push_back(std::move(call));
  } else if (word == "skip") {
    Skip skip;
    words >> skip.event >> outcome;
    std::getline(words >> std::ws, skip.why);
    skip.fails = outcome == "fail";
    report.skips.push_back(std::move(skip));
  } else if (word == "broken") {
    report.broken.push_back(line);
  } else if (word == "complete") {
    report.complete = true;
  } else if (word != "end" && word != "note" && !report.calls.empty()) {
    report.calls.back().params.push_back(read_expectation(line));
  }
}

}  // namespace

CallerReport read_report(const std::string& path) {
  CallerReport report;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) read_line(line, report);
  return report;
}

std::vector<std::string> disagreements(const ExpectedCall& expected,
                                       const falcod::test::Seen& event) {
  std::vector<std::string> found;
  const falcoc::EventInfo* info = falcoc::event_of_kind(event.kind());
  for (const falcoc::ParamInfo& param : info->params) {
    const auto wanted =
        std::ranges::find(expected.params, std::string(param.name), &Expectation::param);
    if (wanted == expected.params.end()) {
      found.push_back(fmt::format("nothing is expected of {}", param.name));
      continue;
    }
    if (auto text = disagreement(*wanted, event.bytes(param.name)); !text.empty()) {
      found.push_back(std::move(text));
    }
  }
  for (const Expectation& wanted : expected.params) {
    if (std::ranges::none_of(info->params, [&](const falcoc::ParamInfo& param) {
          return param.name == wanted.param;
        })) {
      found.push_back(fmt::format("the event has no parameter {}", wanted.param));
    }
  }
  return found;
}

}  // namespace calls

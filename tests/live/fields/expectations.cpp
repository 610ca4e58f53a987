// See expectations.h.
#include "tests/live/fields/expectations.h"

#include <cmath>
#include <cstdlib>
#include <regex>

namespace falcod::test {
namespace {

/// The value of a name; a name nobody knows equals nothing.
std::string value_of(const Known& known, const std::string& name) {
  const auto found = known.find(name);
  return found == known.end() ? "<nobody knows " + name + ">" : found->second;
}

double number_of(const Shown& shown) {
  return shown.value.is_number() ? shown.value.get<double>()
                                 : std::strtod(shown.text.c_str(), nullptr);
}

}  // namespace

std::string fill(const std::string& pattern, const Known& known) {
  std::string out;
  for (size_t at = 0; at < pattern.size();) {
    const size_t end = pattern.find('}', at);
    if (pattern[at] != '{' || end == std::string::npos) {
      out += pattern[at++];
      continue;
    }
    out += value_of(known, pattern.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return out;
}

Expectation text(std::string expected) {
  return [expected = std::move(expected)](const Shown& shown, const Known&) {
    return shown.text == expected && !shown.value.is_null();
  };
}
Expectation known(std::string name) { return filled("{" + name + "}"); }
Expectation filled(std::string pattern) {
  return [pattern = std::move(pattern)](const Shown& shown, const Known& known) {
    return shown.text == fill(pattern, known);
  };
}
Expectation absent() {
  return [](const Shown& shown, const Known&) {
    return shown.text == "<NA>" && shown.value.is_null();
  };
}
Expectation between(double least, double most) {
  return [=](const Shown& shown, const Known&) {
    const double number = number_of(shown);
    return !shown.value.is_null() && number >= least && number <= most;
  };
}
Expectation near_known(std::string name, double difference) {
  return [name = std::move(name), difference](const Shown& shown, const Known& known) {
    const double expected = std::strtod(value_of(known, name).c_str(), nullptr);
    return !shown.value.is_null() && expected != 0 &&
           std::abs(number_of(shown) - expected) <= difference;
  };
}
Expectation up_to_known(double least, std::string name) {
  return [least, name = std::move(name)](const Shown& shown, const Known& known) {
    const double most = std::strtod(value_of(known, name).c_str(), nullptr);
    return !shown.value.is_null() && number_of(shown) >= least && number_of(shown) <= most;
  };
}
Expectation begins(std::string pattern) {
  return [pattern = std::move(pattern)](const Shown& shown, const Known& known) {
    return shown.text.starts_with(fill(pattern, known));
  };
}
Expectation contains(std::string pattern) {
  return [pattern = std::move(pattern)](const Shown& shown, const Known& known) {
    return shown.text.find(fill(pattern, known)) != std::string::npos;
  };
}
Expectation matches(std::string pattern) {
  return [pattern = std::move(pattern)](const Shown& shown, const Known&) {
    return std::regex_match(shown.text, std::regex(pattern));
  };
}
Expectation where_layers(std::string with, std::string without) {
  return [=](const Shown& shown, const Known& known) {
    return shown.text == (value_of(known, "has_layers") == "true" ? with : without);
  };
}
Expectation in_container(Expectation inside, Expectation on_host) {
  return [inside = std::move(inside), on_host = std::move(on_host)](const Shown& shown,
                                                                    const Known& known) {
    return value_of(known, "container").empty() ? on_host(shown, known) : inside(shown, known);
  };
}

}  // namespace falcod::test

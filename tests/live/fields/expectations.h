// What a field must show, in words of the table.
#pragma once

#include <functional>

#include "tests/live/fields/stage.h"

namespace falcod::test {

/// Whether what was shown is what was known.
using Expectation = std::function<bool(const Shown& shown, const Known& known)>;

Expectation text(std::string expected);
/// The known value of this name.
Expectation known(std::string name);
/// Text with {names} of known values in it.
Expectation filled(std::string pattern);
Expectation absent();
/// A number between two, both included.
Expectation between(double least, double most);
/// A number near a known one.
Expectation near_known(std::string name, double difference);
/// A number that is at least this, and no more than a known one.
Expectation up_to_known(double least, std::string name);
Expectation begins(std::string pattern);
Expectation contains(std::string pattern);
/// The whole text matches the regular expression.
Expectation matches(std::string pattern);
/// One of two expectations, by a known value being "true".
Expectation where_layers(std::string with, std::string without);
Expectation in_container(Expectation inside, Expectation on_host);

/// {names} replaced by known values.
std::string fill(const std::string& pattern, const Known& known);

}  // namespace falcod::test

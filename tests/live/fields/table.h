// The table: what each field must show, in which scene.
#pragma once

#include <string>
#include <vector>

#include "tests/live/fields/expectations.h"

namespace falcod::test {

struct Row {
  std::string field;  ///< as in an output, with its argument
  std::string scene;
  Expectation expectation;
};

/// Fields that compare only: a condition that must hold on an event of a scene, one that must not.
struct Comparison {
  std::string field;
  std::string scene;
  std::string holds, fails;
};

/// What the actor does, by the events that tell it; the fields they show are left empty.
std::vector<Scene> scenes();
std::vector<Row> rows();
std::vector<Comparison> comparisons();

}  // namespace falcod::test

// Rulesets and events that meet: conditions over what the kernel looks at, with literals near the
// texts and numbers of the events. All from one seed.
#pragma once

#include <deque>
#include <random>
#include <string>
#include <vector>

#include "compiler/catalog/catalog.h"
#include "tests/law/stage.h"

namespace falcoc::law {

using Random = std::mt19937_64;

/// A rule file of so many rules.
std::string generate_rules(Random& random, size_t count);

/// Rules about openat alone, with so many names in each that no single program holds them all.
std::string generate_long_rules(Random& random, size_t count);

/// Calls with the memory that their registers point to.
class Calls {
 public:
  /// Of these kinds.
  Calls(Random& random, std::vector<EventKind> kinds);

  /// Its texts live until the next one.
  Call next();
  /// For people: the call as `openat(-100, "/etc/shadow", 0x0) = 3`.
  std::string print(const Call& call) const;

 private:
  uint64_t text_argument();
  uint64_t number_argument(const ParamInfo* param);

  Random& random_;
  std::vector<EventKind> kinds_;
  std::deque<std::string> texts_;
};

/// Kinds of events that rules are about and calls are made of.
const std::vector<EventKind>& kinds();

}  // namespace falcoc::law

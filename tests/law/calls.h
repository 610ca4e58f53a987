// Events that rules of generate.h meet: calls with registers, memory and descriptors.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "compiler/catalog/catalog.h"
#include "tests/law/stage.h"
#include "tests/law/texts.h"

namespace falcoc::law {

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
  uint64_t descriptor(bool connected);
  void make_descriptor(const EventInfo& info, Call& call);
  void pass_address(EventCode code, Call& call);

  Random& random_;
  std::vector<EventKind> kinds_;
  std::deque<std::string> texts_;
};

}  // namespace falcoc::law

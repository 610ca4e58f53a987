// One ruleset in every engine that must agree: the reference evaluator, the one with a memory, and
// native code compiled in two ways: as it is and from a bundle, with other optimisation and order.
#pragma once

#include <expected>
#include <memory>

#include "compiler/codegen/native/native.h"
#include "compiler/ir/memo_evaluator.h"
#include "tests/differential/generate.h"

namespace falcoc::differential {

class Engines {
 public:
  /// The error says what failed. `level` is the optimisation of the first native code.
  static std::expected<std::unique_ptr<Engines>, std::string> make(ir::Program program, int level);

  const ir::Program& program() const { return program_; }

  struct Results {
    bool reference, memo, native, native_from_bundle;
    bool agree() const {
      return reference == memo && reference == native && reference == native_from_bundle;
    }
  };
  /// Per rule. The event may have been made for another program with the same fields.
  std::vector<Results> match(GeneratedEvent& event);

 private:
  explicit Engines(ir::Program program);

  ir::Program program_;
  ir::Program loaded_;
  ir::MemoEvaluator memo_;
  std::optional<native::Matcher> native_;
  std::optional<native::Matcher> native_loaded_;
};

/// The first disagreement about the event, shrunk, as a rule and an event; empty if there is none.
std::string find_difference(Engines& engines, int level, GeneratedEvent& event,
                            std::vector<Engines::Results>& results);

}  // namespace falcoc::differential

// IR to machine code by LLVM ORC: per event kind one function that evaluates all live rules,
// shared nodes once, fields fetched lazily and once. LLVM headers stay behind this interface.
#pragma once

#include <expected>
#include <memory>
#include <span>

#include "compiler/ir/evaluate.h"
#include "compiler/ir/program.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::native {

struct Options {
  int optimization_level = 2;   ///< 0 to 3
  bool order_by_cost = false;   ///< cheap conditions first; else in source order
  bool keep_llvm_text = false;  ///< for explain --emit=llvm
  bool keep_assembly_text = false;
};

/// Compiled matcher of one Program, which must outlive it. One instance per thread that matches.
class Matcher {
 public:
  static std::expected<Matcher, Diagnostic> compile(const ir::Program& program,
                                                    std::span<const Accessor> accessors,
                                                    const Options& options = {});
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;
  ~Matcher();

  /// Sets bit i of `matched` for every enabled rule i whose condition holds for this event and
  /// clears the others. `matched` has words_per_result() words. `arena` keeps values that live
  /// until the event is done; the caller clears it.
  void match(EventKind kind, void* context, ir::ValueArena& arena,
             std::span<uint64_t> matched) const;
  size_t words_per_result() const;

  /// Event kinds for which some enabled rule can match.
  const EventSet& live_kinds() const;

  std::string_view llvm_text() const;
  std::string_view assembly_text() const;

 private:
  struct Impl;
  explicit Matcher(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace falcoc::native

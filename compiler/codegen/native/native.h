// Compiled rules: per event kind one function that finds the rules that match, shared conditions
// once, fields fetched lazily and once. Loading and running needs no LLVM; making code does, and
// lives in a library of its own (generate.h).
#pragma once

#include <expected>
#include <memory>
#include <span>

#include "compiler/ir/evaluate.h"
#include "compiler/ir/program.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::native {

struct Options {
  int optimization_level = 2;  ///< 0 to 3
  /// For explain --emit.
  bool keep_llvm_text = false;
  bool keep_assembly_text = false;
};

/// Compiled matcher of one Program, which must outlive it. One instance per thread that matches.
class Matcher {
 public:
  /// Generates and loads; for programs that link the generator (library falcoc_native).
  static std::expected<Matcher, Diagnostic> compile(const ir::Program& program,
                                                    std::span<const Accessor> accessors,
                                                    const Options& options = {});
  /// Loads what was generated for the same program and the same fields supplied. `accessors` are
  /// parallel to Program::fields. The error is about the object, a pattern, or executable memory.
  static std::expected<Matcher, Diagnostic> load(const ir::Program& program,
                                                 std::span<const Accessor> accessors,
                                                 std::string_view object);
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;
  ~Matcher();

  /// Sets bit i of `matched` for every enabled rule i whose condition holds for this event and
  /// clears the others; returns whether there is one. `matched` has words_per_result() words.
  /// `arena` keeps values that live until the event is done; the caller clears it.
  bool match(EventKind kind, void* context, ir::ValueArena& arena,
             std::span<uint64_t> matched) const;
  /// The same for the rules whose bit in `candidates` is set; the others do not match. To be used
  /// when something else, such as the filter in the kernel, has ruled them out.
  bool match_candidates(EventKind kind, void* context, ir::ValueArena& arena,
                        std::span<const uint64_t> candidates, std::span<uint64_t> matched) const;
  size_t words_per_result() const;

  /// Event kinds for which some enabled rule can match.
  const EventSet& live_kinds() const;
  /// Memory of code and constants.
  size_t code_bytes() const;

 private:
  struct Impl;
  explicit Matcher(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace falcoc::native

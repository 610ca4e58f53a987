// What a filter asks about texts, each question a bit in fc_scratch.found. A search that finds
// several things at once needs them by the bytes that are compared, not by the test.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "compiler/ir/split/kernel_plan.h"

namespace falcoc::bpf {

/// Bytes that make `bit` true where they stand.
struct Sought {
  std::string bytes;
  uint32_t bit = 0;

  auto operator<=>(const Sought&) const = default;
};

/// Where is searched: the number of a text, with this bit for its copy in small letters.
inline constexpr uint8_t kFoldedText = 0x80;

/// More texts or numbers than these are looked up in a map (Set): compared with, they would make
/// programs long and slow to verify.
inline constexpr size_t kMostCompared = 256;
/// Whether the test is answered by a map: a set of whole texts, or of numbers.
bool is_looked_up(const ir::split::KernelTest& test);

/// Bits of one search, in words of their own.
struct TextSearch {
  std::vector<Sought> heads;  ///< at the begin; whole texts with their NUL
  std::vector<Sought> tails;  ///< at the end
  std::vector<Sought> parts;  ///< anywhere
  /// Sets that the whole text is looked up in.
  struct Members {
    std::vector<std::string> texts;
    uint32_t bit = 0;
  };
  std::vector<Members> sets;
};

/// One way in which a test holds.
struct Way {
  enum class Slash : uint8_t { ANY, AT, FROM };  ///< where the last slash is

  uint32_t bit = 0;
  Slash slash = Slash::ANY;
  uint32_t position = 0;  ///< AT: there; FROM: there or behind
};

/// How a test about a text is answered: any of the ways holds.
struct Answer {
  std::vector<Way> ways;
  bool in_root = false;  ///< also if the last slash is the first byte of an absolute text
};

class TextQuestions {
 public:
  /// Asks what the test needs. Returns false if there are no bits left.
  bool add(const ir::split::KernelTest& test);
  const Answer& answer(const ir::split::KernelTest& test) const { return answers_.at(test); }
  /// By place.
  const std::map<uint8_t, TextSearch>& searches() const { return searches_; }
  bool empty() const { return answers_.empty(); }

 private:
  /// A bit for this search of this test; the same for all literals that lead to the same answer.
  bool next_bit(uint32_t& bit);
  bool add_whole(const ir::split::KernelTest& test, Answer& answer);
  bool add_directory(const ir::split::KernelTest& test, Answer& answer);

  std::map<ir::split::KernelTest, Answer> answers_;
  std::map<uint8_t, TextSearch> searches_;  ///< by place
  uint32_t bits_ = 0;
};

/// Whether somebody must know where the last slash of this text is.
bool needs_last_slash(const ir::split::KernelPlan& plan, uint8_t text);

}  // namespace falcoc::bpf

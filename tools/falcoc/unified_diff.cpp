#include "tools/falcoc/unified_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace falcoc::cli {

namespace {

using Lines = std::vector<std::string_view>;

constexpr size_t kContext = 3;
/// Changed lines beyond which the shortest description is not looked for: memory grows with the
/// square.
constexpr long kMaxChanges = 4000;
constexpr std::string_view kNoLineEnd = "\n\\ No newline at end of file\n";

/// Lines with their ends.
Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

struct Step {
  char mark;  ///< ' ', '-' or '+'
  std::string_view line;
};

/// E. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986).
class Comparison {
 public:
  Comparison(const Lines& a, const Lines& b) : a_(a), b_(b) {}

  std::vector<Step> run() {
    const auto n = static_cast<long>(a_.size());
    const auto m = static_cast<long>(b_.size());
    const long most = std::min(n + m, kMaxChanges);
    std::vector<long> reach(static_cast<size_t>(2 * most + 3));
    const auto at = [&](long k) -> long& { return reach[static_cast<size_t>(k + most + 1)]; };
    for (long d = 0; d <= most; ++d) {
      traces_.emplace_back(reach.begin() + (most + 1 - d), reach.begin() + (most + 2 + d));
      for (long k = -d; k <= d; k += 2) {
        const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
        long x = down ? at(k + 1) : at(k - 1) + 1;
        while (x < n && x - k < m && line(a_, x) == line(b_, x - k)) ++x;
        at(k) = x;
        if (x >= n && x - k >= m) return steps_back(d);
      }
    }
    return replaced();
  }

 private:
  static std::string_view line(const Lines& lines, long index) {
    return lines[static_cast<size_t>(index)];
  }

  /// From the ends of both back to their beginnings, along what each round could reach.
  std::vector<Step> steps_back(long d) const {
    std::vector<Step> steps;
    auto x = static_cast<long>(a_.size());
    auto y = static_cast<long>(b_.size());
    for (; d > 0; --d) {
      const std::vector<long>& before = traces_[static_cast<size_t>(d)];
      const auto at = [&](long k) { return before[static_cast<size_t>(k + d)]; };
      const long k = x - y;
      const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
      const long from_x = down ? at(k + 1) : at(k - 1);
      const long from_y = from_x - (down ? k + 1 : k - 1);
      while (x > from_x && y > from_y && (down ? x > from_x : x > from_x + 1)) {
        steps.push_back({' ', line(a_, --x)});
        --y;
      }
      if (down) {
        steps.push_back({'+', line(b_, --y)});
      } else {
        steps.push_back({'-', line(a_, --x)});
      }
    }
    while (x > 0) steps.push_back({' ', line(a_, --x)});
    std::ranges::reverse(steps);
    return steps;
  }

  std::vector<Step> replaced() const {
    std::vector<Step> steps;
    for (const std::string_view text : a_) steps.push_back({'-', text});
    for (const std::string_view text : b_) steps.push_back({'+', text});
    return steps;
  }

  const Lines& a_;
  const Lines& b_;
  std::vector<std::vector<long>> traces_;
};

/// "12,3"; the line before where there are none.
std::string range(size_t first, size_t count) {
  return count == 1 ? fmt::format("{}", first + 1)
                    : fmt::format("{},{}", count == 0 ? first : first + 1, count);
}

class Printer {
 public:
  explicit Printer(const std::vector<Step>& steps) : steps_(steps) {}

  std::string run() {
    for (size_t at = 0; at < steps_.size();) {
      const size_t change = next_change(at);
      if (change == steps_.size()) break;
      at = hunk(std::max(at, change - std::min(change, kContext)), change);
    }
    return std::move(out_);
  }

 private:
  size_t next_change(size_t from) const {
    while (from < steps_.size() && steps_[from].mark == ' ') ++from;
    return from;
  }

  /// Changes nearer to each other than twice the context are one hunk. Returns what is behind it.
  size_t hunk(size_t begin, size_t change) {
    size_t end = change;
    for (size_t next = change; next < steps_.size() && next <= end + 2 * kContext;
         next = next_change(end)) {
      end = next + 1;
    }
    end = std::min(end + kContext, steps_.size());
    for (; counted_ < begin; ++counted_) count(steps_[counted_]);
    const size_t before = before_;
    const size_t after = after_;
    std::string body;
    for (; counted_ < end; ++counted_) {
      const Step& step = steps_[counted_];
      count(step);
      body += step.mark;
      body += step.line;
      if (!step.line.ends_with('\n')) body += kNoLineEnd;
    }
    out_ += fmt::format("@@ -{} +{} @@\n{}", range(before, before_ - before),
                        range(after, after_ - after), body);
    return end;
  }

  void count(const Step& step) {
    if (step.mark != '+') ++before_;
    if (step.mark != '-') ++after_;
  }

  const std::vector<Step>& steps_;
  std::string out_;
  size_t counted_ = 0;  ///< steps that `before_` and `after_` know
  size_t before_ = 0;   ///< lines of the old text
  size_t after_ = 0;
};

}  // namespace

std::string unified_diff(std::string_view name, std::string_view before, std::string_view after) {
  if (before == after) return {};
  const Lines a = split(before);
  const Lines b = split(after);
  const std::vector<Step> steps = Comparison(a, b).run();
  return fmt::format("--- {0}\n+++ {0}\n{1}", name, Printer(steps).run());
}

}  // namespace falcoc::cli

// What falcod tells its user on standard error: diagnostics, banner, summary. Alerts never come
// here.
#pragma once

#include <string_view>

#include "compiler/source/diagnostic.h"

namespace falcod {

class Reporter {
 public:
  Reporter(const falcoc::SourceMap& sources, bool quiet);

  void show(const falcoc::Diagnostic& diagnostic) const;
  void show(const falcoc::Diagnostics& diagnostics) const;
  /// Left out with --quiet.
  void info(std::string_view text) const;
  /// What was lost, and what was asked for: no option silences it.
  void loss(std::string_view text) const;

 private:
  const falcoc::SourceMap& sources_;
  bool quiet_;
  bool color_;
};

}  // namespace falcod

// falcod's own log, on standard error and in syslog: diagnostics, banner, summary. Alerts never
// come here.
#pragma once

#include <string_view>

#include "compiler/source/diagnostic.h"
#include "runtime/config/config.h"

namespace falcod {

struct ReportOptions {
  bool quiet = false;    ///< --quiet: errors and losses only
  bool verbose = false;  ///< -v: notes too
  LogConfig log{.to_stderr = true, .to_syslog = false};
};

class Reporter {
 public:
  Reporter(const falcoc::SourceMap& sources, const ReportOptions& options);

  /// Errors go to standard error whatever the options say.
  void show(const falcoc::Diagnostic& diagnostic) const;
  void show(const falcoc::Diagnostics& diagnostics) const;
  /// Left out with --quiet.
  void info(std::string_view text) const;
  /// What was lost, and what was asked for: no option but the log's level silences it.
  void loss(std::string_view text) const;
  const ReportOptions& options() const { return options_; }

 private:
  /// `level` as syslog numbers it.
  void write(std::string_view text, int level, bool always) const;

  const falcoc::SourceMap& sources_;
  ReportOptions options_;
  bool color_;
};

}  // namespace falcod

// The commands of falcoc, as main calls them.
#pragma once

#include <string>
#include <vector>

#include "tools/falcoc/exit_status.h"

namespace falcoc::cli {

struct Format;  // of a report, see report.h

struct CheckOptions {
  std::vector<std::string> paths;  ///< files, directories, `-`
  const Format* format;            ///< of the report; never null
  bool strict = false;             ///< warnings count as errors
};

struct CompileCommandOptions {
  CheckOptions check;
  std::string output;  ///< the bundle; `-` is standard output
};

struct FormatOptions {
  std::vector<std::string> paths;  ///< files, directories, `-`
  bool check = false;              ///< name files that would change, and leave them
  bool diff = false;               ///< print what would change, and leave the files
};

struct LintOptions {
  CheckOptions check;        ///< strict: notes are findings too
  std::string settings;      ///< file; empty: `.falcoc-lint.yaml` where it is
  std::string baseline;      ///< file of findings that are not told of; empty: none
  std::string new_baseline;  ///< file to write instead of telling; empty: none
  bool fix = false;          ///< mend what can be mended safely
};

struct SearchOptions {
  std::vector<std::string> paths;
  std::string text;   ///< in name, description, condition or output; empty as below: any
  std::string uses;   ///< a field, macro or list
  std::string event;  ///< that the rule can match
  std::string tag;
  std::string priority;  ///< the least
  bool json = false;
};

struct ExpandOptions {
  std::vector<std::string> paths;
  std::string rule;  ///< by name; empty: all
};

struct DocsOptions {
  std::vector<std::string> paths;
  std::string format = "markdown";  ///< or "html"
  std::string reference;            ///< "fields" or "events" instead of rules; empty: rules
};

struct DiffCommandOptions {
  std::vector<std::string> old_paths, new_paths;
  std::vector<std::string> fail_on;  ///< of diff_kinds()
  std::string format = "text";       ///< or "json"
};

struct ContinuousOptions {
  std::vector<std::string> paths;    ///< of rules
  std::string base;                  ///< revision of git to compare with; empty: none
  std::vector<std::string> fail_on;  ///< differences from it that are findings, of diff_kinds()
  std::vector<std::string> tests;    ///< files of tests, directories; none: no tests are run
  std::string summary;  ///< file that a summary in Markdown is appended to; empty: none
};

struct ExplainOptions {
  std::vector<std::string> paths;
  std::string rule;  ///< by name; empty: all
  std::string emit;  ///< one of emit_forms(); empty: in words
};

struct CostOptions {
  std::vector<std::string> paths;
  bool json = false;
  double budget_ns = 0;  ///< a rule that is estimated to cost more is a finding; 0: none is
};

struct CaptureOptions {
  std::vector<std::string> captures;
  std::vector<std::string> rules;
  bool json = false;
};

struct ReplayOptions : CaptureOptions {
  std::string expected;    ///< file of expected alerts; empty: alerts are printed
  bool update = false;     ///< write that file instead of comparing with it
  bool all_rules = false;  ///< all rules that match an event, not the first alone
};

struct TestOptions {
  std::vector<std::string> paths;  ///< files of tests, directories
  std::vector<std::string> rules;  ///< instead of those that the files name
  std::string filter;              ///< only tests whose name holds this
  std::string format;              ///< one of test_format_names()
  std::string html;                ///< file for a page of coverage, empty: none
  bool all_rules = false;          ///< as in ReplayOptions
  bool coverage = false;
  double threshold = 0;  ///< percent of coverage; less is a finding
  bool mutate = false;   ///< changes of rules that no test notices are findings
  bool update = false;   ///< write files of expected alerts instead of comparing
  bool watch = false;    ///< again whenever a file changes, until interrupted
};

/// Findings go to standard output.
ExitStatus check(const CheckOptions& options);
/// Writes the bundle if there are no errors, all of it or nothing. Findings go to standard error.
ExitStatus compile(const CompileCommandOptions& options);
/// Findings go to standard output.
ExitStatus lint(const LintOptions& options);
/// Where each part of a rule is from, and what it is in the end.
ExitStatus expand(const ExpandOptions& options);
/// The catalogue of rules or of what they are written with, to standard output.
ExitStatus docs(const DocsOptions& options);
ExitStatus docs_reference(const DocsOptions& options);
/// What the new rules match and the old ones do not, and the other way round. FINDINGS if some rule
/// differs in a way that was asked for.
ExitStatus diff_rules(const DiffCommandOptions& options);
/// check, lint, fmt --check, test and diff, one after the other whatever they find; FINDINGS if one
/// of them has any.
ExitStatus continuous(const ContinuousOptions& options);
/// What a code of a diagnostic stands for.
ExitStatus explain_code(const std::string& code);
/// Rewrites the files in their canonical layout. FINDINGS if one has errors, with `check` also if
/// one would change.
ExitStatus format_files(const FormatOptions& options);
/// FINDINGS if no rule is found.
ExitStatus search(const SearchOptions& options);
ExitStatus explain(const ExplainOptions& options);
/// FINDINGS if a rule is over the budget.
ExitStatus cost(const CostOptions& options);
/// FINDINGS if the alerts are not as expected.
ExitStatus replay(const ReplayOptions& options);
/// What each rule did and cost on captures.
ExitStatus profile(const CaptureOptions& options);
/// How often each rule fires on captures, by image.
ExitStatus noise(const CaptureOptions& options);
/// FINDINGS if a test fails, coverage is below the threshold, or a mutant survives.
ExitStatus test(const TestOptions& options);
std::vector<std::string> test_format_names();
/// A language server on standard input and output, until the client ends it.
ExitStatus serve_editor();
ExitStatus list_operators();
ExitStatus list_lints();
ExitStatus list_fields();
ExitStatus list_events();

}  // namespace falcoc::cli

// falcoc: what the command line says, and which command it means.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "compiler/catalog/catalog.h"
#include "tools/falcoc/commands.h"
#include "tools/falcoc/diff.h"
#include "tools/falcoc/explain_emit.h"
#include "tools/falcoc/report.h"

namespace falcoc::cli {

namespace {

void add_check_options(CLI::App& command, CheckOptions& options) {
  command
      .add_option("FILE", options.paths,
                  "Rule files in load order; a directory stands for its .yaml and .yml files by "
                  "name, - for standard input")
      ->required();
  std::vector<std::string> names;
  for (const Format& format : formats()) names.emplace_back(format.name);
  options.format = &formats().front();
  command
      .add_option_function<std::string>(
          "--format", [&options](const std::string& name) { options.format = find_format(name); },
          fmt::format("How findings are printed: {}", fmt::join(names, ", ")))
      ->check(CLI::IsMember(names))
      ->type_name("FORMAT");
  command.add_flag("--strict", options.strict, "Warnings count as errors");
}

void add_format_options(CLI::App& command, FormatOptions& options) {
  command
      .add_option("FILE", options.paths,
                  "Rule files; a directory stands for its .yaml and .yml files, - for standard "
                  "input, which is printed")
      ->required();
  command.add_flag("--check", options.check,
                   "Change nothing; name the files that would change, exit status 1 if there are");
  command.add_flag("--diff", options.diff, "Change nothing; print what would change");
}

void add_lint_options(CLI::App& command, LintOptions& options) {
  add_check_options(command, options.check);
  command
      .add_option("--config", options.settings,
                  "Settings: lints that are not wanted, and the house's policy; .falcoc-lint.yaml "
                  "if it is there")
      ->type_name("FILE");
  CLI::Option* baseline =
      command
          .add_option("--baseline", options.baseline,
                      "Leave out the findings of this file, made by --write-baseline")
          ->type_name("FILE");
  command
      .add_option("--write-baseline", options.new_baseline,
                  "Write all findings to this file and report none")
      ->type_name("FILE")
      ->excludes(baseline);
  command.add_flag("--fix", options.fix,
                   "Mend in the files what can be mended without changing what rules mean");
}

void add_search_options(CLI::App& command, SearchOptions& options) {
  command.add_option("FILE", options.paths, "Rule files in load order")->required();
  command
      .add_option("--text", options.text,
                  "In name, description, condition or output, in whichever case")
      ->type_name("TEXT");
  command
      .add_option("--uses", options.uses,
                  "A field, macro or list that the condition uses, also through macros and lists")
      ->type_name("NAME");
  command.add_option("--event", options.event, "Rules that can match this event")
      ->type_name("EVENT");
  command.add_option("--tag", options.tag, "Rules with this tag")->type_name("TAG");
  command.add_option("--priority", options.priority, "Rules of this priority or a higher one")
      ->type_name("PRIORITY");
  command.add_flag("--json", options.json, "JSON instead of lines");
}

void add_docs_options(CLI::App& command, DocsOptions& options) {
  CLI::Option* files = command.add_option("FILE", options.paths, "Rule files in load order");
  command.add_option("--format", options.format, "markdown or html")
      ->check(CLI::IsMember({"markdown", "html"}))
      ->type_name("FORMAT");
  command
      .add_option("--reference", options.reference,
                  "Instead of rules what they are written with: fields or events")
      ->check(CLI::IsMember({"fields", "events"}))
      ->type_name("KIND")
      ->excludes(files);
  command.callback([&options] {
    if (options.paths.empty() && options.reference.empty())
      throw CLI::RequiredError("FILE, or --reference,");
  });
}

CLI::Option* add_fail_on(CLI::App& command, std::vector<std::string>& kinds) {
  return command
      .add_option("--fail-on", kinds,
                  fmt::format("Exit status 1 if some rule is so; repeatable: {}",
                              fmt::join(diff_kinds(), ", ")))
      ->check(CLI::IsMember(diff_kinds()))
      ->type_name("KIND")
      ->allow_extra_args(false);
}

void add_diff_options(CLI::App& command, DiffCommandOptions& options) {
  // One path each; a vector would take both.
  const auto add_path = [&](const char* name, std::vector<std::string>& paths) {
    return command
        .add_option_function<std::string>(
            name, [&paths](const std::string& path) { paths = {path}; }, "Rule file or directory")
        ->type_name("PATH");
  };
  CLI::Option* old_path = add_path("OLD", options.old_paths);
  CLI::Option* new_path = add_path("NEW", options.new_paths);
  command
      .add_option("--old", options.old_paths,
                  "Rule file or directory of the old rules; repeatable, in load order")
      ->type_name("PATH")
      ->allow_extra_args(false)
      ->excludes(old_path)
      ->excludes(new_path);
  command.add_option("--new", options.new_paths, "Likewise of the new rules")
      ->type_name("PATH")
      ->allow_extra_args(false)
      ->excludes(old_path)
      ->excludes(new_path);
  command.callback([&options] {
    if (options.old_paths.empty() || options.new_paths.empty())
      throw CLI::RequiredError("OLD and NEW, or --old and --new,");
  });
  add_fail_on(command, options.fail_on);
  command.add_option("--format", options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT");
}

void add_continuous_options(CLI::App& command, ContinuousOptions& options) {
  command.add_option("FILE", options.paths, "Rule files in load order")->required();
  command
      .add_option("--tests", options.tests, "Files of tests, or a directory of them; repeatable")
      ->type_name("PATH")
      ->allow_extra_args(false);
  command
      .add_option(
          "--summary", options.summary,
          "Append a summary in Markdown to this file; in GitHub Actions $GITHUB_STEP_SUMMARY")
      ->type_name("FILE");
  CLI::Option* base =
      command
          .add_option("--base", options.base,
                      "Also compare with the rules of this revision in git, as `falcoc diff` does")
          ->type_name("REVISION");
  add_fail_on(command, options.fail_on)->needs(base);
}

void add_explain_options(CLI::App& command, ExplainOptions& options) {
  command.add_option("FILE", options.paths, "Rule files in load order")->required();
  command.add_option("-r,--rule", options.rule, "Only the rule of this name")->type_name("RULE");
  const std::vector<std::string> forms = emit_forms();
  command
      .add_option("--emit", options.emit,
                  fmt::format("Print a stage of the compiler instead: {}", fmt::join(forms, ", ")))
      ->check(CLI::IsMember(forms))
      ->type_name("FORM");
}

void add_cost_options(CLI::App& command, CostOptions& options) {
  command.add_option("FILE", options.paths, "Rule files in load order")->required();
  command.add_flag("--json", options.json, "JSON instead of a table");
  command
      .add_option("--budget", options.budget_ns,
                  "Exit status 1 if a rule is estimated to cost more for one event")
      ->check(CLI::PositiveNumber)
      ->type_name("NANOSECONDS");
}

void add_capture_options(CLI::App& command, CaptureOptions& options) {
  command
      .add_option("FILE", options.captures,
                  "Captures (.scap) of falcod, Falco or sysdig, one after the other; - is standard "
                  "input")
      ->required();
  command
      .add_option("-r,--rules", options.rules,
                  "Rule file or directory of rule files; repeatable, in load order")
      ->required()
      ->type_name("PATH")
      ->allow_extra_args(false);
  command.add_flag("--json", options.json, "JSON instead of text");
}

void add_replay_options(CLI::App& command, ReplayOptions& options) {
  add_capture_options(command, options);
  CLI::Option* expected =
      command
          .add_option("--expect", options.expected,
                      "Compare with the alerts of this file: a JSON array, or lines as falcod and "
                      "Falco print them; without it alerts are printed")
          ->type_name("ALERTS");
  command.add_flag("--update", options.update, "Write that file instead of comparing with it")
      ->needs(expected);
  command.add_flag("--all-rules", options.all_rules,
                   "Alerts of all rules that match an event, not of the first alone");
}

void add_test_options(CLI::App& command, TestOptions& options) {
  command
      .add_option("FILE", options.paths,
                  "Files of tests; a directory stands for its files that end in .test.yaml")
      ->required();
  command
      .add_option("-r,--rules", options.rules,
                  "Rule file or directory of rule files, instead of those that the tests name")
      ->type_name("PATH")
      ->allow_extra_args(false);
  command.add_option("--filter", options.filter, "Only tests whose name holds this text")
      ->type_name("TEXT");
  const std::vector<std::string> names = test_format_names();
  options.format = names.front();
  command
      .add_option("--format", options.format,
                  fmt::format("How results are printed: {}", fmt::join(names, ", ")))
      ->check(CLI::IsMember(names))
      ->type_name("FORMAT");
  command.add_flag("--all-rules", options.all_rules,
                   "Alerts of all rules that match an event, not of the first alone");
  command.add_flag("--coverage", options.coverage,
                   "Which checks of rules were never true or never false in a test");
  command
      .add_option("--threshold", options.threshold,
                  "Exit status 1 if less of the checks' values was seen; with --coverage")
      ->check(CLI::Range(0.0, 100.0))
      ->type_name("PERCENT");
  command.add_option("--html", options.html, "Write coverage as a page")->type_name("FILE");
  command.add_flag("--mutate", options.mutate,
                   "Change every check of every rule, and tell which changes no test notices");
  command.add_flag("--update", options.update,
                   "Write the files of alerts that captures are expected to raise");
  command.add_flag("--watch", options.watch, "Run again whenever a file changes");
}

int run(int argc, char** argv) {
  CLI::App app("Compiler for Falco rules", "falcoc");
  app.set_version_flag(
      "--version", fmt::format("falcoc {} (Falco engine {})", FALCOC_VERSION, kFalcoEngineVersion));
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 no errors, 1 the rules have errors or do not do what was expected, 2 wrong "
      "usage or\nunusable files");

  CheckOptions check_options;
  CLI::App* check_command = app.add_subcommand("check", "Report everything wrong with rule files");
  add_check_options(*check_command, check_options);

  CompileCommandOptions compile_options;
  CLI::App* compile_command = app.add_subcommand("compile", "Compile rule files into a bundle");
  add_check_options(*compile_command, compile_options.check);
  compile_command
      ->add_option("-o,--output", compile_options.output, "The bundle; - for standard output")
      ->required();

  FormatOptions format_options;
  CLI::App* format_command =
      app.add_subcommand("fmt", "Lay out rule files in the canonical way; they mean the same");
  add_format_options(*format_command, format_options);

  LintOptions lint_options;
  CLI::App* lint_command = app.add_subcommand("lint",
                                              "Find what loads and is probably not meant: rules "
                                              "that never match, can be evaded, say too little");
  add_lint_options(*lint_command, lint_options);

  SearchOptions search_options;
  CLI::App* search_command = app.add_subcommand(
      "search", "Find rules by text, by what they use, by event, tag and priority");
  add_search_options(*search_command, search_options);

  ExpandOptions expand_options;
  CLI::App* expand_command = app.add_subcommand(
      "expand", "Show which file wrote which part of a rule, and its condition in the end");
  expand_command->add_option("FILE", expand_options.paths, "Rule files in load order")->required();
  expand_command->add_option("-r,--rule", expand_options.rule, "Only the rule of this name")
      ->type_name("RULE");

  DocsOptions docs_options;
  CLI::App* docs_command = app.add_subcommand(
      "docs",
      "Print the catalogue of rules with their ATT&CK matrix, or that of fields and events");
  add_docs_options(*docs_command, docs_options);

  DiffCommandOptions diff_options;
  CLI::App* diff_command = app.add_subcommand(
      "diff", "Compare rules by what they match: equal, stricter, looser, changed, with examples");
  add_diff_options(*diff_command, diff_options);

  ContinuousOptions continuous_options;
  CLI::App* continuous_command = app.add_subcommand(
      "ci", "All that a change of rules has to pass: check, lint, fmt --check, test, diff");
  add_continuous_options(*continuous_command, continuous_options);

  ExplainOptions explain_options;
  CLI::App* explain_command = app.add_subcommand(
      "explain", "Say what becomes of rules: what the kernel decides, what is left, and why");
  add_explain_options(*explain_command, explain_options);

  CostOptions cost_options;
  CLI::App* cost_command =
      app.add_subcommand("cost", "What each rule costs, by event type; estimates");
  add_cost_options(*cost_command, cost_options);

  ReplayOptions replay_options;
  CLI::App* replay_command = app.add_subcommand(
      "replay", "Run rules on captures and compare their alerts with those expected");
  add_replay_options(*replay_command, replay_options);

  CaptureOptions profile_options;
  CLI::App* profile_command = app.add_subcommand(
      "profile",
      "What each rule did and cost on captures: evaluations, matches, time, worst check");
  add_capture_options(*profile_command, profile_options);

  CaptureOptions noise_options;
  CLI::App* noise_command =
      app.add_subcommand("noise", "Alerts per hour of captures, by rule and container image");
  add_capture_options(*noise_command, noise_options);

  TestOptions test_options;
  CLI::App* test_command =
      app.add_subcommand("test", "Try rules on events written by hand, and on captures");
  add_test_options(*test_command, test_options);

  CLI::App* lsp_command = app.add_subcommand(
      "lsp", "Serve an editor: the Language Server Protocol on standard input and output");
  // Clients that know several transports say which; there is no other here.
  lsp_command->add_flag("--stdio")->description("Standard input and output, as without it");

  std::string code;
  CLI::App* explain_code_command =
      app.add_subcommand("explain-code", "Say what a code such as E0301 stands for");
  explain_code_command->add_option("CODE", code)->required();

  CLI::App* list_command = app.add_subcommand("list", "Print the vocabulary of rules");
  list_command->require_subcommand(1);
  CLI::App* fields_command = list_command->add_subcommand("fields", "Fields, types, meanings");
  CLI::App* operators_command =
      list_command->add_subcommand("operators", "Operators, modifiers and transformers");
  CLI::App* lints_command = list_command->add_subcommand("lints", "Lints, with their severity");
  CLI::App* events_command = list_command->add_subcommand("events", "Event types, parameters");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);  // prints help, version or what is wrong
    return static_cast<int>(status == 0 ? ExitStatus::CLEAN : ExitStatus::FAILURE);
  }
  ExitStatus status = ExitStatus::FAILURE;
  if (*check_command) status = check(check_options);
  if (*compile_command) status = compile(compile_options);
  if (*format_command) status = format_files(format_options);
  if (*lint_command) status = lint(lint_options);
  if (*search_command) status = search(search_options);
  if (*expand_command) status = expand(expand_options);
  if (*docs_command) status = docs(docs_options);
  if (*diff_command) status = diff_rules(diff_options);
  if (*continuous_command) status = continuous(continuous_options);
  if (*explain_command) status = explain(explain_options);
  if (*cost_command) status = cost(cost_options);
  if (*replay_command) status = replay(replay_options);
  if (*profile_command) status = profile(profile_options);
  if (*noise_command) status = noise(noise_options);
  if (*test_command) {
    // Both are about coverage.
    if (!test_options.html.empty() || test_options.threshold > 0) test_options.coverage = true;
    status = test(test_options);
  }
  if (*lsp_command) status = serve_editor();
  if (*explain_code_command) status = explain_code(code);
  if (*fields_command) status = list_fields();
  if (*operators_command) status = list_operators();
  if (*lints_command) status = list_lints();
  if (*events_command) status = list_events();
  return static_cast<int>(status);
}

}  // namespace

}  // namespace falcoc::cli

int main(int argc, char** argv) {
  try {
    return falcoc::cli::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return static_cast<int>(falcoc::cli::ExitStatus::FAILURE);
  }
}

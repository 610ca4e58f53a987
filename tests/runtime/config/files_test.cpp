// Which files make a configuration, and how they are put together.
#include "tests/runtime/config/loading.h"

using namespace falcod;
using namespace falcod::config;
using falcoc::Code;

namespace {

constexpr std::string_view kOutput = "stdout_output: {enabled: true}\n";

std::string with_output(const std::string& text) { return std::string(kOutput) + text; }

std::vector<std::string> paths(const Config& config) {
  std::vector<std::string> all;
  for (const RulesFile& file : config.rules_files) all.push_back(file.path);
  return all;
}

}  // namespace

TEST_CASE("without a file the built-in configuration holds: standard output, losses told of") {
  const Loaded loaded = load_settings({});
  CHECK(loaded.diagnostics.items().empty());
  CHECK(loaded.config.outputs.stdout_output.enabled);
  CHECK(loaded.config.log.to_stderr);
  CHECK_FALSE(loaded.config.log.to_syslog);
  CHECK(loaded.config.drops.actions == std::vector{DropAction::LOG, DropAction::ALERT});
  CHECK(loaded.config.files.empty());
}

TEST_CASE("in a file, absent keys have the values of Falco's code") {
  const Loaded loaded = load_text(with_output(""));
  CHECK_FALSE(loaded.diagnostics.has_errors());
  CHECK_FALSE(loaded.config.log.to_stderr);
  CHECK(loaded.config.log.to_syslog);
  CHECK(loaded.config.drops.actions.empty());
  CHECK_FALSE(loaded.config.webserver.enabled);
  CHECK(loaded.config.files.size() == 1);
}

TEST_CASE("a file named with -c must exist, the default one need not") {
  CHECK(load_files("/nonexistent/falco.yaml").diagnostics.has_errors());
  CHECK_FALSE(load_files("").diagnostics.has_errors());
}

TEST_CASE("config_files: lists are appended to, everything else replaced, in the order of names") {
  const Folder folder;
  folder.write("config.d/b.yaml", "priority: error\nrules_files: [b.yaml]\n");
  folder.write("config.d/a.yaml",
               "priority: warning\nrules_files: [a.yaml]\nengine: {kind: replay}\n");
  folder.write("config.d/below/c.yaml", "priority: alert\n");
  const Loaded loaded = load_files(
      folder.write("falco.yaml", with_output("config_files: [" + folder.path("config.d") +
                                             "]\nrules_files: [main.yaml]\npriority: notice\n"
                                             "engine: {modern_ebpf: {buf_size_preset: 7}}\n")));
  CAPTURE(loaded.text());
  CHECK_FALSE(loaded.diagnostics.has_errors());
  CHECK(paths(loaded.config) == std::vector<std::string>{"main.yaml", "a.yaml", "b.yaml"});
  CHECK(loaded.config.alerts.minimum_priority == falcoc::Priority::ERROR);
  CHECK(loaded.config.engine.kind == EngineKind::REPLAY);
  CHECK(loaded.config.engine.buf_size_preset == 4);  // the whole map was replaced
  CHECK(loaded.config.files.size() == 3);
  CHECK(loaded.config.watched.size() == 4);  // the folder too
}

TEST_CASE("config_files: strategies override and add-only") {
  const Folder folder;
  const std::string included =
      folder.write("more.yaml", "rules_files: [more.yaml]\npriority: error\njson_output: true\n");
  const auto with = [&](const std::string& strategy) {
    return load_files(folder.write(
        "falco.yaml", with_output("config_files: [{path: " + included + ", strategy: " + strategy +
                                  "}]\nrules_files: [main.yaml]\npriority: notice\n")));
  };
  const Loaded override = with("override");
  CHECK(paths(override.config) == std::vector<std::string>{"more.yaml"});
  CHECK(override.config.alerts.minimum_priority == falcoc::Priority::ERROR);
  const Loaded add_only = with("add-only");
  CHECK(paths(add_only.config) == std::vector<std::string>{"main.yaml"});
  CHECK(add_only.config.alerts.minimum_priority == falcoc::Priority::NOTICE);
  CHECK(add_only.config.alerts.json);
  const Loaded append = with("append");
  CHECK(paths(append.config) == std::vector<std::string>{"main.yaml", "more.yaml"});
  CHECK(with("merge").count(Code::CONFIG_FILES) == 1);
}

TEST_CASE(
    "an included file may not include others, nor be the main file; missing ones are passed over") {
  const Folder folder;
  const std::string nested = folder.write("nested.yaml", "config_files: [x]\n");
  CHECK(load_files(folder.write("a.yaml", with_output("config_files: [" + nested + "]\n")))
            .count(Code::CONFIG_FILES) == 1);
  const std::string self = folder.path("b.yaml");
  folder.write("b.yaml", with_output("config_files: [" + self + "]\n"));
  CHECK(load_files(self).count(Code::CONFIG_FILES) == 1);
  CHECK(load_files(folder.write("c.yaml", with_output("config_files: [/nonexistent]\n")))
            .diagnostics.items()
            .empty());
}

TEST_CASE("-o config_files comes before the included files, every other -o behind them") {
  const Folder folder;
  const std::string included = folder.write("more.yaml", "priority: error\n");
  const std::string main = folder.write("falco.yaml", with_output("priority: notice\n"));
  const std::string files = "config_files[]=" + included;
  CHECK(load_files(main, {files}).config.alerts.minimum_priority == falcoc::Priority::ERROR);
  CHECK(load_files(main, {"priority=alert", files}).config.alerts.minimum_priority ==
        falcoc::Priority::ALERT);
}

TEST_CASE("variables of the environment stand in values, in included files and in -o") {
  const std::map<std::string, std::string> variables{{"PRIORITY", "error"}, {"NAME", "x"}};
  const Loaded loaded = load_text(
      with_output(
          "priority: ${PRIORITY}\nfile_output: {filename: \"/a/${NAME}/${NONE}$${NAME}\"}\n"),
      variables);
  CHECK(loaded.config.alerts.minimum_priority == falcoc::Priority::ERROR);
  CHECK(loaded.config.outputs.file_output.filename == "/a/x/${NAME}");
  CHECK(load_files("", {"file_output.filename=${NAME}"}, variables)
            .config.outputs.file_output.filename == "x");
}

TEST_CASE("variables: what is not closed stays, and values are not expanded again") {
  const Environment environment = [](const std::string& name) -> std::optional<std::string> {
    return name == "A" ? std::optional<std::string>{"${A}"} : std::nullopt;
  };
  CHECK(expand_environment("${A}", environment) == "${A}");
  CHECK(expand_environment("${A", environment) == "${A");
  CHECK(expand_environment("$A {A}", environment) == "$A {A}");
  CHECK(expand_environment("", environment).empty());
}

TEST_CASE("a file that is no map, is malformed or too large is one error with its place") {
  CHECK(load_text("[a]").count(Code::CONFIG_VALUE) == 1);
  CHECK(load_text("a: [").diagnostics.has_errors());
  CHECK(load_text(std::string(kMaxConfigBytes + 1, '#')).count(Code::FILE_TOO_LARGE) == 1);
  // Nothing enabled: alerts would have no place to go.
  CHECK(load_text("").count(Code::CONFIG_INCOMPLETE) == 1);
}

TEST_CASE("a key that is there twice counts as first written") {
  const Loaded loaded = load_text(with_output("priority: error\npriority: debug\n"));
  CHECK(loaded.count(Code::CONFIG_KEY_TWICE) == 1);
  CHECK(loaded.config.alerts.minimum_priority == falcoc::Priority::ERROR);
}

TEST_CASE("aliases of aliases are stopped") {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 8; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += (j == 0 ? "" : ", ") + before;
    text += "]\n";
  }
  CHECK(load_text(text).count(Code::YAML_LIMIT) == 1);
}

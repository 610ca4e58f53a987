// The command line: Falco's flags and keys, and an answer that helps for everything that is not
// one.
#include "runtime/daemon/options.h"

#include <doctest/doctest.h>

using namespace falcod;

namespace {

struct Parsed {
  std::expected<Options, falcoc::Diagnostic> options;
  falcoc::Diagnostics warnings;
};

Parsed parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "falcod");
  falcoc::Diagnostics warnings;
  auto options = parse_options(static_cast<int>(arguments.size()), arguments.data(), warnings);
  if (!options) return {std::move(options), std::move(warnings)};
  options->configuration.default_path = "/nonexistent";
  falcoc::SourceMap sources;
  falcoc::Diagnostics findings;
  configure(*options, [](const std::string&) { return std::nullopt; }, sources, findings);
  for (const falcoc::Diagnostic& finding : findings.items()) {
    // Whether the standard rules are installed is not what these tests are about.
    const bool error = falcoc::code_info(finding.code).severity == falcoc::Severity::ERROR;
    if (error && finding.code != falcoc::Code::NO_RULES) {
      return {std::unexpected(finding), std::move(warnings)};
    }
  }
  return {std::move(options), std::move(warnings)};
}

}  // namespace

TEST_CASE("-r can be repeated and keeps its order") {
  const auto parsed = parse({"-r", "b.yaml", "-r", "a"});
  REQUIRE(parsed.options);
  CHECK(parsed.options->rule_paths == std::vector<std::string>{"b.yaml", "a"});
}

TEST_CASE("-o sets keys of falco.yaml") {
  const auto parsed = parse({"-o",       "json_output=true",
                             "-o",       "json_include_output_property=false",
                             "-o",       "json_include_output_fields_property=no",
                             "-o",       "json_include_tags_property=off",
                             "-o",       "json_include_message_property=yes",
                             "-o",       "time_format_iso_8601=True",
                             "-o",       "rule_matching=all",
                             "--option", "priority=Warning",
                             "-o",       "outputs_queue.capacity=7",
                             "-o",       "buffered_outputs=true"});
  REQUIRE(parsed.options);
  const AlertOptions& alerts = parsed.options->config.alerts;
  CHECK(alerts.json);
  CHECK_FALSE(alerts.include_output);
  CHECK_FALSE(alerts.include_output_fields);
  CHECK_FALSE(alerts.include_tags);
  CHECK(alerts.include_message);
  CHECK(alerts.iso8601_time);
  CHECK(alerts.all_rules);
  CHECK(alerts.minimum_priority == falcoc::Priority::WARNING);
  CHECK(parsed.options->config.outputs.queue_capacity == 7);
  CHECK(parsed.options->config.outputs.buffered);
}

TEST_CASE("names are caught at the entry of calls unless told otherwise") {
  CHECK(parse({}).options->arguments_at_entry);
  CHECK(parse({"--arguments=entry"}).options->arguments_at_entry);
  CHECK_FALSE(parse({"--arguments=exit"}).options->arguments_at_entry);
  CHECK_FALSE(parse({"--arguments=never"}).options);
}

TEST_CASE("-U undoes buffered_outputs") {
  const auto parsed = parse({"-U", "-o", "buffered_outputs=true"});
  REQUIRE(parsed.options);
  CHECK_FALSE(parsed.options->config.outputs.buffered);
}

TEST_CASE("an unknown key and a wrong value of -o are errors of usage") {
  const auto unknown = parse({"-o", "json_ouput=true"});
  REQUIRE_FALSE(unknown.options);
  CHECK(unknown.options.error().code == falcoc::Code::OPTION_UNKNOWN);
  const auto wrong = parse({"-o", "json_output=maybe"});
  REQUIRE_FALSE(wrong.options);
  CHECK(wrong.options.error().code == falcoc::Code::OPTION_VALUE);
}

TEST_CASE("-c names the configuration; -r counts instead of its rules_files") {
  const auto missing = parse({"-c", "/nonexistent/falco.yaml"});
  REQUIRE_FALSE(missing.options);
  CHECK(missing.options.error().code == falcoc::Code::FILE_UNREADABLE);
  const auto both = parse({"-r", "mine.yaml", "-o", "rules_files=[/etc/passwd]"});
  REQUIRE(both.options);
  CHECK(both.options->rule_paths == std::vector<std::string>{"mine.yaml"});
  const auto configured = parse({"-o", "rules_files=[/nonexistent, /etc/passwd]"});
  REQUIRE(configured.options);
  CHECK(configured.options->rule_paths == std::vector<std::string>{"/etc/passwd"});
}

TEST_CASE("the ring is as large as --ring-size or the preset says") {
  CHECK(parse({}).options->ring_bytes == 8u << 20);
  CHECK(parse({"-o", "engine.modern_ebpf.buf_size_preset=1"}).options->ring_bytes == 1u << 20);
  CHECK(parse({"-o", "engine.modern_ebpf.buf_size_preset=10"}).options->ring_bytes == 512u << 20);
  CHECK(parse({"--ring-size=64K", "-o", "engine.modern_ebpf.buf_size_preset=2"})
            .options->ring_bytes == 64u << 10);
}

TEST_CASE("an unknown flag is an error") {
  const auto parsed = parse({"--modern-bpf"});
  REQUIRE_FALSE(parsed.options);
  CHECK(parsed.options.error().code == falcoc::Code::OPTION_UNKNOWN);
}

TEST_CASE("everything after -- is the command, flags included") {
  const auto parsed = parse({"-q", "--", "ls", "-r", "--", "x"});
  REQUIRE(parsed.options);
  CHECK(parsed.options->quiet);
  CHECK(parsed.options->command == std::vector<std::string>{"ls", "-r", "--", "x"});
  CHECK_FALSE(parsed.options->rules_named);
}

TEST_CASE("--hooks is one of three words") {
  CHECK(parse({}).options->hooks == falcod::HookMode::AUTO);
  CHECK(parse({"--hooks=tracepoint"}).options->hooks == falcod::HookMode::TRACEPOINT);
  CHECK(parse({"--hooks=fentry"}).options->hooks == falcod::HookMode::FENTRY);
  const auto parsed = parse({"--hooks=kprobe"});
  REQUIRE_FALSE(parsed.options);
  CHECK(parsed.options.error().code == falcoc::Code::OPTION_VALUE);
}

TEST_CASE("--wait-all needs a command") {
  CHECK(parse({"--wait-all", "--", "true"}).options->wait_all);
  CHECK_FALSE(parse({"--", "true", "--wait-all"}).options->wait_all);
  CHECK_FALSE(parse({"--wait-all"}).options);
}

TEST_CASE("-e replays files, one after the other, and goes with nothing live") {
  const auto parsed = parse({"-e", "a.scap", "-e", "b.scap"});
  REQUIRE(parsed.options);
  CHECK(parsed.options->captures == std::vector<std::string>{"a.scap", "b.scap"});
  const auto configured =
      parse({"-o", "engine.kind=replay", "-o", "engine.replay.capture_file=c.scap"});
  REQUIRE(configured.options);
  CHECK(configured.options->captures == std::vector<std::string>{"c.scap"});
  CHECK_FALSE(parse({"-o", "engine.kind=replay"}).options);
  CHECK_FALSE(parse({"-e", "a.scap", "--", "true"}).options);
  CHECK_FALSE(parse({"-e", "a.scap", "-M", "5"}).options);
  CHECK_FALSE(parse({"-e", "a.scap", "-w", "b.scap"}).options);
}

TEST_CASE("-w records; files are exchanged by size and by age") {
  const auto plain = parse({"-w", "a.scap"});
  REQUIRE(plain.options);
  CHECK(plain.options->recording.path == "a.scap");
  CHECK(plain.options->recording.rotate_bytes == 0);
  const auto rotated =
      parse({"-w", "a.scap", "--rotate-size", "2M", "--rotate-after", "60", "--rotate-keep", "3"});
  REQUIRE(rotated.options);
  CHECK(rotated.options->recording.rotate_bytes == 2u << 20);
  CHECK(rotated.options->recording.rotate_after == std::chrono::seconds{60});
  CHECK(rotated.options->recording.keep_files == 3);
  CHECK_FALSE(parse({"--rotate-size", "2M"}).options);
  CHECK_FALSE(parse({"-w", "a.scap", "--rotate-size", "much"}).options);
  CHECK_FALSE(parse({"-w", "a.scap", "--rotate-size", "0"}).options);
  CHECK_FALSE(parse({"-w", "a.scap", "--rotate-keep", "3"}).options);
}

TEST_CASE("-- without a command is an error") { CHECK_FALSE(parse({"--"}).options); }

TEST_CASE("-p warns: with text it is appended, the old format names do nothing") {
  const auto text = parse({"-p", "user=%user.name"});
  REQUIRE(text.options);
  REQUIRE(text.options->config.append_output.size() == 1);
  CHECK(text.options->config.append_output[0].extra_output == "user=%user.name");
  CHECK(text.warnings.items().size() == 1);
  for (const char* name : {"c", "container", "k", "kubernetes"}) {
    const auto old = parse({"-p", name});
    REQUIRE(old.options);
    CHECK(old.options->config.append_output.empty());
    CHECK(old.warnings.items().size() == 1);
  }
}

TEST_CASE("-p comes behind the entries of append_output") {
  const auto parsed = parse({"-p", "last", "-o", "append_output[].extra_output=x"});
  REQUIRE(parsed.options);
  REQUIRE(parsed.options->config.append_output.size() == 2);
  CHECK(parsed.options->config.append_output[1].extra_output == "last");
}

TEST_CASE("--ring-size takes powers of two from a page to 512M") {
  CHECK(parse({"--ring-size", "16M"}).options->ring_bytes == 16u << 20);
  CHECK(parse({"--ring-size", "64K"}).options->ring_bytes == 64u << 10);
  CHECK(parse({"--ring-size", "4096"}).options->ring_bytes == 4096);
  for (const char* size : {"3M", "1G", "1024M", "2K", "x", "-8M", ""}) {
    CAPTURE(size);
    if (*size != '\0') CHECK_FALSE(parse({"--ring-size", size}).options);
  }
}

TEST_CASE("tasks other than running") {
  CHECK(parse({"--help"}).options->task == Task::HELP);
  CHECK(parse({"--version"}).options->task == Task::VERSION);
  CHECK(parse({"-L"}).options->task == Task::DESCRIBE_RULES);
  CHECK(parse({"-l", "A rule"}).options->describe == "A rule");
  CHECK(parse({"--list"}).options->task == Task::LIST_FIELDS);
  CHECK(parse({"--list", "syscall"}).options->list_source == "syscall");
  CHECK(parse({"--list", "-N"}).options->names_only);
  CHECK_FALSE(parse({"-N"}).options);
  CHECK_FALSE(parse({"-L", "--", "true"}).options);
}

TEST_CASE("flags of today's Falco ask for their tasks") {
  CHECK(parse({"--list-events"}).options->task == Task::LIST_EVENTS);
  CHECK(parse({"--list-events", "--format", "json"}).options->list_format == ListFormat::JSON);
  CHECK(parse({"--list", "--markdown"}).options->list_format == ListFormat::MARKDOWN);
  CHECK_FALSE(parse({"--list", "--format", "xml"}).options);
  CHECK(parse({"--list-plugins"}).options->task == Task::LIST_PLUGINS);
  CHECK(parse({"--plugin-info", "container"}).options->task == Task::PLUGIN_INFO);
  CHECK(parse({"-i"}).options->task == Task::IGNORED_EVENTS);
  CHECK(parse({"--page-size"}).options->task == Task::PAGE_SIZE);
  CHECK(parse({"--support"}).options->task == Task::SUPPORT);
  CHECK(parse({"--dry-run"}).options->dry_run);
  CHECK(parse({"-P", "/run/falcod.pid"}).options->pid_file == "/run/falcod.pid");
  CHECK(parse({"-v"}).options->verbose);
  CHECK(parse({"--config-check"}).options->task == Task::CONFIG_CHECK);
  const auto validated = parse({"-V", "a.yaml", "-V", "b.yaml", "-L"});
  CHECK(validated.options->task == Task::VALIDATE);
  CHECK(validated.options->validate == std::vector<std::string>{"a.yaml", "b.yaml"});
  CHECK(validated.options->describe_validated);
}

TEST_CASE("event sources: there is one, which can be asked for and not be left out") {
  CHECK(parse({"--enable-source", "syscall"}).options);
  CHECK_FALSE(parse({"--enable-source", "k8s_audit"}).options);
  CHECK_FALSE(parse({"--disable-source", "syscall"}).options);
  CHECK(parse({"--disable-source", "syscall", "-e", "a.scap"}).options);
  CHECK_FALSE(parse({"--enable-source", "syscall", "--disable-source", "syscall"}).options);
}

TEST_CASE("-M needs a positive number of seconds") {
  CHECK(parse({"-M", "3"}).options->run_for == std::chrono::seconds{3});
  CHECK_FALSE(parse({"-M", "0"}).options);
  CHECK_FALSE(parse({"-M", "soon"}).options);
}

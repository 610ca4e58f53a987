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
  return {std::move(options), std::move(warnings)};
}

}  // namespace

TEST_CASE("-r can be repeated and keeps its order") {
  const auto parsed = parse({"-r", "b.yaml", "-r", "a"});
  REQUIRE(parsed.options);
  CHECK(parsed.options->rule_paths == std::vector<std::string>{"b.yaml", "a"});
}

TEST_CASE("every key of -o changes its own option") {
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
  const AlertOptions& alerts = parsed.options->alerts;
  CHECK(alerts.json);
  CHECK_FALSE(alerts.include_output);
  CHECK_FALSE(alerts.include_output_fields);
  CHECK_FALSE(alerts.include_tags);
  CHECK(alerts.include_message);
  CHECK(alerts.iso8601_time);
  CHECK(alerts.all_rules);
  CHECK(alerts.minimum_priority == falcoc::Priority::WARNING);
  CHECK(parsed.options->queue.messages == 7);
  CHECK(parsed.options->queue.linger.count() > 0);
}

TEST_CASE("names are caught at the entry of calls unless told otherwise") {
  CHECK(parse({}).options->arguments_at_entry);
  CHECK(parse({"--arguments=entry"}).options->arguments_at_entry);
  CHECK_FALSE(parse({"--arguments=exit"}).options->arguments_at_entry);
  CHECK_FALSE(parse({"--arguments=never"}).options);
}

TEST_CASE("keys of syscall_event_drops: the list of actions is set, changed or appended to") {
  using Actions = std::vector<DropAction>;
  const auto actions_after = [](const std::vector<const char*>& settings) {
    std::vector<const char*> arguments;
    for (const char* setting : settings) arguments.insert(arguments.end(), {"-o", setting});
    const auto parsed = parse(arguments);
    REQUIRE(parsed.options);
    return parsed.options->drops.actions;
  };
  CHECK(actions_after({}) == Actions{DropAction::LOG, DropAction::ALERT});
  CHECK(actions_after({"syscall_event_drops.actions=exit"}) == Actions{DropAction::EXIT});
  CHECK(actions_after({"syscall_event_drops.actions=ignore"}) == Actions{DropAction::IGNORE});
  CHECK(actions_after({"syscall_event_drops.actions[1]=exit"}) ==
        Actions{DropAction::LOG, DropAction::EXIT});
  CHECK(actions_after({"syscall_event_drops.actions[]=exit"}) ==
        Actions{DropAction::LOG, DropAction::ALERT, DropAction::EXIT});

  const auto parsed =
      parse({"-o", "syscall_event_drops.threshold=0.5", "-o", "syscall_event_drops.rate=2", "-o",
             "syscall_event_drops.max_burst=3", "-o", "syscall_event_drops.simulate_drops=true"});
  REQUIRE(parsed.options);
  const DropPolicy& policy = parsed.options->drops;
  CHECK(policy.threshold == 0.5);
  CHECK(policy.rate == 2);
  CHECK(policy.max_burst == 3);
  CHECK(policy.simulate_drops);
}

TEST_CASE("syscall_event_drops: ignore goes with no other action") {
  const auto parsed = parse({"-o", "syscall_event_drops.actions[0]=ignore"});
  REQUIRE_FALSE(parsed.options);
  CHECK(parsed.options.error().code == falcoc::Code::OPTION_VALUE);
}

TEST_CASE("-U undoes buffered_outputs") {
  const auto parsed = parse({"-U", "-o", "buffered_outputs=true"});
  REQUIRE(parsed.options);
  CHECK(parsed.options->queue.linger.count() == 0);
}

TEST_CASE("an unknown key of -o is an error that suggests the likely one and lists all") {
  const auto parsed = parse({"-o", "json_ouput=true"});
  REQUIRE_FALSE(parsed.options);
  CHECK(parsed.options.error().code == falcoc::Code::OPTION_UNKNOWN);
  CHECK(parsed.options.error().message.find("json_ouput") != std::string::npos);
  CHECK(parsed.options.error().hint.find("did you mean json_output?") != std::string::npos);
  CHECK(parsed.options.error().hint.find("rule_matching") != std::string::npos);
}

TEST_CASE("a wrong value is an error that says what is expected") {
  for (const char* setting :
       {"json_output=maybe", "priority=loud", "rule_matching=some", "outputs_queue.capacity=-1",
        "json_output", "syscall_event_drops.actions=panic", "syscall_event_drops.actions[1]=panic",
        "syscall_event_drops.threshold=1.5", "syscall_event_drops.rate=-1",
        "syscall_event_drops.max_burst=x"}) {
    CAPTURE(setting);
    const auto parsed = parse({"-o", setting});
    REQUIRE_FALSE(parsed.options);
    CHECK(parsed.options.error().code == falcoc::Code::OPTION_VALUE);
    CHECK_FALSE(parsed.options.error().hint.empty());
  }
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
  CHECK(parsed.options->rule_paths.empty());
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
  REQUIRE(text.options->output_additions.size() == 1);
  CHECK(text.options->output_additions[0].extra_output == "user=%user.name");
  CHECK(text.warnings.items().size() == 1);
  for (const char* name : {"c", "container", "k", "kubernetes"}) {
    const auto old = parse({"-p", name});
    REQUIRE(old.options);
    CHECK(old.options->output_additions.empty());
    CHECK(old.warnings.items().size() == 1);
  }
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

TEST_CASE("-M needs a positive number of seconds") {
  CHECK(parse({"-M", "3"}).options->run_for == std::chrono::seconds{3});
  CHECK_FALSE(parse({"-M", "0"}).options);
  CHECK_FALSE(parse({"-M", "soon"}).options);
}

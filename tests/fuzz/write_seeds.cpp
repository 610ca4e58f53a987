// Writes the seeds that would go stale as files: bundles, probe records and captures, made by this
// build's own writers, and what other files hold: the conditions of the conformance cases, the
// outputs of the standard rules. `write_seeds FOLDER CASES RULES` fills a folder for each in
// FOLDER.
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "compiler/bundle/bundle.h"
#include "compiler/bundle/envelope.h"
#include "compiler/ir/compile.h"
#include "compiler/rules/ruleset.h"
#include "runtime/capture/scap/encode.h"
#include "tests/compiler/bundle/sample_program.h"
#include "tests/support/capture_builder.h"
#include "tests/support/record_builder.h"

namespace {

using falcoc::EventCode;
using falcod::testing::RecordBuilder;

constexpr const char* kRules = R"(
- list: shells
  items: [sh, bash]
- macro: spawned
  condition: evt.type in (execve, execveat)
- rule: Shell below a server
  desc: any
  condition: spawned and proc.name in (shells) and proc.aname in (nginx, httpd)
  output: Shell %proc.name below %proc.aname[2] (%user.name)
  priority: WARNING
- rule: Secrets read
  desc: any
  condition: >
    evt.type = openat and fd.name pmatch (/etc/shadow, /root) and not proc.name startswith ssh
    and (fd.name regex '.*[0-9]+' or toupper(proc.name) = val(proc.pname) or fd.num > 2)
  output: Secret %fd.name
  priority: ERROR
)";

falcoc::ir::Program compiled_rules() {
  falcoc::SourceMap sources;
  falcoc::rules::RuleSet set;
  falcoc::Diagnostics diagnostics;
  falcoc::rules::load_rules(sources.add("seeds.yaml", kRules), sources, set, diagnostics);
  falcoc::ir::Program program = falcoc::ir::compile(set, {}, diagnostics);
  if (program.rules.size() != 2) {
    std::fputs("the seed rules do not compile\n", stderr);
    std::exit(EXIT_FAILURE);
  }
  return program;
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) {
    std::perror(path.c_str());
    std::exit(EXIT_FAILURE);
  }
}

/// The fuzzer tries each input as a bundle and as a payload.
void write_bundle(const std::filesystem::path& folder, const std::string& name,
                  const falcoc::ir::Program& program) {
  const std::string bytes = falcoc::bundle::write(program);
  write_file(folder / name, bytes);
  write_file(folder / (name + "-payload"), bytes.substr(falcoc::bundle::kHeaderBytes));
}

RecordBuilder record_of(EventCode code) {
  RecordBuilder record(static_cast<uint16_t>(code));
  record.task(77, 1, "seed").time_ns(5'000'000'000);
  return record;
}

void write_record(const std::filesystem::path& path, RecordBuilder record) {
  const auto bytes = record.bytes();
  write_file(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void write_records(const std::filesystem::path& folder) {
  using namespace std::string_view_literals;
  write_record(folder / "kill", record_of(EventCode::KILL).ret(0).arg(0, 1).arg(1, 9));
  fc_fd file{};
  file.fd = 3;
  file.mode = 0100644;
  file.ino = 12;
  write_record(folder / "openat", record_of(EventCode::OPENAT)
                                      .ret(3)
                                      .arg(2, 0101)
                                      .text(2, "shadow")
                                      .text(FC_ITEM_DIR_PATH, "/etc", 2)
                                      .structure(FC_ITEM_FD, file)
                                      .text(FC_ITEM_FD_PATH, "/etc/shadow"));
  write_record(
      folder / "connect",
      record_of(EventCode::CONNECT)
          .arg(0, 5)
          .item(3, "\x02\0\x1f\x90\x0a\0\0\x01\0\0\0\0\0\0\0\0"sv)
          .structure(FC_ITEM_FD,
                     falcod::testing::ip_socket(5, 99, 6, "10.0.0.2", 4000, "10.0.0.1", 80), 2));
  fc_fd unnamed{};
  unnamed.fd = 5;
  unnamed.mode = 0140777;
  unnamed.family = AF_UNIX;
  write_record(folder / "connect-unnamed",
               record_of(EventCode::CONNECT).arg(0, 5).structure(FC_ITEM_FD, unnamed, 2));
  fc_exec image{};
  image.exe_ino = 4;
  image.flags = FC_EXE_UPPER_LAYER;
  write_record(folder / "execve", record_of(EventCode::EXECVE)
                                      .structure(FC_ITEM_EXEC, image)
                                      .item(FC_ITEM_ARGS, "sh\0-c\0ls\0"sv)
                                      .item(FC_ITEM_ENV, "A=1\0"sv)
                                      .text(FC_ITEM_EXE_PATH, "/bin/dash")
                                      .text(FC_ITEM_FILENAME, "/bin/sh")
                                      .text(FC_ITEM_CGROUP, "=/system.slice")
                                      .text(FC_ITEM_CWD, "/tmp"));
  write_record(folder / "write", record_of(EventCode::WRITE).ret(5).arg(0, 1).item(3, "hello"));
  const fc_poll_fd polled{3, 1, 1, 0, 0, 0100644, 0};
  write_record(folder / "poll", record_of(EventCode::POLL).ret(1).arg(1, 1).structure(1, polled));
  write_record(folder / "setsockopt",
               record_of(EventCode::SETSOCKOPT).arg(1, 1).arg(2, 20).item(4, "\5\0\0\0\0\0\0\0"sv));
  write_record(folder / "quotactl",
               record_of(EventCode::QUOTACTL).arg(0, 0x80000801).item(3, std::string(72, '\7')));
  write_record(folder / "keyctl",
               record_of(EventCode::KEYCTL).arg(0, 10).text(3, "user").text(4, "name"));
  write_record(folder / "semop",
               record_of(EventCode::SEMOP).arg(2, 2).item(2, "\1\0\2\0\0\x10\3\0\4\0\0\x08"sv));
  write_record(folder / "prctl",
               record_of(EventCode::PRCTL).arg(0, 37).item(3, "\1\0\0\0\0\0\0\0"sv));
  write_record(folder / "ptrace",
               record_of(EventCode::PTRACE).arg(0, 2).item(2, "\1\2\3\4\5\6\7\x08"sv));
  write_record(folder / "fsconfig", record_of(EventCode::FSCONFIG).arg(1, 2).item(4, "binary"));
  write_record(folder / "recvmmsg",
               record_of(EventCode::RECVMMSG).ret(3).item(3, "abc").item(5, std::string(24, '\1')));
  write_record(folder / "switch", record_of(EventCode::SWITCH).item(0, "\1\0\0\0\0\0\0\0"sv));
  write_record(folder / "generic", RecordBuilder(FC_GENERIC_BASE + 10).task(77, 1, "seed"));
  write_record(folder / "fork", RecordBuilder(FC_STATE_FORK)
                                    .task(78, 77, "seed")
                                    .structure(FC_ITEM_FORK, fc_fork{77, 77, 0})
                                    .structure(FC_ITEM_EXEC, image));
}

/// Tables of every kind as they are written today.
std::string capture_tables() {
  using namespace falcod::scap;
  std::string out;
  Machine machine;
  machine.hostname = "seed";
  append_machine(out, machine);
  Interface interface;
  interface.address_bytes = 4;
  interface.name = "lo";
  append_interfaces(out, std::array{interface});
  UserEntry user, group;
  user.name = user.home = user.shell = "root";
  group.is_group = true;
  group.name = "wheel";
  append_users(out, std::array{user, group});
  ProcessEntry process;
  process.tid = process.pid = 50;
  process.comm = process.exe = process.cwd = "sh";
  append_processes(out, std::array{process});
  FdEntry file, socket;
  file.kind = FdKind::FILE_V2;
  file.name = "/etc/passwd";
  socket.kind = FdKind::IPV6_SOCKET;
  append_fds(out, 50, std::array{file, socket});
  return out;
}

void write_captures(const std::filesystem::path& folder) {
  using falcod::test::CaptureBuilder;
  using falcod::test::text;
  using falcod::test::value;
  const std::string zero = value(uint64_t{0}), word = value(uint32_t{0});
  CaptureBuilder events;
  const std::string header = events.file();
  // Today's open and close; read of 2018 behind its enter event; an exec and a clone of 2014.
  events.event(3, 50, {zero, text("/etc/shadow"), word, word, word, zero});
  events.event(5, 50, {zero, zero}, 1, falcod::scap::kStateOnly);
  events.event_v1(6, 50, {zero, word});
  events.event_v1(7, 50, {zero, "abc"});
  events.event_v1(13, 50, {zero, text("sh"), text("-c"), zero, zero, zero, text("/"), zero});
  events.event_v1(15, 50,
                  {zero, text("sh"), "", zero, zero, zero, text("/"), zero, word, word, word});
  write_file(folder / "events", events.file());
  write_file(folder / "tables", header + capture_tables() + events.file().substr(header.size()));
}

/// What is in `from`, one seed each. A format that nobody finds any more would leave no seeds.
void write_texts(const std::filesystem::path& folder, const std::vector<std::string>& texts) {
  if (texts.size() < 10) {
    std::fprintf(stderr, "too few seeds for %s\n", folder.c_str());
    std::exit(EXIT_FAILURE);
  }
  for (size_t i = 0; i < texts.size(); ++i) write_file(folder / std::to_string(i), texts[i]);
}

/// Conditions of the lines "  true: CONDITION" and the like.
std::vector<std::string> conditions_of_cases(const std::filesystem::path& cases) {
  std::vector<std::string> conditions;
  for (const auto& entry : std::filesystem::directory_iterator(cases)) {
    if (entry.path().extension() != ".txt") continue;
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      for (const std::string_view verdict : {"  true", "  false", "  malformed", "  rejected"}) {
        const size_t colon = line.find(": ");
        if (line.starts_with(verdict) && colon != std::string::npos) {
          conditions.push_back(line.substr(colon + 2));
        }
      }
    }
  }
  return conditions;
}

std::vector<std::string> outputs_of_rules(const std::filesystem::path& rules) {
  falcoc::SourceMap sources;
  falcoc::rules::RuleSet set;
  falcoc::Diagnostics diagnostics;
  for (const auto& entry : std::filesystem::directory_iterator(rules)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    falcoc::rules::load_rules(sources.add(entry.path(), text), sources, set, diagnostics);
  }
  std::vector<std::string> outputs;
  for (const falcoc::rules::Rule& rule : set.rules) outputs.push_back(rule.output.text());
  return outputs;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: write_seeds FOLDER CASES RULES\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  for (const char* const target : {"condition", "output", "bundle", "decoder", "capture"}) {
    std::filesystem::create_directories(folder / target);
  }
  write_texts(folder / "condition", conditions_of_cases(argv[2]));
  write_texts(folder / "output", outputs_of_rules(argv[3]));
  write_bundle(folder / "bundle", "rules", compiled_rules());
  write_bundle(folder / "bundle", "sample", falcoc::testing::sample_program());
  write_records(folder / "decoder");
  write_captures(folder / "capture");
  return 0;
}

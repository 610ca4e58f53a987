// Captures through the whole engine: what rules see of processes, descriptors and users that only
// the file knows.
#include "runtime/engine/replay.h"

#include <doctest/doctest.h>

#include "compiler/ir/compile.h"
#include "tests/support/capture_builder.h"

namespace falcod {
namespace {

using test::Bytes;
using test::CaptureBuilder;
using test::text;
using test::value;

constexpr uint16_t kOpenX = 3, kCloseX = 5, kReadX = 7, kSocketX = 19, kBindX = 21, kConnectX = 23,
                   kProcexit = 186, kChdirX = 95, kFchdirX = 97, kDupX = 367, kCloneX = 223,
                   kExecveX = 293, kAccept4X = 389, kUserAdded = 354;
constexpr int64_t kOk = 0;
constexpr uint32_t kCloneThread = 8192, kCloseOnExec = 4096, kDirectory = 1024;

falcoc::ir::Program compile(std::string_view output) {
  std::string yaml =
      "- rule: r\n  desc: d\n  condition: evt.num > 0\n  priority: NOTICE\n  output: \"";
  yaml.append(output).append("\"\n");
  falcoc::SourceMap sources;
  falcoc::rules::RuleSet rules;
  falcoc::Diagnostics diagnostics;
  REQUIRE(falcoc::rules::load_rules(sources.add("test.yaml", std::move(yaml)), sources, rules,
                                    diagnostics));
  falcoc::ir::Program program = falcoc::ir::compile(rules, {}, diagnostics);
  REQUIRE_FALSE(diagnostics.has_errors());
  return program;
}

/// The outputs of a rule that matches every event, one line each, without the time and priority.
std::vector<std::string> replay(const CaptureBuilder& capture, std::string_view output) {
  std::vector<std::string> lines;
  falcoc::Diagnostics diagnostics;
  EngineOptions options;
  options.evaluator = Evaluator::REFERENCE;
  options.boot_to_epoch_ns = 0;
  auto engine = Engine::create(
      compile(output), {},
      [&](const Alert& alert) {
        const size_t priority = alert.line.find("Notice ");
        lines.emplace_back(alert.line.substr(priority + 7));
      },
      diagnostics, options);
  REQUIRE(engine);
  Replay replay(**engine);
  auto file = scap::CaptureFile::of_bytes(capture.bytes(), "test.scap");
  REQUIRE(file);
  for (;;) {
    const auto more = file->next(replay);
    REQUIRE(more);
    if (!*more) return lines;
  }
}

std::vector<std::string> open_event(int64_t fd, std::string_view path, uint32_t flags = 1) {
  return {value(fd),          text(path),         value(flags),
          value(uint32_t{0}), value(uint32_t{0}), value(uint64_t{0})};
}

std::vector<std::string> close_event(int64_t fd) { return {value(kOk), value(fd)}; }

std::string inet(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port) {
  return Bytes().number(a).number(b).number(c).number(d).number(port).str();
}

/// An IPv4 tuple.
std::string tuple(const std::string& source, const std::string& destination) {
  return Bytes().number(uint8_t{2}).raw(source).raw(destination).str();
}

std::vector<std::string> exec_event(std::string_view exe, std::string_view args, int64_t pid,
                                    int64_t ppid) {
  std::vector<std::string> params{value(kOk), text(exe),   std::string(args), value(pid),
                                  value(pid), value(ppid), text("/")};
  params.resize(31);
  params[7] = value(uint64_t{1024});
  params[13] = text(exe.substr(exe.rfind('/') + 1));
  params[26] = value(uint32_t{1000});
  params[27] = text(exe);
  return params;
}

std::vector<std::string> clone_event(int64_t result, int64_t tid, int64_t pid, int64_t ppid,
                                     uint32_t flags) {
  std::vector<std::string> params(21);
  params[0] = value(result);
  params[1] = text("sh");
  params[3] = value(tid);
  params[4] = value(pid);
  params[5] = value(ppid);
  params[13] = text("sh");
  params[15] = value(flags);
  params[18] = value(tid);
  params[19] = value(pid);
  return params;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("replay: a descriptor keeps the name it was opened with until it is closed") {
  CaptureBuilder capture;
  capture.event(kOpenX, 50, open_event(3, "/etc/../etc/shadow"));
  capture.event(kReadX, 50, {value(kOk), "", value(int64_t{3}), value(uint32_t{1})});
  capture.event(kCloseX, 50, close_event(3));
  capture.event(kReadX, 50, {value(kOk), "", value(int64_t{3}), value(uint32_t{1})});
  CHECK(replay(capture, "%evt.num %evt.type %fd.name %fd.nameraw %fd.typechar") ==
        Lines{"1 open /etc/shadow /etc/../etc/shadow f", "2 read /etc/shadow /etc/../etc/shadow f",
              "3 close /etc/shadow /etc/../etc/shadow f", "4 read <NA> <NA> o"});
}

TEST_CASE("replay: relative paths start from the directory the process changed to") {
  CaptureBuilder capture;
  capture.event(kChdirX, 50, {value(kOk), text("/var/log")});
  capture.event(kOpenX, 50, open_event(3, "syslog"));
  capture.event(kOpenX, 50, open_event(4, "apt", kDirectory | 1));
  capture.event(kFchdirX, 50, {value(kOk), value(int64_t{4})});
  CHECK(replay(capture, "%evt.type %proc.cwd %fd.name") ==
        Lines{"chdir /var/log/ <NA>", "open /var/log/ /var/log/syslog",
              "open /var/log/ /var/log/apt", "fchdir /var/log/apt/ /var/log/apt"});
}

TEST_CASE("replay: children inherit descriptors, threads share them, exec closes some") {
  CaptureBuilder capture;
  capture.event(kOpenX, 50, open_event(3, "/kept"));
  capture.event(kOpenX, 50, open_event(4, "/closed", kCloseOnExec | 1));
  capture.event(kCloneX, 50, clone_event(51, 50, 50, 1, 0));
  capture.event(kCloneX, 50, clone_event(52, 50, 50, 1, kCloneThread));
  capture.event(kOpenX, 52, open_event(5, "/by-thread"));
  capture.event(kExecveX, 51, exec_event("/bin/cat", text("x"), 51, 50));
  for (const int64_t fd : {3, 4, 5}) {
    capture.event(kReadX, 51, {value(kOk), "", value(fd), value(uint32_t{1})});
    capture.event(kReadX, 50, {value(kOk), "", value(fd), value(uint32_t{1})});
  }
  const Lines lines = replay(capture, "%proc.pid %fd.num %fd.name");
  REQUIRE(lines.size() == 12);
  CHECK(Lines(lines.begin() + 6, lines.end()) == Lines{"51 3 /kept", "50 3 /kept", "51 4 <NA>",
                                                       "50 4 /closed", "51 5 <NA>",
                                                       "50 5 /by-thread"});
}

TEST_CASE("replay: both sides of a fork make one child, of the parent's name until it executes") {
  CaptureBuilder capture;
  capture.event(kExecveX, 50, exec_event("/bin/sh", text("-c"), 50, 1));
  capture.event(kCloneX, 50, clone_event(51, 50, 50, 1, 0));
  capture.event(kCloneX, 51, clone_event(0, 51, 51, 50, 0));
  capture.event(kExecveX, 51, exec_event("/bin/cat", text("/etc/shadow"), 51, 50));
  CHECK(replay(capture, "%evt.type %proc.name %proc.pname %proc.cmdline %user.uid").back() ==
        "execve cat sh cat /etc/shadow 1000");
}

TEST_CASE("replay: a process of which the file tells nothing") {
  CaptureBuilder capture;
  capture.event(kCloseX, 50, close_event(3));
  CHECK(replay(capture, "%proc.name %proc.pid %proc.cwd %fd.num") == Lines{"<NA> -1 ./ 3"});
}

TEST_CASE("replay: sockets by bind, accept and connect") {
  const std::string any = inet(0, 0, 0, 0, 443);
  const std::string server = inet(10, 1, 1, 1, 443);
  const std::string client = inet(10, 1, 1, 2, 40000);
  const auto socket = [&](int64_t fd) -> std::vector<std::string> {
    return {value(fd), value(uint32_t{2}), value(uint32_t{1}), value(uint32_t{0}),
            value(uint32_t{0})};
  };
  CaptureBuilder capture;
  capture.event(kSocketX, 50, socket(3));
  capture.event(kBindX, 50,
                {value(kOk), Bytes().number(uint8_t{2}).raw(any).str(), value(int64_t{3})});
  capture.event(kAccept4X, 50,
                {value(int64_t{4}), tuple(client, server), value(uint8_t{0}), value(uint32_t{0}),
                 value(uint32_t{128}), value(uint32_t{0})});
  capture.event(kSocketX, 60, socket(3));
  capture.event(kConnectX, 60,
                {value(kOk), tuple(client, server), value(int64_t{3}),
                 Bytes().number(uint8_t{2}).raw(server).str()});
  CHECK(
      replay(capture, "%evt.type %fd.name %fd.l4proto %fd.is_server %fd.sip %fd.cport %fd.rport") ==
      Lines{"socket  tcp false <NA> <NA> <NA>", "bind 0.0.0.0:443 tcp true 0.0.0.0 <NA> <NA>",
            "accept4 10.1.1.2:40000->10.1.1.1:443 tcp true 10.1.1.1 40000 40000",
            "socket  tcp false <NA> <NA> <NA>",
            "connect 10.1.1.2:40000->10.1.1.1:443 tcp false 10.1.1.1 40000 443"});
}

TEST_CASE("replay: users are those of the capture, not of this machine") {
  CaptureBuilder capture;
  capture.event(kUserAdded, -1,
                {value(uint32_t{1000}), value(uint32_t{1000}), text("alice"), text("/home/alice"),
                 text("/bin/zsh"), text("")});
  capture.event(kExecveX, 50, exec_event("/bin/sh", text("-c"), 50, 1));
  CHECK(replay(capture, "%evt.num %user.name %user.homedir %user.shell") ==
        Lines{"2 alice /home/alice /bin/zsh"});
}

TEST_CASE("replay: state-only and enter events are applied and not shown") {
  CaptureBuilder capture;
  capture.event(kOpenX, 50, open_event(3, "/hidden"), 1'000'000'000, scap::kStateOnly);
  capture.event(kOpenX - 1, 50, {text("/x"), value(uint32_t{1}), value(uint32_t{0})});
  capture.event(kReadX, 50, {value(kOk), "", value(int64_t{3}), value(uint32_t{1})});
  CHECK(replay(capture, "%evt.num %fd.name") == Lines{"3 /hidden"});
}

TEST_CASE("replay: a descriptor copied by dup, and one taken over by a later process of its pid") {
  CaptureBuilder capture;
  capture.event(kOpenX, 50, open_event(3, "/a"));
  capture.event(kDupX, 50, {value(int64_t{7}), value(int64_t{3})});
  capture.event(kReadX, 50, {value(kOk), "", value(int64_t{7}), value(uint32_t{1})});
  capture.event(kProcexit, 50,
                {value(kOk), value(kOk), value(uint8_t{0}), value(uint8_t{0}), value(int64_t{0})});
  capture.event(kCloneX, 50, clone_event(0, 50, 50, 1, 0), 9'000'000'000);
  capture.event(kReadX, 50, {value(kOk), "", value(int64_t{7}), value(uint32_t{1})}, 9'000'000'001);
  const Lines lines = replay(capture, "%fd.name");
  REQUIRE(lines.size() == 6);
  CHECK(lines[2] == "/a");
  CHECK(lines[5] == "<NA>");
}

TEST_CASE("replay: containers are what the capture tells of them, before and between the events") {
  constexpr uint16_t kContainer = 272, kReadEnter = 6;
  const std::string id(64, 'b');
  const auto json = [](std::string_view name, std::string_view image) {
    return text(R"({"container":{"id":"bbbbbbbbbbbb","name":")" + std::string(name) +
                R"(","imagerepo":")" + std::string(image) + R"("}})");
  };
  const auto exec = [&] {
    auto params = exec_event("/bin/sh", text("-c"), 50, 1);
    params[14] = text("cpu=/docker/" + id);
    return params;
  };
  CaptureBuilder capture;
  capture.event(kContainer, -1, {json("web", "nginx")});
  capture.event(kExecveX, 50, exec());
  capture.event(kContainer, -1, {json("db", "redis")});
  capture.event(kCloseX, 50, close_event(3));
  const std::string_view output =
      "%evt.type %container.id %container.name %container.image.repository %proc.name";
  CHECK(replay(capture, output) == Lines{"execve bbbbbbbbbbbb web nginx sh",
                                         "container bbbbbbbbbbbb db redis <NA>",
                                         "close bbbbbbbbbbbb db redis sh"});

  // What is at the head of a file describes what was there; behind any event it is one itself.
  CaptureBuilder later;
  later.event(kReadEnter, 50, {value(int64_t{3}), value(uint32_t{1})});
  later.event(kContainer, -1, {json("web", "nginx")});
  CHECK(replay(later, output) == Lines{"container bbbbbbbbbbbb web nginx <NA>"});
}

TEST_CASE("replay: an event without a thread has no process, and makes none") {
  constexpr uint16_t kSwitch = 152;
  CaptureBuilder capture;
  capture.event(kSwitch, 77, {value(int64_t{50}), value(uint64_t{0}), value(uint64_t{0})});
  capture.event(kProcexit, 78, {value(kOk)});
  capture.event(kCloseX, 50, close_event(3));
  CHECK(replay(capture, "%evt.type %proc.name %proc.pid %user.uid %thread.tid %container.id") ==
        Lines{"switch <NA> <NA> <NA> 77 <NA>", "procexit <NA> <NA> <NA> 78 <NA>",
              "close <NA> -1 4294967295 50 host"});
}

TEST_CASE("replay: user and group are those of the thread") {
  constexpr uint16_t kSetuidX = 199;
  constexpr uint32_t kCloneParentSettid = 512;
  CaptureBuilder capture;
  capture.event(kExecveX, 50, exec_event("/bin/sh", "", 50, 1));
  auto thread = clone_event(0, 51, 50, 1, kCloneThread | kCloneParentSettid);
  thread[16] = value(uint32_t{7});
  thread[17] = value(uint32_t{8});
  capture.event(kCloneX, 51, thread);
  capture.event(kSetuidX, 51, {value(kOk), value(uint32_t{9})});
  capture.event(kCloseX, 50, close_event(3));
  CHECK(replay(capture, "%thread.tid %proc.pid %user.uid %group.gid") ==
        Lines{"50 50 1000 4294967295", "51 50 7 8", "51 50 9 8", "50 50 1000 4294967295"});
}

TEST_CASE("replay: execveat's executable is what its enter event asks for") {
  constexpr uint16_t kExecveatX = 331;
  auto exec = exec_event("x", "", 50, 1);
  exec.resize(30);
  exec[27] = "";
  CaptureBuilder capture;
  capture.event(kOpenX, 50, open_event(3, "/opt", kDirectory));
  capture.event(kOpenX, 50, open_event(4, "/opt/tool"));
  capture.event(kExecveatX - 1, 50, {value(int64_t{3}), text("bin/x"), value(uint32_t{0})});
  capture.event(kExecveatX, 50, exec);
  capture.event(kExecveatX - 1, 50, {value(int64_t{4}), text(""), value(uint32_t{1})});
  capture.event(kExecveatX, 50, exec);
  const Lines lines = replay(capture, "%evt.type %proc.exepath");
  REQUIRE(lines.size() == 4);
  CHECK(lines[2] == "execveat /opt/bin/x");
  CHECK(lines[3] == "execveat /opt/tool");
}

TEST_CASE("replay: what was a generic event then is none of the event that the call has today") {
  constexpr uint16_t kGenericX = 1, kGetpid = 39;
  CaptureBuilder capture;
  capture.event(kGenericX, 50, {value(uint16_t{0}), value(kGetpid)});
  for (const falcoc::SyscallInfo& call : falcoc::syscalls()) {
    if (call.name == "mprotect") {
      capture.event(kGenericX, 50, {value(uint16_t{call.code}), value(uint16_t{10})});
    }
  }
  CHECK(replay(capture, "%evt.type") == Lines{"getpid"});
}

}  // namespace falcod

// What a keystroke costs in an editor: `falcoc lsp` as a process, a file of 2,000 lines, a
// character typed in its middle and completion asked for behind it, again and again. Beside it, in
// the same run, what the answer would take if it waited for the compiler: reading and compiling the
// text, and linting it too.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tools/bench/check/generate.h"
#include "tools/falcoc/lsp/analysis.h"
#include "tools/falcoc/lsp/framing.h"
#include "tools/falcoc/lsp/json.h"

namespace {

using falcoc::lsp::Json;
using Clock = std::chrono::steady_clock;

constexpr size_t kLines = 2000;
constexpr int kKeystrokes = 200;
constexpr const char* kUri = "untitled:bench";

[[noreturn]] void fail(const char* what) {
  fmt::print(stderr, "{} failed\n", what);
  std::exit(1);
}

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

class Server {
 public:
  Server() {
    std::array<int, 2> in{}, out{};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) fail("pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    std::string program = FALCOC_PROGRAM, command = "lsp";
    std::array<char*, 3> arguments = {program.data(), command.data(), nullptr};
    if (posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ) != 0) {
      fail("starting falcoc lsp");
    }
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    input_ = in[1];
    output_ = out[0];
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    close(input_);
    close(output_);
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  void notify(const char* method, const Json& params) {
    send({{"jsonrpc", "2.0"}, {"method", method}, {"params", params}});
  }
  /// The size of the answer.
  size_t ask(const char* method, const Json& params) {
    const int id = ++last_id_;
    send({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
    for (;;) {
      while (const auto frame = frames_.next()) {
        // Enough of the message to know it by; the rest is the editor's work.
        if (frame->body.find(fmt::format("\"id\":{},", id)) != std::string::npos) {
          return frame->body.size();
        }
      }
      std::array<char, 65536> bytes{};
      const ssize_t count = read(output_, bytes.data(), bytes.size());
      if (count <= 0) fail("reading an answer");
      frames_.feed({bytes.data(), static_cast<size_t>(count)});
    }
  }

 private:
  void send(const Json& message) {
    const std::string bytes = falcoc::lsp::framed(falcoc::lsp::written(message));
    for (size_t at = 0; at < bytes.size();) {
      const ssize_t count = write(input_, bytes.data() + at, bytes.size() - at);
      if (count <= 0) fail("sending a message");
      at += static_cast<size_t>(count);
    }
  }

  pid_t pid_ = -1;
  int input_ = -1, output_ = -1, last_id_ = 0;
  falcoc::lsp::FrameReader frames_;
};

/// Rules of kLines lines, and a line in the middle that ends a check.
struct Text {
  std::string text;
  uint32_t line = 0, character = 0;
};

Text make_text() {
  Text made;
  size_t rules = 1;
  const auto lines_of = [](const std::string& text) {
    return static_cast<size_t>(std::ranges::count(text, '\n'));
  };
  do {
    made.text = falcoc::bench::generate_rules(++rules);
  } while (lines_of(made.text) < kLines);
  constexpr std::string_view kCheck = "    and fd.typechar = 'f' and fd.num >= 0";
  const size_t at = made.text.find(kCheck, made.text.size() / 2);
  if (at == std::string::npos) fail("finding the place to type at");
  made.line = static_cast<uint32_t>(
      std::count(made.text.begin(), made.text.begin() + static_cast<ptrdiff_t>(at), '\n'));
  made.character = static_cast<uint32_t>(kCheck.size());
  return made;
}

Json position(uint32_t line, uint32_t character) {
  return {{"line", line}, {"character", character}};
}

/// What an editor asks about besides, when a text has changed.
constexpr const char* kBesides[] = {"textDocument/documentSymbol",
                                    "textDocument/semanticTokens/full", "textDocument/inlayHint",
                                    "textDocument/codeLens", "textDocument/codeAction"};

enum class Typing : uint8_t { FAST, WITH_PAUSES, ASKING_ALL };

std::vector<double> type(const Text& text, Typing typing) {
  Server server;
  server.ask("initialize", {{"capabilities", Json::object()}});
  server.notify("initialized", Json::object());
  server.notify("textDocument/didOpen",
                {{"textDocument",
                  {{"uri", kUri}, {"languageId", "falco"}, {"version", 0}, {"text", text.text}}}});
  constexpr std::string_view kTyped = " and proc.name in (cat, less)";
  std::vector<double> times;
  uint32_t character = text.character;
  for (int i = 0; i < kKeystrokes; ++i) {
    // A second of typing, then it is taken back.
    const size_t letter = static_cast<size_t>(i) % kTyped.size();
    const uint32_t end = letter == 0 ? character : text.character + static_cast<uint32_t>(letter);
    const uint32_t begin = letter == 0 ? text.character : end;
    // With pauses the server compiles between keystrokes, and is at it when some come.
    if (typing == Typing::WITH_PAUSES) usleep(i % 2 == 0 ? 60000 : 5000);
    const Json range{{"start", position(text.line, begin)}, {"end", position(text.line, end)}};
    Json changes = Json::array();
    changes.push_back({{"range", range}, {"text", kTyped.substr(letter, 1)}});
    const auto start = Clock::now();
    server.notify("textDocument/didChange", {{"textDocument", {{"uri", kUri}, {"version", i + 1}}},
                                             {"contentChanges", changes}});
    character = begin + 1;
    const size_t size = server.ask(
        "textDocument/completion",
        {{"textDocument", {{"uri", kUri}}}, {"position", position(text.line, character)}});
    if (typing == Typing::ASKING_ALL) {
      const Json all{{"start", position(0, 0)}, {"end", position(kLines, 0)}};
      for (const char* const method : kBesides) {
        server.ask(method, {{"textDocument", {{"uri", kUri}}}, {"range", all}});
      }
    }
    times.push_back(milliseconds_since(start));
    if (size < 50) fail("completion");
  }
  std::ranges::sort(times);
  return times;
}

/// The best of a few runs: check alone, and with lints.
std::pair<double, double> analyse(const Text& text) {
  falcoc::lsp::Snapshot snapshot;
  snapshot.groups.push_back({{.name = "bench.yaml", .text = text.text}});
  double check = 1e9, all = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto start = Clock::now();
    std::optional<double> first;
    falcoc::lsp::analyse(snapshot, [&](const falcoc::lsp::Analysis&) {
      if (!first) first = milliseconds_since(start);
    });
    all = std::min(all, milliseconds_since(start));
    check = std::min(check, first.value_or(all));
  }
  return {check, all};
}

void print(const char* what, const std::vector<double>& times, double check, double all) {
  const double median = times[times.size() / 2];
  fmt::print("{:<28} {:>8.2f} {:>8.2f} {:>8.2f} {:>13.2f} {:>13.3f}\n", what, median,
             times[times.size() * 99 / 100], times.back(), median / check, median / all);
}

}  // namespace

int main() {
  signal(SIGPIPE, SIG_IGN);
  const Text text = make_text();
  const auto [check, all] = analyse(text);
  fmt::print("{} lines; compiling them {:.1f} ms, compiling and linting {:.1f} ms\n\n",
             std::ranges::count(text.text, '\n'), check, all);
  fmt::print(
      "milliseconds from a keystroke to its completion\n{:<28} {:>8} {:>8} {:>8} {:>13} {:>13}\n",
      "", "median", "99 %", "worst", "of compiling", "of linting");
  print("one after the other", type(text, Typing::FAST), check, all);
  print("with pauses between them", type(text, Typing::WITH_PAUSES), check, all);
  print("… and all else that is asked", type(text, Typing::ASKING_ALL), check, all);
  return 0;
}

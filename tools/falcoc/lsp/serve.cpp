// `falcoc lsp`: a language server on standard input and output. Messages come first; compiling and
// linting happens in a process of its own when none is waiting, and is given up when a text
// changes.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>
#include <vector>

#include "tools/falcoc/commands.h"
#include "tools/falcoc/lsp/child.h"
#include "tools/falcoc/lsp/framing.h"
#include "tools/falcoc/lsp/server.h"

namespace falcoc::cli {

namespace {

using lsp::Child;
using lsp::Json;

using Clock = std::chrono::steady_clock;

/// How long texts must stay the same before they are compiled: a pause in typing, not one between
/// two keys of a word. Questions meanwhile do not put it off.
constexpr std::chrono::milliseconds kQuiet{40};

/// Processor time of one compilation; a hundred megabytes of rules take less.
constexpr rlim_t kMostSeconds = 60;

class Loop {
 public:
  Loop() : server_([this](const Json& message) { send(message); }) {}

  ExitStatus run();

 private:
  struct Tests {
    lsp::TestRequest request;
    Child child;
  };

  void send(const Json& message) {
    if (!lsp::write_fully(STDOUT_FILENO, lsp::framed(lsp::written(message)))) deaf_ = true;
  }
  bool read_input();
  void handle_messages();
  void start_analysis();
  void start_tests();
  void read_analysis();
  void finish_tests();
  std::vector<pollfd> descriptors() const;
  int timeout() const;
  ExitStatus status() const {
    return server_.exit_status() == 0 ? ExitStatus::CLEAN : ExitStatus::FINDINGS;
  }

  lsp::Server server_;
  lsp::FrameReader frames_;
  std::optional<Child> analysis_;
  lsp::FrameReader results_;  ///< of the analysis
  int result_count_ = 0;
  std::optional<Tests> tests_;
  uint64_t known_changes_ = 0;
  Clock::time_point quiet_at_;  ///< when the texts may be compiled
  bool deaf_ = false;           ///< the client does not read any more
};

/// False at the end of the input.
bool Loop::read_input() {
  std::array<char, 65536> bytes{};
  const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  if (count == 0) return false;
  frames_.feed({bytes.data(), static_cast<size_t>(count)});
  while (const auto frame = frames_.next()) {
    if (frame->problem.empty()) {
      server_.receive(frame->body);
    } else {
      server_.receive_garbage(frame->problem);
    }
  }
  return true;
}

void Loop::handle_messages() {
  while (!server_.is_done() && server_.step()) {
    // What waits in the pipe may be a cancellation.
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (::poll(&input, 1, 0) == 1 && (input.revents & POLLIN) != 0 && !read_input()) return;
  }
  if (server_.changes() == known_changes_) return;
  known_changes_ = server_.changes();
  quiet_at_ = Clock::now() + kQuiet;
  analysis_.reset();
}

void Loop::start_analysis() {
  const lsp::Snapshot snapshot = server_.snapshot();
  results_ = {};
  result_count_ = 0;
  analysis_.emplace(Child::fork([&](int output) {
    const rlimit limit{kMostSeconds, kMostSeconds};
    ::setrlimit(RLIMIT_CPU, &limit);
    lsp::analyse(snapshot, [&](const lsp::Analysis& analysis) {
      lsp::write_fully(output, lsp::framed(lsp::written(lsp::to_json(analysis))));
    });
  }));
}

/// Takes each of the two results as it comes.
void Loop::read_analysis() {
  analysis_->read_ready(analysis_->output());
  results_.feed(analysis_->take_printed());
  while (const auto frame = results_.next()) {
    if (!frame->problem.empty()) continue;
    ++result_count_;
    server_.take(lsp::analysis_from(Json::parse(frame->body, nullptr, false)));
  }
  if (!analysis_->is_finished()) return;
  analysis_.reset();
  if (result_count_ < 2) server_.analysis_failed();
}

void Loop::start_tests() {
  auto request = server_.take_tests();
  if (!request) return;
  std::error_code error;
  std::vector<std::string> command{std::filesystem::read_symlink("/proc/self/exe", error).string(),
                                   "test", "--format", "json"};
  for (const auto& [file, lines] : request->files) command.push_back(file);
  try {
    Child child = Child::spawn(command, server_.root());
    tests_.emplace(Tests{std::move(*request), std::move(child)});
  } catch (const std::exception& problem) {
    server_.tests_done(*request, {}, problem.what());
  }
}

void Loop::finish_tests() {
  if (server_.gave_up(tests_->request.id)) {
    server_.answer_cancelled(tests_->request.id);
    tests_.reset();
  } else if (tests_->child.is_finished()) {
    server_.tests_done(tests_->request, tests_->child.printed(), tests_->child.complaints());
    tests_.reset();
  }
}

std::vector<pollfd> Loop::descriptors() const {
  std::vector<pollfd> all{{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0}};
  if (analysis_) all.push_back({.fd = analysis_->output(), .events = POLLIN, .revents = 0});
  if (tests_) {
    all.push_back({.fd = tests_->child.output(), .events = POLLIN, .revents = 0});
    all.push_back({.fd = tests_->child.errors(), .events = POLLIN, .revents = 0});
  }
  return all;
}

/// Milliseconds until there is something to do without a message; -1: there is nothing.
int Loop::timeout() const {
  if (!server_.wants_analysis()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(quiet_at_ - Clock::now());
  return static_cast<int>(std::max(left.count(), std::chrono::milliseconds::rep{0}));
}

ExitStatus Loop::run() {
  while (!server_.is_done() && !deaf_) {
    if (!tests_) start_tests();
    std::vector<pollfd> ready = descriptors();
    const int count = ::poll(ready.data(), ready.size(), timeout());
    if (count < 0 && errno != EINTR) return ExitStatus::FAILURE;
    for (const pollfd& one : ready) {
      if (count <= 0) break;
      if (one.revents == 0) continue;
      if (one.fd == STDIN_FILENO) {
        if (!read_input()) return status();
        handle_messages();
      } else if (analysis_ && one.fd == analysis_->output()) {
        read_analysis();
      } else if (tests_ && (one.fd == tests_->child.output() || one.fd == tests_->child.errors())) {
        tests_->child.read_ready(one.fd);
      }
    }
    if (tests_) finish_tests();
    if (server_.wants_analysis() && Clock::now() >= quiet_at_) start_analysis();
  }
  return status();
}

}  // namespace

ExitStatus serve_editor() {
  // A client that is gone is an error of a write.
  ::signal(SIGPIPE, SIG_IGN);
  return Loop().run();
}

}  // namespace falcoc::cli

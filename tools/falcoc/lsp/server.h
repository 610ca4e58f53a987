// The language server between its messages: requests to answers, texts to an analysis, an analysis
// to diagnostics. Does not know where messages come from, and starts nothing by itself.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "tools/falcoc/lsp/analysis.h"
#include "tools/falcoc/lsp/features.h"
#include "tools/falcoc/lsp/rule_tests.h"
#include "tools/falcoc/lsp/workspace.h"

namespace falcoc::lsp {

/// Codes of the base protocol.
enum class ErrorCode : int {
  PARSE_ERROR = -32700,
  INVALID_REQUEST = -32600,
  METHOD_NOT_FOUND = -32601,
  INVALID_PARAMS = -32602,
  INTERNAL_ERROR = -32603,
  NOT_INITIALIZED = -32002,
  REQUEST_FAILED = -32803,
  REQUEST_CANCELLED = -32800,
};

/// Tests that somebody wants to see run.
struct TestRequest {
  Json id;  ///< of the request that waits for the outcome
  std::string rule;
  std::map<std::string, std::vector<LineRange>> files;
  std::string unsaved;  ///< rule file whose text is not on disk; empty: none
};

class Server {
 public:
  using Send = std::function<void(const Json&)>;
  explicit Server(Send send) : send_(std::move(send)) {}

  /// Takes a message; it is handled by step().
  void receive(std::string_view body);
  /// The stream held something that is no message.
  void receive_garbage(const std::string& problem);
  /// Handles the message that came first; false if there is none.
  bool step();

  /// The client is done with us; what it waits for is the end of the process.
  bool is_done() const { return done_; }
  /// As the protocol wants it: 0 only behind a `shutdown`.
  int exit_status() const { return shut_down_ ? 0 : 1; }

  /// Texts have changed since the last snapshot.
  bool wants_analysis() const { return changed_; }
  /// Grows with every change.
  uint64_t changes() const { return changes_; }
  Snapshot snapshot();
  /// What an analysis of the last snapshot found.
  void take(Analysis analysis);
  /// It came to no end: tells the user.
  void analysis_failed();

  /// Tests to run, nothing if there are none; asks once.
  std::optional<TestRequest> take_tests();
  void tests_done(const TestRequest& request, const std::string& printed,
                  const std::string& errors);
  /// Whether the client has given up the request.
  bool gave_up(const Json& id) const { return given_up_.contains(id); }
  void answer_cancelled(const Json& id);

  const std::string& root() const { return workspace_.root(); }

 private:
  using Notification = void (Server::*)(const Json& params);
  using Request = Answer (*)(const Query& query);

  void handle(const Json& message);
  void request(const Json& id, const std::string& method, const Json& params);
  void query(const Json& id, Request answer, const Json& params);
  bool was_cancelled(const Json& id);

  Json initialize(const Json& params);
  void initialized(const Json& params);
  void opened(const Json& params);
  void changed(const Json& params);
  void closed(const Json& params);
  void rescanned(const Json& params);
  void configured(const Json& params);
  void cancelled(const Json& params);
  void run_tests(const Json& id, const Json& params);

  void note_change() {
    changed_ = true;
    ++changes_;
  }
  void answer(const Json& id, Json result);
  void fail(const Json& id, ErrorCode code, std::string message);
  void notify(std::string_view method, Json params);
  void publish();
  void publish(Document& document, Json diagnostics);
  std::string lint_config() const;

  Send send_;
  Workspace workspace_;
  Analysis analysis_;
  std::deque<Json> queue_;
  std::set<std::string> published_;  ///< names of files with diagnostics at the client
  std::deque<TestRequest> tests_;
  std::set<Json> waiting_;      ///< requests whose tests run
  std::set<Json> given_up_;     ///< of those, cancelled
  bool watches_files_ = false;  ///< the client can be asked to
  bool initialized_ = false;
  bool shut_down_ = false;
  bool done_ = false;
  bool changed_ = false;
  uint64_t changes_ = 0;
};

}  // namespace falcoc::lsp

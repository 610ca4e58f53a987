#include "tools/falcoc/lsp/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <filesystem>

#include "compiler/rules/rule_files.h"
#include "tools/falcoc/lsp/files.h"
#include "tools/falcoc/lsp/findings.h"
#include "tools/falcoc/lsp/uri.h"

namespace falcoc::lsp {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kRunTests = "falcoc.runTests";
constexpr const char* kUsualLintConfig = ".falcoc-lint.yaml";
constexpr std::string_view kLanguage = "falco";

std::string_view uri_in(const Json& params) {
  const Json& uri = at(at(params, "textDocument"), "uri");
  return uri.is_string() ? std::string_view(uri.get_ref<const std::string&>()) : std::string_view();
}

bool is_id(const Json& id) { return id.is_string() || id.is_number_integer(); }

int64_t version_in(const Json& params) {
  const Json& version = at(at(params, "textDocument"), "version");
  return version.is_number_integer() ? version.get<int64_t>() : 0;
}

/// What the client counts characters in, of what it offers: bytes if it can.
Encoding encoding_for(const Json& capabilities) {
  const Json& offered = at(at(capabilities, "general"), "positionEncodings");
  if (!offered.is_array()) return Encoding::UTF16;
  for (const Encoding encoding : {Encoding::UTF8, Encoding::UTF16, Encoding::UTF32}) {
    if (std::ranges::find(offered, Json(encoding_name(encoding))) != offered.end()) return encoding;
  }
  return Encoding::UTF16;
}

std::string root_of(const Json& params) {
  const Json& folders = at(params, "workspaceFolders");
  if (folders.is_array() && !folders.empty()) {
    if (auto path = path_of(text_at(folders.front(), "uri"))) return *path;
  }
  return path_of(text_at(params, "rootUri")).value_or(text_at(params, "rootPath"));
}

Json capabilities(Encoding encoding) {
  return {
      {"positionEncoding", encoding_name(encoding)},
      {"textDocumentSync",
       {{"openClose", true}, {"change", 2}, {"save", {{"includeText", false}}}}},
      {"completionProvider",
       {{"triggerCharacters", {".", "%", "(", ",", " ", "[", "=", ":"}},
        {"resolveProvider", true}}},
      {"hoverProvider", true},
      {"definitionProvider", true},
      {"referencesProvider", true},
      {"renameProvider", {{"prepareProvider", true}}},
      {"documentSymbolProvider", true},
      {"codeActionProvider", {{"codeActionKinds", {"quickfix", "source.fixAll.falcoc"}}}},
      {"documentFormattingProvider", true},
      {"documentRangeFormattingProvider", true},
      {"inlayHintProvider", true},
      {"codeLensProvider", {{"resolveProvider", false}}},
      {"semanticTokensProvider", {{"legend", semantic_tokens_legend()}, {"full", true}}},
      {"executeCommandProvider", {{"commands", Json::array({kRunTests})}}},
  };
}

}  // namespace

void Server::receive(std::string_view body) {
  if (is_too_deep(body)) return fail(nullptr, ErrorCode::PARSE_ERROR, "the message is too deep");
  Json message = Json::parse(body, nullptr, false);
  if (message.is_discarded()) {
    fail(nullptr, ErrorCode::PARSE_ERROR, "the message is no JSON");
  } else {
    queue_.push_back(std::move(message));
  }
}

void Server::receive_garbage(const std::string& problem) {
  fail(nullptr, ErrorCode::PARSE_ERROR, problem);
}

bool Server::step() {
  if (queue_.empty()) return false;
  const Json message = std::move(queue_.front());
  queue_.pop_front();
  try {
    handle(message);
  } catch (const std::exception& error) {
    // A message must not end the server, whatever it makes of us.
    const Json& id = at(message, "id");
    if (is_id(id)) fail(id, ErrorCode::INTERNAL_ERROR, error.what());
  }
  return true;
}

void Server::handle(const Json& message) {
  const Json& id = at(message, "id");
  const Json& method = at(message, "method");
  if (!method.is_string()) {
    const bool is_answer = is_id(id) && (message.contains("result") || message.contains("error"));
    if (!is_answer) fail(nullptr, ErrorCode::INVALID_REQUEST, "the message names no method");
    return;
  }
  const auto name = method.get<std::string>();
  const Json& params = at(message, "params");
  if (message.contains("id")) {
    if (!is_id(id)) return fail(nullptr, ErrorCode::INVALID_REQUEST, "id is no number and no text");
    return request(id, name, params);
  }
  if (name == "exit") {
    done_ = true;
    return;
  }
  struct Row {
    std::string_view method;
    Notification handler;
  };
  static constexpr std::array kRows = {
      Row{"initialized", &Server::initialized},
      Row{"textDocument/didOpen", &Server::opened},
      Row{"textDocument/didChange", &Server::changed},
      Row{"textDocument/didClose", &Server::closed},
      Row{"textDocument/didSave", &Server::rescanned},
      Row{"workspace/didChangeWatchedFiles", &Server::rescanned},
      Row{"workspace/didChangeConfiguration", &Server::configured},
      Row{"$/cancelRequest", &Server::cancelled},
  };
  const auto* const row = std::ranges::find(kRows, name, &Row::method);
  if (row != kRows.end() && initialized_ && !shut_down_) (this->*row->handler)(params);
}

void Server::request(const Json& id, const std::string& method, const Json& params) {
  if (shut_down_) return fail(id, ErrorCode::INVALID_REQUEST, "the server is shut down");
  if (method == "initialize") {
    if (initialized_) return fail(id, ErrorCode::INVALID_REQUEST, "initialized twice");
    return answer(id, initialize(params));
  }
  if (!initialized_) return fail(id, ErrorCode::NOT_INITIALIZED, "`initialize` comes first");
  if (was_cancelled(id)) return answer_cancelled(id);
  if (method == "shutdown") {
    shut_down_ = true;
    return answer(id, nullptr);
  }
  if (method == "workspace/executeCommand") return run_tests(id, params);
  if (method == "completionItem/resolve") return answer(id, resolve_completion(params));
  struct Row {
    std::string_view method;
    Request handler;
  };
  static constexpr std::array kRows = {
      Row{"textDocument/completion", completion},
      Row{"textDocument/hover", hover},
      Row{"textDocument/definition", definition},
      Row{"textDocument/references", references},
      Row{"textDocument/prepareRename", prepare_rename},
      Row{"textDocument/rename", rename},
      Row{"textDocument/documentSymbol", document_symbols},
      Row{"textDocument/semanticTokens/full", semantic_tokens},
      Row{"textDocument/codeAction", code_actions},
      Row{"textDocument/formatting", format_document},
      Row{"textDocument/rangeFormatting", format_range},
      Row{"textDocument/inlayHint", inlay_hints},
      Row{"textDocument/codeLens", code_lenses},
  };
  const auto* const row = std::ranges::find(kRows, method, &Row::method);
  if (row != kRows.end()) return query(id, row->handler, params);
  fail(id, ErrorCode::METHOD_NOT_FOUND, fmt::format("no method is called `{}`", method));
}

void Server::query(const Json& id, Request handler, const Json& params) {
  Document* const document = workspace_.find(uri_in(params));
  if (document == nullptr) {
    return fail(id, ErrorCode::INVALID_PARAMS, "the document is not open");
  }
  const bool blank = document->text().find_first_not_of(" \t\r\n-") == std::string::npos;
  if (!workspace_.is_rules(*document) && !blank) return answer(id, nullptr);
  Answer result = handler({workspace_, *document, params, analysis_});
  if (!result) return fail(id, ErrorCode::REQUEST_FAILED, std::move(result.error()));
  answer(id, std::move(*result));
}

/// A request that waits while its cancellation is behind it in the queue.
bool Server::was_cancelled(const Json& id) {
  return std::ranges::any_of(queue_, [&](const Json& later) {
    return text_at(later, "method") == "$/cancelRequest" && at(at(later, "params"), "id") == id;
  });
}

Json Server::initialize(const Json& params) {
  initialized_ = true;
  workspace_.encoding = encoding_for(at(params, "capabilities"));
  workspace_.set_root(root_of(params));
  workspace_.set_settings(read_settings(at(params, "initializationOptions")));
  const Json& snippets =
      at(at(at(at(at(params, "capabilities"), "textDocument"), "completion"), "completionItem"),
         "snippetSupport");
  workspace_.takes_snippets = snippets.is_boolean() && snippets.get<bool>();
  const Json& watching =
      at(at(at(at(params, "capabilities"), "workspace"), "didChangeWatchedFiles"),
         "dynamicRegistration");
  watches_files_ = watching.is_boolean() && watching.get<bool>();
  return {{"capabilities", capabilities(workspace_.encoding)},
          {"serverInfo", {{"name", "falcoc"}, {"version", FALCOC_VERSION}}}};
}

void Server::initialized(const Json&) {
  workspace_.rescan();
  note_change();
  if (!watches_files_) return;
  Json watchers = Json::array();
  watchers.push_back({{"globPattern", "**/*.{yaml,yml}"}});
  Json registrations = Json::array();
  registrations.push_back({{"id", "rule-files"},
                           {"method", "workspace/didChangeWatchedFiles"},
                           {"registerOptions", {{"watchers", std::move(watchers)}}}});
  send_({{"jsonrpc", "2.0"},
         {"id", "watch-rule-files"},
         {"method", "client/registerCapability"},
         {"params", {{"registrations", std::move(registrations)}}}});
}

void Server::opened(const Json& params) {
  const Json& given = at(params, "textDocument");
  const std::string uri = text_at(given, "uri");
  if (uri.empty()) return;
  Document& document = workspace_.open(uri, version_in(params), text_at(given, "text"));
  document.is_said_to_be_rules = text_at(given, "languageId") == kLanguage;
  // It may have been made since, by a client that does not tell of files.
  if (!workspace_.is_loaded(document)) workspace_.rescan();
  note_change();
}

void Server::changed(const Json& params) {
  Document* const document = workspace_.find(uri_in(params));
  if (document == nullptr || !document->is_open()) return;
  for (const Json& change : at(params, "contentChanges")) {
    document->change(change, workspace_.encoding);
  }
  document->set_version(version_in(params));
  note_change();
}

void Server::closed(const Json& params) {
  workspace_.close(uri_in(params));
  rescanned(params);
}

void Server::rescanned(const Json&) {
  workspace_.rescan();
  note_change();
}

void Server::configured(const Json& params) {
  const Json& given = at(params, "settings");
  const Json& section = at(given, "falcoc").is_object() ? at(given, "falcoc") : given;
  // Some clients send what they have to say to others, or nothing.
  const bool is_ours = !at(section, "ruleFiles").is_null() || !at(section, "lint").is_null() ||
                       !at(section, "lintConfig").is_null();
  if (!is_ours) return;
  Settings settings = read_settings(section);
  if (settings == workspace_.settings()) return;
  workspace_.set_settings(std::move(settings));
  rescanned(params);
}

void Server::cancelled(const Json& params) {
  const Json& id = at(params, "id");
  if (waiting_.contains(id)) given_up_.insert(id);
}

std::string Server::lint_config() const {
  const std::string& named = workspace_.settings().lint_config;
  if (named.starts_with('/')) return named;
  if (workspace_.root().empty()) return {};
  const std::string path =
      (fs::path(workspace_.root()) / (named.empty() ? kUsualLintConfig : named)).string();
  std::error_code error;
  return named.empty() && !fs::exists(path, error) ? std::string() : path;
}

Snapshot Server::snapshot() {
  changed_ = false;
  Snapshot snapshot{.groups = {}, .lint_config = lint_config(), .lint = workspace_.settings().lint};
  for (const Group& group : workspace_.groups()) {
    std::vector<check::NamedText>& texts = snapshot.groups.emplace_back();
    for (const Document* const document : group) {
      texts.push_back({.name = document->name(), .text = document->text()});
    }
  }
  return snapshot;
}

void Server::take(Analysis analysis) {
  if (changed_) return;  // its places are those of texts that are gone
  // Rules that do not compile while they are written keep what was known of them.
  if (analysis.rules.empty()) analysis.rules = std::move(analysis_.rules);
  analysis_ = std::move(analysis);
  publish();
}

void Server::analysis_failed() {
  if (changed_) return;
  notify("window/logMessage",
         {{"type", 1}, {"message", "these rules could not be compiled to the end"}});
}

void Server::publish(Document& document, Json diagnostics) {
  Json params{{"uri", document.uri()}, {"diagnostics", std::move(diagnostics)}};
  if (document.is_open()) params["version"] = *document.version();
  notify("textDocument/publishDiagnostics", std::move(params));
}

void Server::publish() {
  std::map<std::string, Json> by_file;
  for (const std::string& name : published_) by_file[name] = Json::array();
  for (const Group& group : workspace_.groups()) {
    // Also those without any, so that a client can tell that all is well.
    for (const Document* const document : group) by_file[document->name()] = Json::array();
  }
  published_.clear();
  const std::string config = lint_config();
  std::optional<Document> settings;
  for (const Finding& finding : analysis_.findings) {
    Document* document = document_of(workspace_, finding.place);
    if (document == nullptr && finding.place.file == config) {
      if (!settings)
        settings.emplace(uri_of(config), config, rules::read_file(config).value_or(""));
      document = &*settings;
    }
    if (document == nullptr) continue;
    Json& diagnostics = by_file[document->name()];
    if (diagnostics.is_null()) diagnostics = Json::array();
    diagnostics.push_back(diagnostic_of(workspace_, *document, finding));
    published_.insert(document->name());
  }
  for (auto& [name, diagnostics] : by_file) {
    if (Document* const document = document_of(workspace_, {name, {}})) {
      publish(*document, std::move(diagnostics));
    } else {
      const std::string uri = name.starts_with('/') ? uri_of(name) : name;
      notify("textDocument/publishDiagnostics",
             {{"uri", uri}, {"diagnostics", std::move(diagnostics)}});
    }
  }
}

void Server::run_tests(const Json& id, const Json& params) {
  const Json& arguments = at(params, "arguments");
  const bool fits = text_at(params, "command") == kRunTests && arguments.is_array() &&
                    arguments.size() == 2 && arguments[0].is_string() && arguments[1].is_string();
  if (!fits) {
    return fail(id, ErrorCode::INVALID_PARAMS,
                fmt::format("{} takes the URI of a rule file and the name of a rule", kRunTests));
  }
  const auto rule = arguments[1].get<std::string>();
  const Document* const document = workspace_.find(arguments[0].get<std::string>());
  if (document == nullptr) return fail(id, ErrorCode::INVALID_PARAMS, "the document is not open");
  // What runs is what is on disk.
  RuleTests found = find_tests(document->name(), [](const std::string& path) {
    auto text = rules::read_file(path);
    return text ? std::optional(std::move(*text)) : std::nullopt;
  });
  const auto tests = found.rules.find(rule);
  if (tests == found.rules.end()) {
    return fail(id, ErrorCode::REQUEST_FAILED, fmt::format("there are no tests of `{}`", rule));
  }
  TestRequest request{.id = id, .rule = rule, .files = std::move(tests->second), .unsaved = {}};
  for (const Document* const member : workspace_.group_of(*document)) {
    if (member->is_open() && rules::read_file(member->name()).value_or("") != member->text()) {
      request.unsaved = member->name();
    }
  }
  waiting_.insert(id);
  tests_.push_back(std::move(request));
}

std::optional<TestRequest> Server::take_tests() {
  if (tests_.empty()) return std::nullopt;
  TestRequest request = std::move(tests_.front());
  tests_.pop_front();
  return request;
}

void Server::tests_done(const TestRequest& request, const std::string& printed,
                        const std::string& errors) {
  waiting_.erase(request.id);
  TestOutcome outcome = outcome_of(request.rule, printed, errors, request.files);
  for (auto& [file, diagnostics] : outcome.diagnostics) {
    notify("textDocument/publishDiagnostics",
           {{"uri", uri_of(file)}, {"diagnostics", std::move(diagnostics)}});
  }
  if (!request.unsaved.empty()) {
    outcome.message += fmt::format("\n(as saved; {} has changes that are not)", request.unsaved);
  }
  const bool good = outcome.failed == 0 && outcome.passed > 0;
  notify("window/showMessage", {{"type", good ? 3 : 1}, {"message", outcome.message}});
  answer(request.id, {{"passed", outcome.passed}, {"failed", outcome.failed}});
}

void Server::answer_cancelled(const Json& id) {
  waiting_.erase(id);
  given_up_.erase(id);
  fail(id, ErrorCode::REQUEST_CANCELLED, "cancelled");
}

void Server::answer(const Json& id, Json result) {
  send_({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
}

void Server::fail(const Json& id, ErrorCode code, std::string message) {
  send_({{"jsonrpc", "2.0"},
         {"id", id},
         {"error", {{"code", static_cast<int>(code)}, {"message", std::move(message)}}}});
}

void Server::notify(std::string_view method, Json params) {
  send_({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
}

}  // namespace falcoc::lsp

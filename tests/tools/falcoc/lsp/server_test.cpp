// The server without a process: messages in, messages out.
#include "tools/falcoc/lsp/server.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tools/falcoc/lsp/uri.h"

namespace falcoc::lsp {
namespace {

class Client {
 public:
  Client() : server_([this](const Json& message) { messages_.push_back(message); }) {}

  void send(const Json& message) {
    server_.receive(written(message));
    while (server_.step()) {
    }
  }
  void notify(const char* method, const Json& params) {
    send({{"jsonrpc", "2.0"}, {"method", method}, {"params", params}});
  }
  /// The whole answer.
  Json ask(const char* method, const Json& params) {
    const int id = ++last_id_;
    send({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
    for (const Json& message : messages_) {
      if (at(message, "id") == id) return message;
    }
    return nullptr;
  }
  void start() {
    ask("initialize", {{"capabilities", Json::object()}});
    notify("initialized", Json::object());
  }
  void open(const std::string& text, const char* uri = "untitled:rules") {
    notify(
        "textDocument/didOpen",
        {{"textDocument", {{"uri", uri}, {"languageId", "yaml"}, {"version", 1}, {"text", text}}}});
  }
  /// Diagnostics of a file, after lints.
  Json diagnostics(const char* uri = "untitled:rules") {
    analyse(server_.snapshot(), [this](const Analysis& analysis) {
      server_.take(analysis_from(Json::parse(written(to_json(analysis)))));
    });
    Json found;
    for (const Json& message : messages_) {
      const Json& params = at(message, "params");
      if (text_at(message, "method") == "textDocument/publishDiagnostics" &&
          text_at(params, "uri") == uri) {
        found = at(params, "diagnostics");
      }
    }
    return found;
  }
  static Json place(int line, int character, const char* uri = "untitled:rules") {
    return {{"textDocument", {{"uri", uri}}},
            {"position", {{"line", line}, {"character", character}}}};
  }

  const std::vector<Json>& messages() const { return messages_; }
  Server& server() { return server_; }

 private:
  std::vector<Json> messages_;
  Server server_;
  int last_id_ = 0;
};

int error_of(const Json& answer) {
  return at(answer, "error").is_null() ? 0 : at(answer, "error")["code"].get<int>();
}

std::vector<std::string> labels(const Json& answer) {
  std::vector<std::string> out;
  for (const Json& item : at(at(answer, "result"), "items")) out.push_back(text_at(item, "label"));
  return out;
}

bool has_label(const Json& answer, std::string_view label) {
  const auto all = labels(answer);
  return std::ranges::find(all, label) != all.end();
}

const char* const kRules =
    "# Programs that show files.\n"                                                  // 0
    "- list: readers\n"                                                              // 1
    "  items: [cat, less]\n"                                                         // 2
    "- macro: reads\n"                                                               // 3
    "  condition: proc.name in (readers)\n"                                          // 4
    "- rule: Secret read\n"                                                          // 5
    "  desc: somebody reads a secret\n"                                              // 6
    "  condition: >\n"                                                               // 7
    "    evt.type = openat and reads and fd.name = /etc/shadow\n"                    // 8
    "  output: Secret read (file=%fd.name command=%proc.cmdline user=%user.name)\n"  // 9
    "  priority: WARNING\n"                                                          // 10
    "  tags: [host, mitre_credential_access]\n";                                     // 11

TEST_CASE("the order of the protocol is kept") {
  Client client;
  CHECK(error_of(client.ask("textDocument/hover", Client::place(0, 0))) == -32002);
  const Json started = client.ask("initialize", {{"capabilities", Json::object()}});
  CHECK(started["result"]["capabilities"]["positionEncoding"] == "utf-16");
  CHECK(error_of(client.ask("initialize", Json::object())) == -32600);
  CHECK(error_of(client.ask("textDocument/unheardOf", Json::object())) == -32601);
  CHECK(error_of(client.ask("textDocument/hover", Client::place(0, 0))) == -32602);
  CHECK(client.ask("shutdown", nullptr)["result"].is_null());
  CHECK(error_of(client.ask("textDocument/hover", Client::place(0, 0))) == -32600);
  client.notify("exit", nullptr);
  CHECK(client.server().is_done());
  CHECK(client.server().exit_status() == 0);
}

TEST_CASE("bytes count as characters where the client can have it so") {
  Client client;
  const Json started =
      client.ask("initialize",
                 {{"capabilities", {{"general", {{"positionEncodings", {"utf-16", "utf-8"}}}}}}});
  CHECK(started["result"]["capabilities"]["positionEncoding"] == "utf-8");
}

TEST_CASE("messages that are none are told of and change nothing") {
  Client client;
  client.start();
  for (const char* const body :
       {"", "{", "[]", "7", "null", "\"x\"", R"({"id":1})", R"({"method":7,"id":1})",
        R"({"id":{},"method":"shutdown"})", R"({"id":[[[]]],"method":"textDocument/hover"})",
        R"({"method":"textDocument/didOpen","params":[1,2]})",
        R"({"method":"textDocument/didChange","params":{"textDocument":{"uri":7}}})",
        R"({"id":3,"method":"textDocument/completion","params":{"textDocument":"x"}})"}) {
    CAPTURE(body);
    client.server().receive(body);
    while (client.server().step()) {
    }
  }
  client.open(kRules);
  CHECK(client.diagnostics().is_array());
}

TEST_CASE("a request that was cancelled while it waited is not answered otherwise") {
  Client client;
  client.start();
  client.open(kRules);
  Json request{{"id", "a"}, {"method", "textDocument/hover"}, {"params", Client::place(8, 8)}};
  client.server().receive(written(request));
  client.server().receive(R"({"method":"$/cancelRequest","params":{"id":"a"}})");
  while (client.server().step()) {
  }
  CHECK(error_of(client.messages().back()) == -32800);
}

TEST_CASE("findings are those of check and lint, with code, place and page") {
  Client client;
  client.start();
  client.open(
      "- rule: R\n  desc: d\n  condition: evt.type = opneat\n  output: o\n  priority: INFO\n");
  const Json found = client.diagnostics();
  REQUIRE(found.size() == 1);
  CHECK(found[0]["code"] == "E0304");
  CHECK(found[0]["severity"] == 1);
  CHECK(found[0]["source"] == "falcoc");
  CHECK(found[0]["range"]["start"] == Json{{"line", 2}, {"character", 24}});
  CHECK(found[0]["range"]["end"] == Json{{"line", 2}, {"character", 30}});

  const Json actions =
      client.ask("textDocument/codeAction", {{"textDocument", {{"uri", "untitled:rules"}}},
                                             {"range", found[0]["range"]},
                                             {"context", {{"diagnostics", found}}}});
  REQUIRE(actions["result"].size() == 1);
  CHECK(actions["result"][0]["title"] == "Write `openat`");
  const Json& edit = actions["result"][0]["edit"]["changes"]["untitled:rules"][0];
  CHECK(edit["newText"] == "openat");
  CHECK(edit["range"] == found[0]["range"]);
}

TEST_CASE("lints come when the rules load, and comments silence them") {
  Client client;
  client.start();
  client.open(std::string(kRules) + "- macro: unused\n  condition: evt.type = open\n");
  const Json found = client.diagnostics();
  const auto code = [](const Json& one) { return text_at(one, "code"); };
  CHECK(std::ranges::count(found, "W0154", code) == 1);
  Client silent;
  silent.start();
  silent.open(
      std::string(kRules) +
      "# falcoc-disable W0154: for others\n- macro: unused\n  condition: evt.type = open\n");
  CHECK(std::ranges::count(silent.diagnostics(), "W0154", code) == 0);
}

TEST_CASE("an analysis of texts that have changed since is not shown") {
  Client client;
  client.start();
  client.open("- rule: R\n");
  const Snapshot old = client.server().snapshot();
  client.notify("textDocument/didChange",
                {{"textDocument", {{"uri", "untitled:rules"}, {"version", 2}}},
                 {"contentChanges", {{{"text", kRules}}}}});
  const size_t before = client.messages().size();
  analyse(old, [&](const Analysis& analysis) { client.server().take(analysis); });
  CHECK(client.messages().size() == before);
  CHECK(client.diagnostics().is_array());
}

TEST_CASE("completion proposes what may stand there") {
  Client client;
  client.start();
  client.open(kRules);
  const auto type = [&](const char* text) {
    client.open(std::string(kRules) + text);
    const int lines = static_cast<int>(std::ranges::count(std::string_view(text), '\n'));
    const std::string_view last =
        std::string_view(text).substr(std::string_view(text).rfind('\n') + 1);
    return client.ask("textDocument/completion",
                      Client::place(12 + lines, static_cast<int>(last.size())));
  };
  const Json check = type("- macro: m\n  condition: ");
  CHECK(has_label(check, "proc.name"));
  CHECK(has_label(check, "reads"));
  CHECK_FALSE(has_label(check, "m"));  // not itself
  CHECK(has_label(check, "tolower"));
  CHECK_FALSE(has_label(check, "startswith"));
  CHECK(has_label(type("- macro: m\n  condition: proc.name "), "startswith"));
  CHECK(has_label(type("- macro: m\n  condition: evt.type in ("), "openat"));
  CHECK(has_label(type("- macro: m\n  condition: proc.name in ("), "readers"));
  CHECK(has_label(type("- macro: m\n  condition: evt.is_open_read = "), "true"));
  CHECK(has_label(type("- macro: m\n  condition: evt.arg.fl"), "evt.arg.flags"));
  CHECK(has_label(type("- macro: m\n  condition: evt.arg.flags contains O_"), "O_TRUNC"));
  CHECK(has_label(type("- rule: r\n  output: x %us"), "user.name"));
  CHECK(has_label(type("- rule: r\n  tags: [mitre_"), "mitre_persistence"));
  CHECK(has_label(type("- rule: r\n  tags: ["), "host"));
  CHECK(has_label(type("- rule: r\n  priority: "), "CRITICAL"));
  CHECK(has_label(type("- rule: r\n  pri"), "priority"));
  CHECK(has_label(type("- list: l\n  ite"), "items"));
  const Json item = type("- ")["result"]["items"][0];
  CHECK(item["label"] == "- rule");
  // A client that did not say that it knows snippets gets text.
  CHECK_FALSE(item.contains("insertTextFormat"));
  CHECK(text_at(item["textEdit"], "newText")
            .starts_with("- rule: Name\n  desc: What it finds, and why"));
  CHECK(text_at(item["textEdit"], "newText").find("priority: WARNING\n") != std::string::npos);
  // What is proposed takes the place of what was begun.
  const Json begun = type("- macro: m\n  condition: proc.na");
  const Json& edit = begun["result"]["items"][0]["textEdit"]["range"];
  CHECK(edit["start"]["character"] == 13);
  CHECK(edit["end"]["character"] == 20);
  const Json resolved =
      client.ask("completionItem/resolve", {{"label", "proc.name"}, {"data", "field"}});
  CHECK(text_at(resolved["result"]["documentation"], "value").find("CHARBUF") != std::string::npos);
}

std::string hover_text(Client& client, int line, int character) {
  const Json answer = client.ask("textDocument/hover", Client::place(line, character));
  return text_at(at(at(answer, "result"), "contents"), "value");
}

TEST_CASE("hovering says what a word is, and where a check is decided") {
  Client client;
  client.start();
  client.open(kRules);
  client.diagnostics();
  const auto says = [&](int line, int character, std::string_view what) {
    const std::string text = hover_text(client, line, character);
    CAPTURE(text);
    CHECK(text.find(what) != std::string::npos);
  };
  says(8, 38, "`fd.name` CHARBUF");
  says(8, 38, "openat: kernel");
  says(8, 16, "evt.arg.flags");          // openat
  says(8, 13, "the value is the same");  // =
  says(8, 27, "proc.name in (readers)");
  says(4, 27, "cat, less");
  says(4, 27, "Programs that show files.");
  says(5, 10, "kernel passes");  // the rule
  says(9, 30, "fd.name");
  says(11, 20, "Tactic of MITRE ATT&CK: credential access");
  says(10, 4, "priority");
  CHECK(hover_text(client, 6, 10).empty());
}

TEST_CASE("names lead to their definition, their uses, and a new name") {
  Client client;
  client.start();
  client.open(kRules);
  const Json definition = client.ask("textDocument/definition", Client::place(8, 27));
  REQUIRE(definition["result"].size() == 1);
  CHECK(definition["result"][0]["range"]["start"] == Json{{"line", 3}, {"character", 9}});

  Json asked = Client::place(1, 10);
  asked["context"] = {{"includeDeclaration", true}};
  CHECK(client.ask("textDocument/references", asked)["result"].size() == 2);
  asked["context"] = {{"includeDeclaration", false}};
  CHECK(client.ask("textDocument/references", asked)["result"].size() == 1);

  CHECK(client.ask("textDocument/prepareRename", Client::place(4, 30))["result"]["placeholder"] ==
        "readers");
  CHECK(client.ask("textDocument/prepareRename", Client::place(8, 40))["result"].is_null());
  Json renaming = Client::place(4, 30);
  renaming["newName"] = "viewers";
  const Json renamed = client.ask("textDocument/rename", renaming);
  CHECK(renamed["result"]["changes"]["untitled:rules"].size() == 2);
  for (const char* const bad : {"two words", "", "and", "a-b", "1a"}) {
    renaming["newName"] = bad;
    CHECK(error_of(client.ask("textDocument/rename", renaming)) == -32803);
  }
  Json rule = Client::place(5, 10);
  rule["newName"] = "Secret: it's read";
  const Json quoted = client.ask("textDocument/rename", rule);
  CHECK(quoted["result"]["changes"]["untitled:rules"][0]["newText"] == "'Secret: it''s read'");
}

TEST_CASE("nothing is renamed while an item is malformed") {
  Client client;
  client.start();
  client.open(std::string(kRules) + "- rule: [broken\n");
  Json renaming = Client::place(4, 30);
  renaming["newName"] = "viewers";
  CHECK(error_of(client.ask("textDocument/rename", renaming)) == -32803);
  // What is not malformed is known all the same.
  CHECK(client.ask("textDocument/definition", Client::place(8, 27))["result"].size() == 1);
}

TEST_CASE("lists are shown with what they hold, words with what they are") {
  Client client;
  client.start();
  client.open(kRules);
  const Json asked{
      {"textDocument", {{"uri", "untitled:rules"}}},
      {"range",
       {{"start", {{"line", 0}, {"character", 0}}}, {"end", {{"line", 99}, {"character", 0}}}}}};
  const Json hints = client.ask("textDocument/inlayHint", asked);
  REQUIRE(hints["result"].size() == 1);
  CHECK(hints["result"][0]["label"] == ": cat, less");
  CHECK(hints["result"][0]["position"] == Json{{"line", 4}, {"character", 34}});
  const Json symbols = client.ask("textDocument/documentSymbol", asked);
  REQUIRE(symbols["result"].size() == 3);
  CHECK(symbols["result"][2]["name"] == "Secret read");
  const Json tokens = client.ask("textDocument/semanticTokens/full", asked);
  CHECK(tokens["result"]["data"].size() % 5 == 0);
  // `proc.name` in line 4, a field.
  CHECK(std::vector<int>(tokens["result"]["data"].begin(), tokens["result"]["data"].begin() + 5) ==
        std::vector<int>{4, 13, 9, 0, 0});
}

/// `text` with the edits of an answer.
std::string edited(std::string text, const Json& edits) {
  Document document("x", "x", std::move(text));
  for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
    document.change({{"range", (*edit)["range"]}, {"text", (*edit)["newText"]}}, Encoding::UTF16);
  }
  return document.text();
}

TEST_CASE("formatting changes the lines that are not in their layout") {
  const std::string ugly =
      "- macro: m\n  condition: evt.type = open\n\n\n\n- macro: n\n  condition:    m\n";
  const std::string good =
      "- macro: m\n  condition: evt.type = open\n\n- macro: n\n  condition: m\n";
  Client client;
  client.start();
  client.open(ugly);
  const Json document{{"textDocument", {{"uri", "untitled:rules"}}}};
  const Json answer = client.ask("textDocument/formatting", document);
  REQUIRE(answer["result"].size() == 1);
  CHECK(answer["result"][0]["range"]["start"]["line"] > 1);
  CHECK(edited(ugly, answer["result"]) == good);
  client.open(good);
  CHECK(client.ask("textDocument/formatting", document)["result"].empty());

  client.open(ugly);
  Json part = document;
  part["range"] = {{"start", {{"line", 6}, {"character", 0}}},
                   {"end", {{"line", 6}, {"character", 1}}}};
  CHECK(edited(ugly, client.ask("textDocument/rangeFormatting", part)["result"]) ==
        "- macro: m\n  condition: evt.type = open\n\n\n\n- macro: n\n  condition: m\n");
  client.open("- macro: m\n  condition: [\n");
  CHECK(error_of(client.ask("textDocument/formatting", document)) == -32803);
}

TEST_CASE("other YAML files are left alone") {
  Client client;
  client.start();
  client.open("services:\n  web: {image: nginx}\n", "file:///nowhere/compose.yaml");
  CHECK(client
            .ask("textDocument/completion",
                 Client::place(1, 3, "file:///nowhere/compose.yaml"))["result"]
            .is_null());
  CHECK(client.diagnostics("file:///nowhere/compose.yaml").is_null());
}

}  // namespace
}  // namespace falcoc::lsp

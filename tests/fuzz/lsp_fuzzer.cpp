// What an editor sends, in parts between lines `%%`: a part that begins with `{` is a message, one
// that begins with `Content-` a piece of the stream, any other the text of the document, about
// which everything is asked at two places. In the end the texts are analysed, of one input in
// eight: that takes longest, and most of it is what lint_fuzzer does.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <string_view>

#include "tools/falcoc/lsp/framing.h"
#include "tools/falcoc/lsp/server.h"

namespace {

using falcoc::lsp::Json;

constexpr const char* kUri = "untitled:fuzz";

class Editor {
 public:
  Editor() : server_([](const Json& message) { (void)falcoc::lsp::written(message); }) {
    send({{"id", 0}, {"method", "initialize"}, {"params", {{"capabilities", Json::object()}}}});
    send({{"method", "initialized"}, {"params", Json::object()}});
    send({{"method", "textDocument/didOpen"},
          {"params",
           {{"textDocument",
             {{"uri", kUri}, {"languageId", "falco"}, {"version", 0}, {"text", ""}}}}}});
  }

  void part(std::string_view bytes) {
    // Those would look at the machine's files.
    for (const std::string_view word : {"file:", "didChangeConfiguration"}) {
      if (bytes.find(word) != bytes.npos) return;
    }
    if (bytes.starts_with("Content-")) {
      frames_.feed(bytes);
      while (const auto frame = frames_.next()) {
        if (frame->problem.empty()) server_.receive(frame->body);
      }
    } else if (bytes.starts_with('{')) {
      server_.receive(bytes);
    } else {
      text(bytes);
    }
    while (server_.step()) {
    }
  }

  void analyse() {
    falcoc::lsp::analyse(server_.snapshot(), [this](const falcoc::lsp::Analysis& analysis) {
      const std::string json = falcoc::lsp::written(falcoc::lsp::to_json(analysis));
      server_.take(falcoc::lsp::analysis_from(Json::parse(json, nullptr, false)));
    });
    ask_everything(0, 0);
  }

 private:
  void send(const Json& message) {
    server_.receive(falcoc::lsp::written(message));
    while (server_.step()) {
    }
  }

  void text(std::string_view bytes) {
    Json change = Json::array();
    change.push_back({{"text", bytes}});
    send({{"method", "textDocument/didChange"},
          {"params",
           {{"textDocument", {{"uri", kUri}, {"version", 1}}}, {"contentChanges", change}}}});
    // The end of the text, where one types, and a place that the text chooses.
    const size_t chosen = std::accumulate(bytes.begin(), bytes.end(), size_t{0},
                                          [](size_t sum, char c) {
                                            return sum * 31 + static_cast<unsigned char>(c);
                                          }) %
                          (bytes.size() + 1);
    for (const size_t at : {chosen, bytes.size()}) {
      const std::string_view before = bytes.substr(0, at);
      const size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
      ask_everything(static_cast<uint32_t>(std::ranges::count(before, '\n')),
                     static_cast<uint32_t>(at - line_begin));
    }
  }

  void ask_everything(uint32_t line, uint32_t column) {
    const Json position{{"line", line}, {"character", column}};
    Json params{{"textDocument", {{"uri", kUri}}},
                {"position", position},
                {"range", {{"start", position}, {"end", {{"line", line + 9}, {"character", 0}}}}},
                {"newName", "renamed"},
                {"context", {{"only", {"quickfix", "source"}}, {"includeDeclaration", true}}}};
    for (const char* const method :
         {"completion", "hover", "definition", "references", "prepareRename", "rename",
          "documentSymbol", "semanticTokens/full", "codeAction", "formatting", "rangeFormatting",
          "inlayHint", "codeLens"}) {
      send({{"id", 1}, {"method", std::string("textDocument/") + method}, {"params", params}});
    }
  }

  falcoc::lsp::Server server_;
  falcoc::lsp::FrameReader frames_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Pages about codes are not written.
  setenv("XDG_CACHE_HOME", "/dev/null", 1);
  Editor editor;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (true) {
    const size_t end = rest.find("\n%%\n");
    editor.part(rest.substr(0, end));
    if (end == rest.npos) break;
    rest.remove_prefix(end + 4);
  }
  if (size % 8 == 0) editor.analyse();
  return 0;
}

// See files.h.
#include "runtime/config/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "compiler/rules/rule_files.h"
#include "runtime/config/setting.h"

namespace falcod::config {

namespace {

namespace fs = std::filesystem;
using falcoc::Code;
using falcoc::Diagnostic;

constexpr std::string_view kConfigFiles = "config_files";

/// What holds where there is no falco.yaml: a program that one runs by hand.
constexpr std::string_view kBuiltIn = R"(stdout_output: {enabled: true}
syscall_event_drops: {actions: [log, alert]}
log_stderr: true
log_syslog: false
)";

enum class Strategy : uint8_t { APPEND, OVERRIDE, ADD_ONLY };

struct Included {
  std::string path;
  Strategy strategy = Strategy::APPEND;
  falcoc::Span span;
};

/// Top-level keys only, as Falco merges.
void merge(Node& root, Node&& included, Strategy strategy) {
  for (Entry& entry : included.entries) {
    Node* present = root.find(entry.key);
    if (present == nullptr) {
      root.entries.push_back(std::move(entry));
    } else if (strategy == Strategy::APPEND && present->is_list() && entry.value.is_list()) {
      std::ranges::move(entry.value.items, std::back_inserter(present->items));
    } else if (strategy != Strategy::ADD_ONLY) {
      *present = std::move(entry.value);
    }
  }
}

class Reader {
 public:
  Reader(const Request& request, const Environment& environment, falcoc::SourceMap& sources,
         falcoc::Diagnostics& diagnostics)
      : request_(request),
        environment_(environment),
        sources_(sources),
        diagnostics_(diagnostics) {}

  Tree read() {
    read_main();
    std::vector<Setting> others;
    for (const std::string& text : request_.settings) {
      auto setting = parse_setting(text);
      if (!setting) {
        diagnostics_.add(std::move(setting.error()));
      } else if (setting->path.front().key == kConfigFiles) {
        put(*setting);
      } else {
        others.push_back(std::move(*setting));
      }
    }
    read_included();
    for (const Setting& setting : others) put(setting);
    return std::move(tree_);
  }

 private:
  void read_main() {
    std::error_code error;
    const std::string path = request_.path.value_or(request_.default_path);
    if (!request_.path && !fs::exists(path, error)) {
      const falcoc::FileId file = sources_.add("built-in configuration", std::string(kBuiltIn));
      tree_.root = *parse_map(file, sources_, environment_, diagnostics_);
      return;
    }
    main_ = path;
    if (auto root = read_file(path)) tree_.root = std::move(*root);
  }

  std::optional<Node> read_file(const std::string& path) {
    auto text = falcoc::rules::read_file(path);
    if (text && text->size() > kMaxConfigBytes) {
      text = std::unexpected(Diagnostic::global(
          Code::FILE_TOO_LARGE, fmt::format("{} has {} bytes, more than the limit of {}", path,
                                            text->size(), kMaxConfigBytes)));
    }
    if (!text) {
      diagnostics_.add(std::move(text.error()));
      return std::nullopt;
    }
    tree_.files.push_back(path);
    tree_.watched.push_back(path);
    auto root =
        parse_map(sources_.add(path, std::move(*text)), sources_, environment_, diagnostics_);
    if (root) return std::move(*root);
    diagnostics_.add(std::move(root.error()));
    return std::nullopt;
  }

  void put(const Setting& setting) {
    auto file = put_setting(tree_.root, setting, environment_, sources_, diagnostics_);
    if (file) {
      tree_.option_files.push_back(*file);
    } else {
      diagnostics_.add(std::move(file.error()));
    }
  }

  void refuse(falcoc::Span span, std::string message, std::string hint) {
    diagnostics_.add(Diagnostic::at(Code::CONFIG_FILES, span, std::move(message), std::move(hint)));
  }

  void read_included() {
    const Node* list = tree_.root.find(kConfigFiles);
    if (list == nullptr || list->is_empty()) return;
    std::vector<Included> all;
    if (list->is_list()) {
      for (const Node& item : list->items) add_included(item, all);
    } else {
      add_included(*list, all);
    }
    for (const Included& included : all) include(included);
  }

  void add_included(const Node& item, std::vector<Included>& out) {
    Included included{.path = {}, .span = item.span};
    const Node* path = item.is_scalar() ? &item : item.find("path");
    const Node* strategy = item.find("strategy");
    if (path == nullptr || !path->is_scalar() || path->text.empty()) {
      return refuse(item.span, "an entry of config_files has no path",
                    "write a path, or {path: PATH, strategy: append}");
    }
    if (strategy != nullptr) {
      if (strategy->text == "override") {
        included.strategy = Strategy::OVERRIDE;
      } else if (strategy->text == "add-only") {
        included.strategy = Strategy::ADD_ONLY;
      } else if (strategy->text != "append") {
        return refuse(strategy->span, fmt::format("no strategy is called `{}`", strategy->text),
                      "use append, override or add-only");
      }
    }
    included.path = path->text;
    out.push_back(std::move(included));
  }

  /// A folder stands for its files by name; what is missing is passed over, as in Falco.
  void include(const Included& included) {
    std::error_code error;
    if (fs::is_directory(included.path, error)) {
      tree_.watched.push_back(included.path);
      std::vector<std::string> files;
      for (const auto& entry : fs::directory_iterator(included.path, error)) {
        if (entry.is_regular_file(error)) files.push_back(entry.path().string());
      }
      std::ranges::sort(files);
      for (const std::string& file : files) include_file(file, included);
      return;
    }
    if (fs::exists(included.path, error)) include_file(included.path, included);
  }

  void include_file(const std::string& path, const Included& included) {
    std::error_code error;
    if (!main_.empty() && fs::equivalent(path, main_, error)) {
      return refuse(included.span, fmt::format("{} is the main file", path),
                    "a file cannot include itself");
    }
    auto root = read_file(path);
    if (!root) return;
    if (const auto found = std::ranges::find(root->entries, kConfigFiles, &Entry::key);
        found != root->entries.end()) {
      return refuse(found->key_span, "an included file cannot include others",
                    "move the entries to the main file's config_files");
    }
    merge(tree_.root, std::move(*root), included.strategy);
  }

  const Request& request_;
  const Environment& environment_;
  falcoc::SourceMap& sources_;
  falcoc::Diagnostics& diagnostics_;
  std::string main_;
  Tree tree_;
};

}  // namespace

Tree read_tree(const Request& request, const Environment& environment, falcoc::SourceMap& sources,
               falcoc::Diagnostics& diagnostics) {
  return Reader(request, environment, sources, diagnostics).read();
}

}  // namespace falcod::config

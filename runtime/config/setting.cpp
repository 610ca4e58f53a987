// See setting.h.
#include "runtime/config/setting.h"

#include <fmt/format.h>

#include <charconv>

namespace falcod::config {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

Diagnostic malformed(std::string_view text, std::string_view why) {
  return Diagnostic::global(Code::OPTION_VALUE, fmt::format("-o {}: {}", text, why),
                            "write KEY.KEY[N]=VALUE, or KEY[]=VALUE for a new item");
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front()) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

class PathReader {
 public:
  explicit PathReader(std::string_view text) : text_(trimmed(text)) {}

  std::expected<Setting, Diagnostic> read() {
    if (auto key = read_key(); !key) return std::unexpected(std::move(key.error()));
    while (at_ < text_.size() && text_[at_] != '=') {
      const char begin = text_[at_++];
      auto step = begin == '[' ? read_index() : read_key();
      if (!step) return std::unexpected(std::move(step.error()));
    }
    if (at_ == text_.size()) return std::unexpected(malformed(text_, "a value is missing"));
    setting_.key = trimmed(text_.substr(0, at_));
    setting_.value = unquoted(trimmed(text_.substr(at_ + 1)));
    return std::move(setting_);
  }

 private:
  /// Up to a dot, a bracket or the equals sign, which stays.
  std::expected<void, Diagnostic> read_key() {
    std::string key;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '.' || c == '[' || c == '=') break;
      if (c == ']') return std::unexpected(malformed(text_, "`]` without `[`"));
      if (c == '\\' && at_ + 1 < text_.size()) ++at_;
      key += text_[at_];
    }
    key = trimmed(key);
    if (key.empty()) return std::unexpected(malformed(text_, "a key is empty"));
    setting_.path.push_back({.kind = PathStep::Kind::KEY, .key = std::move(key)});
    return {};
  }

  /// Behind `[`, up to and with `]`.
  std::expected<void, Diagnostic> read_index() {
    const size_t close = text_.find(']', at_);
    if (close == std::string_view::npos) {
      return std::unexpected(malformed(text_, "`[` without `]`"));
    }
    const std::string_view number = text_.substr(at_, close - at_);
    at_ = close + 1;
    if (at_ < text_.size() && text_[at_] != '.' && text_[at_] != '[' && text_[at_] != '=') {
      return std::unexpected(malformed(text_, "behind `]` comes `.`, `[` or `=`"));
    }
    PathStep step{.kind = PathStep::Kind::APPEND};
    if (!number.empty()) {
      step.kind = PathStep::Kind::INDEX;
      const char* last = number.data() + number.size();
      const auto [end, error] = std::from_chars(number.data(), last, step.index);
      if (error != std::errc{} || end != last) {
        return std::unexpected(malformed(text_, fmt::format("`{}` is not a number", number)));
      }
    }
    setting_.path.push_back(std::move(step));
    return {};
  }

  std::string_view text_;
  size_t at_ = 0;
  Setting setting_;
};

/// The child of `node`, made if it is missing. Null if `node` cannot have one.
Node* child(Node& node, const PathStep& step, falcoc::Span span) {
  if (step.kind == PathStep::Kind::KEY) {
    if (node.is_empty()) node.kind = Node::Kind::MAP;
    return node.is_map() ? &node.at(step.key, span) : nullptr;
  }
  if (node.is_empty()) node.kind = Node::Kind::LIST;
  if (!node.is_list()) return nullptr;
  const size_t index = step.kind == PathStep::Kind::APPEND ? node.items.size() : step.index;
  if (index > node.items.size()) return nullptr;
  if (index == node.items.size()) node.items.push_back(Node(Node::Kind::EMPTY, span));
  return &node.items[index];
}

std::expected<Node, Diagnostic> value_node(const std::string& text, falcoc::FileId file,
                                           const Environment& environment,
                                           const falcoc::SourceMap& sources,
                                           falcoc::Diagnostics& diagnostics) {
  const bool structured = text.size() >= 2 && ((text.front() == '{' && text.back() == '}') ||
                                               (text.front() == '[' && text.back() == ']'));
  if (!structured) {
    Node scalar(Node::Kind::SCALAR, {file, 0, static_cast<uint32_t>(text.size())});
    scalar.text = expand_environment(text, environment);
    return scalar;
  }
  const auto stream = falcoc::rules::read_yaml(file, sources.file(file));
  if (!stream) return std::unexpected(stream.error());
  if (stream->documents.empty()) return Node{};
  return to_node(*stream->documents.front(), environment, diagnostics);
}

}  // namespace

std::expected<Setting, Diagnostic> parse_setting(std::string_view text) {
  return PathReader(text).read();
}

std::expected<falcoc::FileId, Diagnostic> put_setting(Node& root, const Setting& setting,
                                                      const Environment& environment,
                                                      falcoc::SourceMap& sources,
                                                      falcoc::Diagnostics& diagnostics) {
  const falcoc::FileId file = sources.add("-o " + setting.key, setting.value);
  auto value = value_node(setting.value, file, environment, sources, diagnostics);
  if (!value) return std::unexpected(std::move(value.error()));
  Node* node = &root;
  for (const PathStep& step : setting.path) {
    node = child(*node, step, value->span);
    if (node == nullptr) {
      const std::string what = step.kind == PathStep::Kind::KEY ? fmt::format("`{}`", step.key)
                                                                : std::string("an item of a list");
      return std::unexpected(Diagnostic::global(
          Code::OPTION_VALUE, fmt::format("-o {}: there is no place for {}", setting.key, what),
          "items of a list are numbered from 0, without gaps"));
    }
  }
  *node = std::move(*value);
  return file;
}

}  // namespace falcod::config

// See setting_path.h.
#include "runtime/daemon/setting_path.h"

#include <fmt/format.h>

#include <charconv>
#include <span>

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

Diagnostic malformed(std::string_view text, std::string_view why) {
  return Diagnostic::global(Code::OPTION_VALUE, fmt::format("-o {}: {}", text, why),
                            "write KEY.KEY[N]=VALUE, or KEY[]=VALUE for a new item");
}

class PathReader {
 public:
  explicit PathReader(std::string_view text) : text_(text) {}

  std::expected<Setting, Diagnostic> read() {
    if (auto key = read_key(); !key) return std::unexpected(std::move(key.error()));
    while (at_ < text_.size() && text_[at_] != '=') {
      const char begin = text_[at_++];
      auto step = begin == '[' ? read_index() : read_key();
      if (!step) return std::unexpected(std::move(step.error()));
    }
    if (at_ == text_.size()) return std::unexpected(malformed(text_, "a value is missing"));
    setting_.value = text_.substr(at_ + 1);
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

/// The child of `node`, made if it is missing. Nothing if `node` cannot have one.
std::optional<YAML::Node> child(YAML::Node node, const PathStep& step) {
  if (step.kind == PathStep::Kind::KEY) {
    if (!node.IsNull() && !node.IsMap()) return std::nullopt;
    if (!node[step.key]) node[step.key] = YAML::Node();
    return node[step.key];
  }
  if (!node.IsNull() && !node.IsSequence()) return std::nullopt;
  const size_t size = node.IsSequence() ? node.size() : 0;
  const size_t index = step.kind == PathStep::Kind::APPEND ? size : step.index;
  if (index > size) return std::nullopt;
  if (index == size) node.push_back(YAML::Node());
  return node[index];
}

std::expected<YAML::Node, Diagnostic> value_node(const std::string& text) {
  const bool structured = text.size() >= 2 && ((text.front() == '{' && text.back() == '}') ||
                                               (text.front() == '[' && text.back() == ']'));
  if (!structured) return YAML::Node(text);
  try {
    return YAML::Load(text);
  } catch (const YAML::Exception& error) {
    return std::unexpected(malformed(text, fmt::format("malformed YAML: {}", error.msg)));
  }
}

}  // namespace

std::expected<Setting, Diagnostic> parse_setting(std::string_view text) {
  return PathReader(text).read();
}

std::expected<void, Diagnostic> put_setting(YAML::Node& root, const Setting& setting) {
  auto value = value_node(setting.value);
  if (!value) return std::unexpected(std::move(value.error()));
  YAML::Node node = root;
  for (const PathStep& step : setting.path) {
    auto next = child(node, step);
    if (!next) {
      const std::string what = step.kind == PathStep::Kind::KEY ? fmt::format("`{}`", step.key)
                                                                : std::string("an item of a list");
      return std::unexpected(Diagnostic::global(
          Code::OPTION_VALUE,
          fmt::format("-o {}…: there is no place for {}", setting.path.front().key, what),
          "items of a list are numbered from 0, without gaps"));
    }
    node.reset(*next);
  }
  node = *value;
  return {};
}

}  // namespace falcod

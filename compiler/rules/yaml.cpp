#include "compiler/rules/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <spanstream>
#include <unordered_map>

#include "compiler/rules/scalar_map.h"
#include "compiler/source/display_text.h"

namespace falcoc::rules {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr char kEndOfTransmission = '\x04';  // yaml-cpp takes it for the end of the file
constexpr uint64_t kNodeSize = 64;           // what a node counts besides its text

/// Thrown through yaml-cpp, which offers no other way to stop it.
struct Abort {
  Diagnostic diagnostic;
};

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(FileId file, std::string_view source, YamlStream& stream)
      : file_(file),
        source_(source),
        shift_(source.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0),
        stream_(stream) {}

  uint32_t offset(const YAML::Mark& mark) const {
    if (mark.is_null()) return 0;
    return static_cast<uint32_t>(
        std::min(static_cast<size_t>(std::max(mark.pos, 0)) + shift_, source_.size()));
  }

  /// At a token that can start nothing (`,` or a stray bracket) yaml-cpp reports an empty document
  /// and stays where it is, for ever.
  void OnDocumentStart(const YAML::Mark& mark) override {
    const uint32_t at = offset(mark);
    if (at == document_at_) {
      throw Abort{Diagnostic::at(Code::YAML_SYNTAX, {file_, at, at + 1}, "unexpected character")};
    }
    document_at_ = at;
    anchors_.clear();
    root_ = nullptr;
  }
  void OnDocumentEnd() override {
    if (root_ != nullptr) stream_.documents.push_back(root_);
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish(make(YamlNode::Kind::EMPTY, mark, anchor), kNodeSize, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const uint32_t at = offset(mark);
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end() || !found->second.complete) {
      throw Abort{Diagnostic::at(Code::YAML_LIMIT, {file_, at, at + 1},
                                 "alias stands inside the node it refers to")};
    }
    aliased_ += found->second.size;
    if (aliased_ > kMaxAliasedSize) {
      throw Abort{Diagnostic::at(Code::YAML_LIMIT, {file_, at, at + 1},
                                 "file is too large with its aliases written out")};
    }
    add_to_parent(found->second.node, found->second.size, at);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    (void)tag;  // texts, numbers and booleans are told apart by the key they are given for
    YamlNode* node = make(YamlNode::Kind::SCALAR, mark, anchor);
    MappedScalar scalar = map_scalar(file_, source_, node->span.begin, value);
    refuse_if_unclosed(scalar);
    node->text = std::move(scalar.text);
    node->span = scalar.span;
    finish(node, kNodeSize + value.size(), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::SEQUENCE, mark, anchor);
  }
  void OnSequenceEnd() override { close(']'); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::MAP, mark, anchor);
  }
  void OnMapEnd() override { close('}'); }

 private:
  /// yaml-cpp lets a quoted scalar end with the file, if behind a line end, and takes the rest of
  /// the file for its text.
  void refuse_if_unclosed(const MappedScalar& scalar) const {
    const uint32_t begin = scalar.span.begin;
    const char quote = begin < source_.size() ? source_[begin] : '\0';
    if (quote != '"' && quote != '\'') return;
    const bool closed = scalar.exact && scalar.span.end > begin + 1 &&
                        source_[scalar.span.end - 1] == quote &&
                        source_.find_first_not_of(" \t\r\n", scalar.span.end) != source_.npos;
    if (closed || has_closing_quote(begin)) return;
    throw Abort{Diagnostic::at(Code::YAML_SYNTAX, {file_, begin, begin + 1},
                               "the quoted text that begins here is never closed",
                               fmt::format("add a {} where it ends", quote))};
  }

  bool has_closing_quote(size_t begin) const {
    const char quote = source_[begin];
    for (size_t at = begin + 1; at < source_.size(); ++at) {
      if (source_[at] == '\\' && quote == '"') {
        ++at;
      } else if (source_[at] == quote) {
        const bool doubled = quote == '\'' && at + 1 < source_.size() && source_[at + 1] == quote;
        if (!doubled) return true;
        ++at;
      }
    }
    return false;
  }

  struct Anchor {
    YamlNode* node = nullptr;
    uint64_t size = 0;
    bool complete = false;
  };
  struct Frame {
    YamlNode* node;
    YAML::anchor_t anchor;
    uint64_t size = kNodeSize;
    const YamlNode* key = nullptr;  ///< of a map, while its value is awaited
  };

  YamlNode* make(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    const uint32_t at = offset(mark);
    // Every node takes at least a byte to write, the keys of a missing value apart.
    if (stream_.nodes.size() > 2 * source_.size() + 1) {
      throw Abort{Diagnostic::at(Code::YAML_LIMIT, {file_, at, at}, "more values than characters")};
    }
    YamlNode& node = stream_.nodes.emplace_back();
    node.kind = kind;
    node.span = {file_, at, at};
    if (anchor != 0) anchors_[anchor] = {.node = &node};
    return &node;
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    YamlNode* node = make(kind, mark, anchor);
    if (frames_.size() >= kMaxYamlDepth) {
      throw Abort{Diagnostic::at(Code::YAML_LIMIT, node->span,
                                 fmt::format("nested more than {} levels deep", kMaxYamlDepth))};
    }
    frames_.push_back({.node = node, .anchor = anchor});
  }

  void close(char bracket) {
    const Frame frame = frames_.back();
    frames_.pop_back();
    extend_over_bracket(*frame.node, bracket);
    finish(frame.node, frame.size, frame.anchor);
  }

  /// A flow collection ends with its bracket, which yaml-cpp does not report.
  void extend_over_bracket(YamlNode& node, char bracket) const {
    size_t at = std::max(node.span.begin, node.span.end);
    if (at == node.span.begin) {
      // An empty collection is always a flow one.
      at = std::min(source_.find(bracket, at), source_.size());
    } else {
      at = source_.find_first_not_of(" \t\r\n,", at);
    }
    if (at < source_.size() && source_[at] == bracket) {
      node.span.end = static_cast<uint32_t>(at + 1);
    }
  }

  void finish(YamlNode* node, uint64_t size, YAML::anchor_t anchor) {
    if (anchor != 0) {
      Anchor& entry = anchors_[anchor];
      entry.size = size;
      entry.complete = true;
    }
    add_to_parent(node, size, node->span.end);
  }

  void add_to_parent(YamlNode* node, uint64_t size, uint32_t end) {
    if (frames_.empty()) {
      root_ = node;
      return;
    }
    Frame& parent = frames_.back();
    parent.size += size;
    parent.node->span.end = std::max(parent.node->span.end, end);
    if (parent.node->kind == YamlNode::Kind::SEQUENCE) {
      parent.node->items.push_back(node);
    } else if (parent.key == nullptr) {
      parent.key = node;
    } else {
      // What is missing has no place; its key has.
      if (node->kind == YamlNode::Kind::EMPTY && node->span.begin == node->span.end) {
        node->span = parent.key->span;
      }
      parent.node->entries.emplace_back(parent.key, node);
      parent.key = nullptr;
    }
  }

  FileId file_;
  std::string_view source_;
  size_t shift_;  ///< yaml-cpp does not count the byte order mark
  YamlStream& stream_;
  std::optional<uint32_t> document_at_;
  uint64_t aliased_ = 0;  ///< what aliases stand for so far
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, Anchor> anchors_;
  const YamlNode* root_ = nullptr;
};

/// In `[fd.name, proc.aname[2]]` YAML takes the inner bracket for its own and stops there.
std::string bracket_hint(std::string_view text, size_t at) {
  if (at == 0 || at >= text.size() || text[at] != '[') return {};
  const size_t begin = text.find_last_of(" \t\r\n,[", at - 1) + 1;  // npos + 1 is 0
  const size_t close = text.find_first_of("]\r\n", at);
  if (begin == at || close == text.npos || text[close] != ']') return {};
  return fmt::format("between brackets, quote what holds brackets: \"{}\"",
                     text.substr(begin, close + 1 - begin));
}

std::expected<void, Diagnostic> check_text(FileId file, std::string_view text) {
  if (text.size() > kMaxFileBytes) {
    return std::unexpected(Diagnostic::at(
        Code::FILE_TOO_LARGE, {file, 0, 0},
        fmt::format("file has {} bytes, more than the limit of {}", text.size(), kMaxFileBytes)));
  }
  for (uint32_t i = 0; i < text.size();) {
    char32_t c = 0;
    const uint32_t length = decode_utf8(text, i, c);
    if (length == 0) {
      return std::unexpected(Diagnostic::at(
          Code::TEXT_NOT_UTF8, {file, i, i + 1},
          fmt::format("byte 0x{:02X} is not UTF-8", static_cast<unsigned char>(text[i])),
          "save the file as UTF-8"));
    }
    if (c == 0 || c == static_cast<char32_t>(kEndOfTransmission)) {
      return std::unexpected(
          Diagnostic::at(Code::TEXT_CONTROL_CHARACTER, {file, i, i + 1},
                         fmt::format("control character 0x{:02X} cannot stand in a YAML file",
                                     static_cast<unsigned>(c)),
                         "remove it, or write it as an escape in double quotes"));
    }
    i += length;
  }
  return {};
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name->is_scalar() && name->text.text() == key) return value;
  }
  return nullptr;
}

const YamlNode* YamlNode::find_key(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name->is_scalar() && name->text.text() == key) return name;
  }
  return nullptr;
}

std::expected<YamlStream, Diagnostic> read_yaml(FileId file, const SourceFile& source) {
  const std::string_view text = source.text();
  if (auto checked = check_text(file, text); !checked) return std::unexpected(checked.error());
  YamlStream stream;
  TreeBuilder builder(file, text, stream);
  try {
    std::ispanstream input{std::span<const char>(text)};
    YAML::Parser parser(input);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (Abort& abort) {
    return std::unexpected(std::move(abort.diagnostic));
  } catch (const YAML::Exception& error) {
    const uint32_t at = builder.offset(error.mark);
    return std::unexpected(
        Diagnostic::at(Code::YAML_SYNTAX, {file, at, at}, error.msg, bracket_hint(text, at)));
  }
  return stream;
}

}  // namespace falcoc::rules

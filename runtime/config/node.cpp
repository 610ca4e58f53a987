// See node.h.
#include "runtime/config/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace falcod::config {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;
using falcoc::rules::YamlNode;

class Copier {
 public:
  Copier(const Environment& environment, falcoc::Diagnostics& diagnostics)
      : environment_(environment), diagnostics_(diagnostics) {}

  std::expected<Node, Diagnostic> copy(const YamlNode& from) {
    if (++count_ > kMaxNodes) {
      return std::unexpected(
          Diagnostic::at(Code::YAML_LIMIT, from.span,
                         fmt::format("more than {} values with aliases written out", kMaxNodes)));
    }
    Node to(Node::Kind::EMPTY, from.span);
    switch (from.kind) {
      case YamlNode::Kind::EMPTY:
        break;
      case YamlNode::Kind::SCALAR:
        to.kind = Node::Kind::SCALAR;
        to.text = expand_environment(from.text.text(), environment_);
        break;
      case YamlNode::Kind::SEQUENCE:
        to.kind = Node::Kind::LIST;
        for (const YamlNode* item : from.items) {
          auto copied = copy(*item);
          if (!copied) return copied;
          to.items.push_back(std::move(*copied));
        }
        break;
      case YamlNode::Kind::MAP:
        to.kind = Node::Kind::MAP;
        for (const auto& [key, value] : from.entries) {
          if (auto added = add(to, *key, *value); !added) {
            return std::unexpected(std::move(added.error()));
          }
        }
    }
    return to;
  }

 private:
  std::expected<void, Diagnostic> add(Node& map, const YamlNode& key, const YamlNode& value) {
    if (!key.is_scalar()) {
      return std::unexpected(Diagnostic::at(Code::CONFIG_VALUE, key.span, "a key must be a text"));
    }
    auto copied = copy(value);
    if (!copied) return std::unexpected(std::move(copied.error()));
    const std::string& name = key.text.text();
    if (map.find(name) != nullptr) {
      diagnostics_.add(Diagnostic::at(Code::CONFIG_KEY_TWICE, key.span,
                                      fmt::format("`{}` is there twice; the first counts", name),
                                      "remove one of them"));
      return {};
    }
    map.entries.push_back({name, key.span, std::move(*copied)});
    return {};
  }

  const Environment& environment_;
  falcoc::Diagnostics& diagnostics_;
  size_t count_ = 0;
};

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto found = std::ranges::find(entries, key, &Entry::key);
  return found == entries.end() ? nullptr : &found->value;
}

Node* Node::find(std::string_view key) {
  return const_cast<Node*>(static_cast<const Node*>(this)->find(key));
}

Node& Node::at(std::string_view key, falcoc::Span key_span) {
  if (Node* found = find(key)) return *found;
  return entries.emplace_back(Entry{std::string(key), key_span, Node(Node::Kind::EMPTY, key_span)})
      .value;
}

void Node::erase(std::string_view key) {
  std::erase_if(entries, [&](const Entry& entry) { return entry.key == key; });
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

std::string expand_environment(std::string_view text, const Environment& environment) {
  std::string out;
  size_t at = 0;
  while (true) {
    const size_t begin = text.find("${", at);
    const size_t end = begin == text.npos ? text.npos : text.find('}', begin);
    if (end == text.npos) break;
    if (begin > at && text[begin - 1] == '$') {
      out += text.substr(at, begin - 1 - at);
      out += text.substr(begin, end + 1 - begin);
    } else {
      out += text.substr(at, begin - at);
      out += environment(std::string(text.substr(begin + 2, end - begin - 2))).value_or("");
    }
    at = end + 1;
  }
  return out + std::string(text.substr(at));
}

std::expected<Node, Diagnostic> to_node(const YamlNode& yaml, const Environment& environment,
                                        falcoc::Diagnostics& diagnostics) {
  return Copier(environment, diagnostics).copy(yaml);
}

std::expected<Node, Diagnostic> parse_map(falcoc::FileId file, const falcoc::SourceMap& sources,
                                          const Environment& environment,
                                          falcoc::Diagnostics& diagnostics) {
  const auto stream = falcoc::rules::read_yaml(file, sources.file(file));
  if (!stream) return std::unexpected(stream.error());
  Node root(Node::Kind::MAP, {file, 0, 0});
  if (stream->documents.empty()) return root;
  auto node = to_node(*stream->documents.front(), environment, diagnostics);
  if (!node || node->is_map()) return node;
  if (node->is_empty()) return root;
  return std::unexpected(Diagnostic::at(Code::CONFIG_VALUE, node->span,
                                        "a configuration file holds one map of keys and values",
                                        "write KEY: VALUE, one on each line"));
}

}  // namespace falcod::config

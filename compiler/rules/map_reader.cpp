#include "compiler/rules/map_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

#include "compiler/catalog/catalog.h"

namespace falcoc::rules {

namespace {

std::string_view kind_name(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::EMPTY:
      return "nothing";
    case YamlNode::Kind::SCALAR:
      return "a single value";
    case YamlNode::Kind::SEQUENCE:
      return "a sequence";
    case YamlNode::Kind::MAP:
      return "a map";
  }
  return "";
}

}  // namespace

Text text_of(const YamlNode& scalar) { return {.text = scalar.text, .span = scalar.span}; }

std::optional<bool> parse_bool(std::string_view text) {
  struct Word {
    std::string_view lower;
    bool value;
  };
  constexpr std::array<Word, 8> kWords = {{{"true", true},
                                           {"false", false},
                                           {"yes", true},
                                           {"no", false},
                                           {"on", true},
                                           {"off", false},
                                           {"y", true},
                                           {"n", false}}};
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  std::string lower(text);
  for (char& c : lower) {
    if (upper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  const auto* const word = std::ranges::find(kWords, lower, &Word::lower);
  if (word == kWords.end()) return std::nullopt;
  const auto upper_count = std::ranges::count_if(text, upper);
  const bool capitalised = upper_count == 1 && upper(text.front());
  if (upper_count != 0 && !capitalised && static_cast<size_t>(upper_count) != text.size()) {
    return std::nullopt;
  }
  return word->value;
}

std::optional<uint32_t> parse_unsigned(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.front() == '0') {
    base = 8;
  }
  uint32_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void MapReader::check_keys(std::span<const std::string_view> known, Code unknown_key) {
  std::unordered_map<std::string_view, Span> seen;
  for (const auto& [key, value] : map_.entries) {
    if (!key->is_scalar()) {
      warn(unknown_key, key->span, fmt::format("key of {} is not text and is ignored", what_));
      continue;
    }
    const std::string& name = key->text.text();
    const auto [first, inserted] = seen.emplace(name, key->span);
    if (name == "<<") {
      warn(Code::MERGE_KEY, key->span, "merge key `<<` is not applied to rule files",
           "write the keys out");
    } else if (!inserted) {
      Diagnostic duplicate = Diagnostic::at(
          Code::DUPLICATE_KEY, key->span,
          fmt::format("key `{}` is given twice in {}; the first one counts", name, what_),
          "remove one of the two");
      duplicate.related.push_back({.span = first->second, .text = "given first here"});
      diagnostics_.add(std::move(duplicate));
    } else if (std::ranges::find(known, name) == known.end()) {
      const std::string_view near = closest_name(name, known);
      warn(unknown_key, key->span, fmt::format("unknown key `{}` in {} is ignored", name, what_),
           near.empty() ? std::string() : fmt::format("did you mean `{}`?", near));
    }
  }
}

Span MapReader::key_span(std::string_view key) const {
  const YamlNode* node = map_.find_key(key);
  return node != nullptr ? node->span : map_.span;
}

const YamlNode* MapReader::optional_value(std::string_view key) {
  const YamlNode* value = map_.find(key);
  if (value == nullptr) return nullptr;
  if (value->kind != YamlNode::Kind::EMPTY) return value;
  warn(Code::VALUE_EMPTY, key_span(key),
       fmt::format("key `{}` of {} has no value and is ignored", key, what_));
  return nullptr;
}

const YamlNode* MapReader::required_value(std::string_view key) {
  const YamlNode* value = map_.find(key);
  if (value != nullptr && value->kind != YamlNode::Kind::EMPTY) return value;
  // Underlining a whole item says nothing: its first key stands for it.
  const Span place = value != nullptr       ? key_span(key)
                     : map_.entries.empty() ? map_.span
                                            : map_.entries.front().first->span;
  error(Code::VALUE_MISSING, place,
        value != nullptr ? fmt::format("key `{}` of {} has no value", key, what_)
                         : fmt::format("{} has no key `{}`", what_, key));
  return nullptr;
}

std::optional<Text> MapReader::required_text(std::string_view key) {
  const YamlNode* value = required_value(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_scalar()) {
    error(Code::VALUE_TYPE, value->span,
          fmt::format("key `{}` of {} must be text, not {}", key, what_, kind_name(value->kind)));
    return std::nullopt;
  }
  if (value->text.empty()) {
    error(Code::VALUE_MISSING, value->span, fmt::format("key `{}` of {} is empty", key, what_));
    return std::nullopt;
  }
  return text_of(*value);
}

std::optional<Text> MapReader::optional_text(std::string_view key) {
  return optional_value(key) == nullptr ? std::nullopt : required_text(key);
}

std::optional<bool> MapReader::optional_bool(std::string_view key) {
  const std::optional<Text> text = optional_text(key);
  if (!text) return std::nullopt;
  const std::optional<bool> value = parse_bool(text->str());
  if (!value) {
    error(Code::VALUE_TYPE, text->span,
          fmt::format("key `{}` of {} must be true or false", key, what_));
  }
  return value;
}

std::optional<uint32_t> MapReader::optional_unsigned(std::string_view key) {
  const std::optional<Text> text = optional_text(key);
  if (!text) return std::nullopt;
  const std::optional<uint32_t> value = parse_unsigned(text->str());
  if (!value) {
    error(Code::VALUE_TYPE, text->span,
          fmt::format("key `{}` of {} must be a whole number from 0 to 4294967295", key, what_));
  }
  return value;
}

std::optional<std::vector<Text>> MapReader::texts(std::string_view key, const YamlNode& value,
                                                  bool allow_empty_text) {
  if (value.kind != YamlNode::Kind::SEQUENCE) {
    error(
        Code::VALUE_TYPE, value.span,
        fmt::format("key `{}` of {} must be a sequence, not {}", key, what_, kind_name(value.kind)),
        "write it as [a, b] or one `- ` line per element");
    return std::nullopt;
  }
  std::vector<Text> result;
  result.reserve(value.items.size());
  bool good = true;
  for (const YamlNode* item : value.items) {
    if (item->is_scalar() && (allow_empty_text || !item->text.empty())) {
      result.push_back(text_of(*item));
      continue;
    }
    good = false;
    error(item->is_scalar() ? Code::VALUE_MISSING : Code::VALUE_TYPE, item->span,
          item->is_scalar() ? fmt::format("element of `{}` of {} is empty", key, what_)
                            : fmt::format("element of `{}` of {} must be text, not {}", key, what_,
                                          kind_name(item->kind)));
  }
  if (!good) return std::nullopt;
  return result;
}

void MapReader::error(Code code, Span span, std::string message, std::string hint) {
  failed_ = true;
  diagnostics_.add(Diagnostic::at(code, span, std::move(message), std::move(hint)));
}

void MapReader::warn(Code code, Span span, std::string message, std::string hint) {
  diagnostics_.add(Diagnostic::at(code, span, std::move(message), std::move(hint)));
}

}  // namespace falcoc::rules

// What the words of rule files mean, as editors show it: fields, event types, operators, keys,
// tags. Knows the catalog and the tables of the language, no files.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/catalog/catalog.h"
#include "tools/falcoc/words.h"

namespace falcoc::lsp {

struct KeyDoc {
  std::string_view owner;  ///< "rule", "macro", "list", "exception"
  std::string_view key;
  std::string_view value;  ///< what stands behind it
  std::string_view doc;
};
std::span<const KeyDoc> keys();
const KeyDoc* find_key(std::string_view owner, std::string_view key);

struct Technique {
  std::string_view tag;  ///< T1059
  std::string_view name;
};
/// Techniques of MITRE ATT&CK that rules about hosts and containers are mostly about.
std::span<const Technique> techniques();

/// "Credential access" of `mitre_credential_access`, a technique's name; nothing for other tags.
std::optional<std::string> tag_meaning(std::string_view tag);

/// Null if it is no word of the language.
const cli::WordRow* find_word(std::string_view word);

/// The field that a name in a rule is about, `evt.arg.flags` and `proc.aname[2]` included.
const FieldInfo* field_named(std::string_view name);
/// Type, meaning, how long the value holds and who has it, as Markdown.
std::string field_markdown(const FieldInfo& field, std::string_view name);
/// Parameters of the event, as Markdown; empty if no event is called so.
std::string event_markdown(std::string_view name);

/// Names of event types, each once, sorted.
const std::vector<std::string_view>& event_names();
/// Names of parameters of events, each once, sorted: what `evt.arg.` goes on with.
const std::vector<std::string_view>& parameter_names();
/// Values that the field can have, where they are few: words, flags, yes and no.
std::vector<std::string_view> values_of(std::string_view field);

}  // namespace falcoc::lsp

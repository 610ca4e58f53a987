// What rules name: fields, macros and lists, also through macros, lists and exceptions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/rules/ruleset.h"

namespace falcoc::cli {

struct Reference {
  enum class Kind : uint8_t {
    FIELD,
    MACRO,
    WORD,  ///< a bare word where a list may stand
  };
  Kind kind;
  std::string name;

  auto operator<=>(const Reference&) const = default;
};

class References {
 public:
  /// `set` must outlive this.
  explicit References(const rules::RuleSet& set);

  /// A macro or a list has this name.
  bool has(const std::string& name) const;
  /// Each once, behind what names it.
  std::vector<Reference> of(const rules::Rule& rule) const;
  /// Null if there is no such macro or list.
  const rules::Macro* macro(const Reference& reference) const;
  const rules::List* list(const Reference& reference) const;

 private:
  void follow(const std::vector<Reference>& named, std::vector<Reference>& all) const;

  std::map<std::string_view, const rules::Macro*> macros_;
  std::map<std::string_view, const rules::List*> lists_;
};

}  // namespace falcoc::cli

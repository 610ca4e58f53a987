// Rule files as written: lists, macros and rules with their text and positions, before any meaning.
// May know source/ only. RULE-LANGUAGE section 5.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/catalog/types.h"
#include "compiler/source/diagnostic.h"
#include "compiler/source/source.h"

namespace falcoc::rules {

/// A scalar of the file with its place.
struct Text {
  MappedText text;
  Span span;  ///< the whole scalar, quotes and block indicator included

  const std::string& str() const { return text.text(); }
};

/// Running numbers of RULE-LANGUAGE 5.9: who sees whom.
struct Order {
  uint32_t index = 0;       ///< of the first definition
  uint32_t visibility = 0;  ///< of the last change
};

struct List {
  Text name;
  std::vector<Text> items;
  Order order;
};

struct Macro {
  Text name;
  MappedText condition;
  Order order;
};

/// `values` element of an exception: a scalar or a sequence of scalars.
struct ExceptionValue {
  std::variant<Text, std::vector<Text>> value;
  Span span;
};

/// One row of `values`. A scalar-form exception has rows of one element.
struct ExceptionRow {
  std::vector<ExceptionValue> elements;
  Span span;
};

struct Exception {
  Text name;
  bool fields_is_list = false;
  std::vector<Text> fields;
  std::vector<Text> comps;  ///< defaults filled in
  std::vector<ExceptionRow> rows;
};

struct Rule {
  Text name;
  MappedText condition;
  MappedText output;
  MappedText description;
  Priority priority = Priority::DEBUG;
  std::string source = "syscall";
  std::vector<std::string> tags;  ///< sorted, unique
  std::vector<Exception> exceptions;
  bool enabled = true;
  bool warn_evttypes = true;
  bool skip_if_unknown_filter = false;
  bool capture = false;
  uint32_t capture_duration_ms = 0;
  Order order;
};

struct PluginRequirement {
  struct Version {
    std::string name;
    std::string version;
  };
  std::vector<Version> alternatives;  ///< main plugin first
  Span span;
};

/// Everything collected from the files so far, in order of first definition.
struct RuleSet {
  std::vector<List> lists;
  std::vector<Macro> macros;
  std::vector<Rule> rules;
  std::string required_engine_version;  ///< highest seen, empty if none
  std::vector<PluginRequirement> required_plugins;
};

/// Reads one file into `set`, after what earlier files defined. Findings go to `diagnostics`;
/// returns false if there was an error, in which case `set` holds what was read before it.
bool load_rules(FileId file, const SourceMap& sources, RuleSet& set, Diagnostics& diagnostics);

}  // namespace falcoc::rules

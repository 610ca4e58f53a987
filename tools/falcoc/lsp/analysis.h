// What the compiler and the lints say of files that load together: the work that takes longer than
// a keystroke. Its input and its result are data, so that it can be done in another process, which
// is ended when the files change.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "compiler/check/rule_input.h"
#include "tools/falcoc/lsp/json.h"
#include "tools/falcoc/lsp/position.h"

namespace falcoc::lsp {

/// What an editor can show of one analysis; further findings are left out.
inline constexpr size_t kMaxFindings = 5000;
/// Explanations of rules, all together; those of later rules are left out.
inline constexpr size_t kMaxExplanationBytes = size_t{8} << 20;

struct Snapshot {
  std::vector<std::vector<check::NamedText>> groups;
  std::string lint_config;  ///< file of settings; empty: none
  bool lint = true;
};

/// A place in a file of the snapshot, or in the settings of lints.
struct FilePlace {
  std::string file;
  Range range;
};

struct TextEdit {
  FilePlace place;
  std::string text;
};

struct Finding {
  std::string code;
  int severity = 1;  ///< 1 error, 2 warning, 3 information, as LSP counts
  FilePlace place;
  std::string message, label, hint;
  std::vector<std::pair<FilePlace, std::string>> related;
  std::vector<TextEdit> edits;  ///< that mend it; none if that takes a human
};

/// What becomes of a rule.
struct RuleFacts {
  std::string explanation;          ///< as `falcoc explain` prints it
  std::vector<std::string> events;  ///< that can make it match
};

struct Analysis {
  std::vector<Finding> findings;
  std::map<std::string, RuleFacts, std::less<>> rules;
};

/// Hands out the result twice: what `check` says, then the same with what lints find and what
/// becomes of rules.
void analyse(const Snapshot& snapshot, const std::function<void(const Analysis&)>& tell);

Json to_json(const Analysis& analysis);
Analysis analysis_from(const Json& json);

}  // namespace falcoc::lsp

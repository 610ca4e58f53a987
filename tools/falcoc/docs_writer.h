// How the documents of `falcoc docs` are written. Texts of rules are foreign: every piece is
// escaped.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace falcoc::cli {

/// A rule as other places of the document name it.
struct RuleAnchor {
  std::string_view name;
  std::string anchor;
};

/// What rules look for of one tactic.
struct TacticColumn {
  struct Technique {
    std::string name;  ///< empty: rules that name none
    std::vector<RuleAnchor> rules;
  };
  std::string name;
  std::vector<Technique> techniques;
};

class Writer {
 public:
  virtual ~Writer() = default;
  virtual std::string begin(std::string_view title, std::string_view lead) const = 0;
  virtual std::string heading(std::string_view text) const = 0;
  virtual std::string rule_heading(const RuleAnchor& rule) const = 0;
  virtual std::string paragraph(std::string_view text) const = 0;
  virtual std::string labelled(std::string_view label, std::string_view text) const = 0;
  virtual std::string code(std::string_view label, std::string_view text) const = 0;
  virtual std::string technique(const std::string& technique) const = 0;
  virtual std::string rule_link(const RuleAnchor& rule) const = 0;
  /// Rows of cells that are in this format already.
  virtual std::string table(const std::vector<std::string>& head,
                            const std::vector<std::vector<std::string>>& rows) const = 0;
  /// Techniques below their tactics, each with its rules.
  virtual std::string matrix(const std::vector<TacticColumn>& columns) const = 0;
  virtual std::string labelled_raw(std::string_view label, std::string_view made) const = 0;
  virtual std::string text(std::string_view text) const = 0;
  virtual std::string end() const = 0;
};

/// For "markdown" or "html".
std::unique_ptr<Writer> make_writer(std::string_view format);

}  // namespace falcoc::cli

// The tree of a template, from template_parse.cpp to template_run.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace falcod::route {

struct TemplatePipeline;

/// A word of a command.
struct TemplateOperand {
  enum class Kind : uint8_t {
    LITERAL,
    DOT,       ///< `.`, `.a.b`
    VARIABLE,  ///< `$`, `$x.a`; `name` without the dollar sign
    PIPELINE,  ///< `(…)`, `(…).a`
    FUNCTION,  ///< first word of a command; `name`
  };
  Kind kind = Kind::LITERAL;
  nlohmann::json literal{};
  std::string name{};
  std::vector<std::string> path{};                     ///< fields behind it
  std::shared_ptr<const TemplatePipeline> pipeline{};  ///< PIPELINE
};

struct TemplateCommand {
  std::vector<TemplateOperand> words;  ///< one at least
};

struct TemplatePipeline {
  /// `$x := …`, of range `$i, $x := …`; empty: none.
  std::vector<std::string> variables{};
  bool assigns = false;  ///< `$x = …`
  std::vector<TemplateCommand> commands{};
};

struct TemplateNode {
  enum class Kind : uint8_t { TEXT, ACTION, IF, WITH, RANGE };
  Kind kind = Kind::TEXT;
  std::string text{};
  TemplatePipeline pipeline{};
  std::vector<TemplateNode> body{};
  std::vector<TemplateNode> otherwise{};
};

/// Whether there is a function of this name.
bool is_template_function(std::string_view name);

}  // namespace falcod::route

// Go's templates (text/template), as Falcosidekick's users write them in `messageformat` and
// `templatedfields`: values, pipelines, if, with, range, variables, comments, trimming, and the
// functions that Go has by itself. What is not there (define, template, block, break, continue,
// methods) is an error where it is configured, not an empty text where it is used.
#pragma once

#include <expected>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace falcod::route {

struct TemplateNode;

class Template {
 public:
  /// The error says what is not understood.
  static std::expected<Template, std::string> parse(std::string_view text);
  /// Over `data`, which is what the dot stands for. Absent values are empty texts. What a function
  /// cannot work on is left out; a text of more than kMaxText bytes is cut.
  std::string render(const nlohmann::json& data) const;

  static constexpr size_t kMaxText = 1u << 20;

 private:
  std::shared_ptr<const std::vector<TemplateNode>> nodes_;
};

}  // namespace falcod::route

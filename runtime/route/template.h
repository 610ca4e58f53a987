// The part of Go's templates that Falcosidekick's users write: texts with `{{ .Name }}` and
// `{{ index .OutputFields "k8s.ns.name" }}`. Anything else is an error where it is configured, not
// an empty text where it is used.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace falcod::route {

class Template {
 public:
  /// What a reference stands for: `name` without the dot ("" for the whole), and the key of
  /// `index`, empty if there is none.
  using Lookup = std::function<std::string(std::string_view name, std::string_view key)>;

  /// The error says what is not understood.
  static std::expected<Template, std::string> parse(std::string_view text);
  std::string render(const Lookup& lookup) const;
  bool empty() const { return pieces_.empty(); }

 private:
  struct Piece {
    bool is_text = true;
    std::string text;  ///< or the name
    std::string key{};
  };
  std::vector<Piece> pieces_;
};

}  // namespace falcod::route

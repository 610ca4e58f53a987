// See template.h.
#include "runtime/route/template.h"

#include <fmt/format.h>

namespace falcod::route {

namespace {

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

bool is_name(std::string_view text) {
  return text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == text.npos;
}

/// The text between quotes or backquotes, nothing if it is none.
bool unquote(std::string_view text, std::string& out) {
  if (text.size() < 2 || text.front() != text.back()) return false;
  if (text.front() != '"' && text.front() != '`') return false;
  out = text.substr(1, text.size() - 2);
  return out.find(text.front()) == out.npos;
}

}  // namespace

std::expected<Template, std::string> Template::parse(std::string_view text) {
  Template out;
  while (!text.empty()) {
    const size_t begin = text.find("{{");
    if (begin != 0) {
      out.pieces_.push_back({.text = std::string(text.substr(0, begin))});
      if (begin == text.npos) break;
      text.remove_prefix(begin);
    }
    const size_t end = text.find("}}");
    if (end == text.npos) return std::unexpected("`{{` without `}}`");
    const std::string_view action = trimmed(text.substr(2, end - 2));
    text.remove_prefix(end + 2);
    Piece piece{.is_text = false, .text = {}};
    std::string_view name = action;
    if (action.starts_with("index ")) {
      const std::string_view rest = trimmed(action.substr(6));
      const size_t blank = rest.find_first_of(" \t");
      name = rest.substr(0, blank);
      if (blank == rest.npos || !unquote(trimmed(rest.substr(blank)), piece.key)) name = {};
    }
    if (!name.starts_with('.') || !is_name(name.substr(1))) {
      return std::unexpected(fmt::format(
          "`{{{{ {} }}}}` is not understood: use {{{{ .Name }}}} or {{{{ index . \"key\" }}}}",
          action));
    }
    piece.text = name.substr(1);
    out.pieces_.push_back(std::move(piece));
  }
  return out;
}

std::string Template::render(const Lookup& lookup) const {
  std::string out;
  for (const Piece& piece : pieces_)
    out += piece.is_text ? piece.text : lookup(piece.text, piece.key);
  return out;
}

}  // namespace falcod::route

#include "tools/falcoc/lsp/document.h"

#include <algorithm>

namespace falcoc::lsp {

Document::Document(std::string uri, std::string name, std::string text)
    : uri_(std::move(uri)), name_(std::move(name)) {
  set_text(std::move(text));
}

void Document::set_text(std::string text) {
  text_ = std::move(text);
  lines_ = LineIndex(text_);
  outline_.reset();
}

void Document::open(std::string uri, int64_t version, std::string text) {
  uri_ = std::move(uri);
  version_ = version;
  if (text != text_) set_text(std::move(text));
}

const Outline& Document::outline() {
  if (!outline_) outline_ = reader_.read(text_);
  return *outline_;
}

void Document::change(const Json& change, Encoding encoding) {
  std::string text = text_at(change, "text");
  const Json& range = at(change, "range");
  if (!range.is_object()) {
    set_text(std::move(text));
    return;
  }
  const uint32_t begin = offset(at(range, "start"), encoding);
  const uint32_t end = std::max(begin, offset(at(range, "end"), encoding));
  std::string changed = std::move(text_);
  changed.replace(begin, end - begin, text);
  set_text(std::move(changed));
}

uint32_t Document::offset(const Json& position, Encoding encoding) const {
  return lines_.offset(text_, {number_at(position, "line"), number_at(position, "character")},
                       encoding);
}

Json Document::position(uint32_t offset, Encoding encoding) const {
  const Position position = lines_.position(text_, offset, encoding);
  return {{"line", position.line}, {"character", position.character}};
}

Json Document::range(Range range, Encoding encoding) const {
  return {{"start", position(range.begin, encoding)}, {"end", position(range.end, encoding)}};
}

Json Document::location(Range place, Encoding encoding) const {
  return {{"uri", uri_}, {"range", range(place, encoding)}};
}

std::string_view Document::slice(Range range) const {
  const size_t begin = std::min<size_t>(range.begin, text_.size());
  const size_t end = std::clamp<size_t>(range.end, begin, text_.size());
  return std::string_view(text_).substr(begin, end - begin);
}

}  // namespace falcoc::lsp

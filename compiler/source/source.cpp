#include "compiler/source/source.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace falcoc {

SourceFile::SourceFile(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  line_starts_.push_back(0);
  for (size_t i = 0; i < text_.size(); ++i) {
    const bool crlf = text_[i] == '\r' && i + 1 < text_.size() && text_[i + 1] == '\n';
    if ((text_[i] == '\n' || text_[i] == '\r') && !crlf) {
      line_starts_.push_back(static_cast<uint32_t>(i + 1));
    }
  }
}

LineColumn SourceFile::position(uint32_t offset) const {
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const auto line = static_cast<uint32_t>(next - line_starts_.begin());
  return {.line = line, .column = offset - line_starts_[line - 1] + 1};
}

std::string_view SourceFile::line(uint32_t line) const {
  if (line == 0 || line > line_starts_.size()) return {};
  const size_t begin = line_starts_[line - 1];
  size_t end = line < line_starts_.size() ? line_starts_[line] : text_.size();
  while (end > begin && (text_[end - 1] == '\n' || text_[end - 1] == '\r')) --end;
  return std::string_view(text_).substr(begin, end - begin);
}

FileId SourceMap::add(std::string name, std::string text) {
  files_.push_back(std::make_unique<SourceFile>(std::move(name), std::move(text)));
  return FileId(files_.size() - 1);
}

const SourceFile& SourceMap::file(FileId id) const {
  assert(static_cast<size_t>(id) < files_.size());
  return *files_[static_cast<size_t>(id)];
}

MappedText::MappedText(std::string text, Span where) : text_(std::move(text)) {
  segments_.push_back(
      {.text_begin = 0, .text_end = static_cast<uint32_t>(text_.size()), .where = where});
}

void MappedText::append(std::string_view piece, Span where) {
  const auto begin = static_cast<uint32_t>(text_.size());
  text_ += piece;
  segments_.push_back(
      {.text_begin = begin, .text_end = static_cast<uint32_t>(text_.size()), .where = where});
}

void MappedText::append(const MappedText& other) {
  const auto shift = static_cast<uint32_t>(text_.size());
  text_ += other.text_;
  for (Segment segment : other.segments_) {
    segment.text_begin += shift;
    segment.text_end += shift;
    segments_.push_back(segment);
  }
}

namespace {

bool maps_byte_for_byte(uint32_t text_size, Span where) {
  return text_size == where.end - where.begin;
}

}  // namespace

Span MappedText::span(uint32_t begin, uint32_t end) const {
  if (segments_.empty()) return {};
  // The segment that holds a position: the last one that begins at or before it, so that a position
  // between two segments belongs to the one that follows.
  const auto holding = [&](uint32_t position) {
    auto it = std::upper_bound(
        segments_.begin(), segments_.end(), position,
        [](uint32_t value, const Segment& segment) { return value < segment.text_begin; });
    return it == segments_.begin() ? it : it - 1;
  };
  const auto first = holding(begin);
  const auto start = [&](const Segment& segment, uint32_t position) {
    if (!maps_byte_for_byte(segment.text_end - segment.text_begin, segment.where)) {
      return segment.where.begin;
    }
    return segment.where.begin + std::min(position, segment.text_end) - segment.text_begin;
  };
  Span result{.file = first->where.file, .begin = start(*first, begin), .end = 0};
  if (end <= begin) {
    result.end = result.begin;
    return result;
  }
  const auto last = holding(end - 1);
  if (last->where.file != first->where.file) {  // joined from two files: the part in the first one
    result.end = maps_byte_for_byte(first->text_end - first->text_begin, first->where)
                     ? first->where.begin + (std::min(end, first->text_end) - first->text_begin)
                     : first->where.end;
    return result;
  }
  result.end = maps_byte_for_byte(last->text_end - last->text_begin, last->where)
                   ? last->where.begin + (std::min(end, last->text_end) - last->text_begin)
                   : last->where.end;
  result.end = std::max(result.end, result.begin);
  return result;
}

MappedText MappedText::slice(uint32_t begin, uint32_t end) const {
  MappedText result;
  for (const Segment& segment : segments_) {
    const uint32_t from = std::max(begin, segment.text_begin);
    const uint32_t to = std::min(end, segment.text_end);
    if (from < to) result.append(std::string_view(text_).substr(from, to - from), span(from, to));
  }
  return result;
}

}  // namespace falcoc

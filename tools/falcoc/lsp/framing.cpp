#include "tools/falcoc/lsp/framing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace falcoc::lsp {

namespace {

constexpr std::string_view kHeaderEnd = "\r\n\r\n";
constexpr std::string_view kLength = "content-length:";

/// The length that a header names.
std::optional<size_t> length_in(std::string_view header) {
  while (!header.empty()) {
    const size_t end = std::min(header.find("\r\n"), header.size());
    std::string_view line = header.substr(0, end);
    header.remove_prefix(std::min(end + 2, header.size()));
    const bool is_length =
        line.size() > kLength.size() &&
        std::ranges::equal(line.substr(0, kLength.size()), kLength, {},
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (!is_length) continue;
    line.remove_prefix(kLength.size());
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    size_t length = 0;
    const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), length);
    if (error != std::errc() || rest != line.data() + line.size()) return std::nullopt;
    return length;
  }
  return std::nullopt;
}

}  // namespace

void FrameReader::feed(std::string_view bytes) {
  const size_t skipped = std::min(skip_, bytes.size());
  skip_ -= skipped;
  bytes.remove_prefix(skipped);
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  buffer_ += bytes;
}

std::optional<Frame> FrameReader::read_header() {
  const std::string_view rest = std::string_view(buffer_).substr(begin_);
  const size_t end = rest.find(kHeaderEnd);
  if (end == rest.npos) {
    if (rest.size() <= kMaxHeaderBytes) return std::nullopt;
    // What is left may be the beginning of the end of a header.
    begin_ = buffer_.size() - (kHeaderEnd.size() - 1);
    return Frame{.body = {}, .problem = "header without an end"};
  }
  const auto length = length_in(rest.substr(0, end));
  begin_ += end + kHeaderEnd.size();
  if (!length) return Frame{.body = {}, .problem = "header without a Content-Length"};
  if (*length <= kMaxMessageBytes) {
    body_ = length;
    return std::nullopt;
  }
  const size_t here = std::min(*length, buffer_.size() - begin_);
  begin_ += here;
  skip_ = *length - here;
  return Frame{.body = {},
               .problem = fmt::format("message of {} bytes; at most {} are read", *length,
                                      kMaxMessageBytes)};
}

std::optional<Frame> FrameReader::next() {
  if (!body_) {
    if (auto problem = read_header()) return problem;
  }
  if (!body_ || buffer_.size() - begin_ < *body_) return std::nullopt;
  Frame frame{.body = buffer_.substr(begin_, *body_), .problem = {}};
  begin_ += *body_;
  body_.reset();
  return frame;
}

std::string framed(std::string_view body) {
  return fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
}

}  // namespace falcoc::lsp

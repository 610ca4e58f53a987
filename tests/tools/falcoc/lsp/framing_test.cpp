#include "tools/falcoc/lsp/framing.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace falcoc::lsp {
namespace {

std::string body_of(FrameReader& reader) {
  const auto frame = reader.next();
  if (!frame) return "(nothing)";
  return frame->problem.empty() ? frame->body : "(" + frame->problem + ")";
}

TEST_CASE("messages are found however the stream is cut") {
  const std::string stream = framed("{}") + framed(R"({"a":1})") + framed("");
  for (size_t piece = 1; piece <= stream.size(); ++piece) {
    FrameReader reader;
    std::vector<std::string> bodies;
    for (size_t at = 0; at < stream.size(); at += piece) {
      reader.feed(std::string_view(stream).substr(at, piece));
      while (const auto frame = reader.next()) bodies.push_back(frame->body);
    }
    CHECK(bodies == std::vector<std::string>{"{}", R"({"a":1})", ""});
  }
}

TEST_CASE("headers may be in any case and order") {
  FrameReader reader;
  reader.feed(
      "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:2 \r\n\r\n{}");
  CHECK(body_of(reader) == "{}");
  CHECK(body_of(reader) == "(nothing)");
}

TEST_CASE("a header that cannot be used is told of, and the stream goes on behind it") {
  FrameReader reader;
  reader.feed("Content-Length: many\r\n\r\n" + framed("{}"));
  CHECK(body_of(reader) == "(header without a Content-Length)");
  CHECK(body_of(reader) == "{}");

  reader.feed("Content-Length: 99999999999999999999\r\n\r\n" + framed("1"));
  CHECK(body_of(reader) == "(header without a Content-Length)");
  CHECK(body_of(reader) == "1");

  reader.feed(std::string(kMaxHeaderBytes + 1, 'x'));
  CHECK(body_of(reader) == "(header without an end)");
  reader.feed("\r\n\r\n" + framed("2"));
  CHECK(body_of(reader) == "(header without a Content-Length)");
  CHECK(body_of(reader) == "2");
}

TEST_CASE("a message that is too long is skipped without being kept") {
  FrameReader reader;
  const size_t length = kMaxMessageBytes + 10;
  reader.feed("Content-Length: " + std::to_string(length) + "\r\n\r\n");
  CHECK(body_of(reader).starts_with("(message of"));
  const std::string piece(size_t{1} << 20, 'x');
  for (size_t fed = 0; fed < length;) {
    const size_t size = std::min(piece.size(), length - fed);
    reader.feed(std::string_view(piece).substr(0, size));
    CHECK_FALSE(reader.next().has_value());
    fed += size;
  }
  reader.feed(framed("{}"));
  CHECK(body_of(reader) == "{}");
}

}  // namespace
}  // namespace falcoc::lsp

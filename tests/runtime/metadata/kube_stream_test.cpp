// What a watch sends, in pieces, and what it should not send.
#include "runtime/metadata/kube_stream.h"

#include <doctest/doctest.h>

using namespace falcod::metadata;

namespace {

struct Fixture {
  std::string seen;
  KubeStream stream{[this](const std::string& type, const Json& object) {
    seen += type + ":" + text_of(object, "name") + " ";
  }};
};

std::string event(const std::string& type, const std::string& name) {
  return R"({"type":")" + type + R"(","object":{"name":")" + name + "\"}}\n";
}

}  // namespace

TEST_CASE("events come whole, however they are cut") {
  const std::string text =
      event("ADDED", "a") + "\n" + event("BOOKMARK", "b") + event("DELETED", "c");
  for (size_t size = 1; size <= text.size(); ++size) {
    Fixture f;
    for (size_t at = 0; at < text.size(); at += size) CHECK(f.stream.take(text.substr(at, size)));
    CHECK(f.seen == "ADDED:a BOOKMARK:b DELETED:c ");
    CHECK(f.stream.error().status == 200);
    CHECK(f.stream.rest().empty());
  }
}

TEST_CASE("an error ends a watch") {
  Fixture f;
  const std::string gone =
      R"({"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}})";
  CHECK_FALSE(f.stream.take(event("ADDED", "a") + gone + "\n" + event("ADDED", "b")));
  CHECK(f.seen == "ADDED:a ");
  CHECK(f.stream.error().status == kKubeGone);
  CHECK(f.stream.error().message == "too old");
  CHECK_FALSE(f.stream.take(event("ADDED", "c")));
  CHECK(f.seen == "ADDED:a ");
}

TEST_CASE("a refusal is one by its code, with and without an end of line") {
  const std::string refusal = R"({"kind":"Status","code":403,"message":"pods is forbidden"})";
  Fixture f;
  CHECK(f.stream.take(refusal));
  CHECK(f.stream.rest() == refusal);
  CHECK_FALSE(f.stream.take("\n"));
  CHECK(f.stream.error().status == 403);
  CHECK(f.stream.error().message == "pods is forbidden");
}

TEST_CASE("what is no event is as good as forgotten") {
  for (const char* text :
       {"<html>\n", "[]\n", "{}\n", "null\n", "{\"type\":\"NEWS\"}\n", "{\"type\":7}\n"}) {
    CAPTURE(text);
    Fixture f;
    CHECK_FALSE(f.stream.take(text));
    CHECK(f.stream.error().status == kKubeGone);
  }
  Fixture f;
  CHECK_FALSE(f.stream.take("{\"type\":\"ERROR\",\"object\":{\"code\":200}}\n"));
  CHECK(f.stream.error().status != 200);
}

TEST_CASE("a line that is too long is left out, and nothing else") {
  Fixture f;
  const std::string piece(1 << 16, 'x');
  CHECK(f.stream.take(event("ADDED", "a")));
  for (size_t size = 0; size <= 2 * KubeStream::kMaxLine; size += piece.size()) {
    CHECK(f.stream.take(piece));
    CHECK(f.stream.rest().size() <= KubeStream::kMaxLine);
  }
  CHECK(f.stream.take("\n" + event("ADDED", "b")));
  CHECK(f.seen == "ADDED:a ADDED:b ");
  CHECK(f.stream.lines_left_out() == 1);
}

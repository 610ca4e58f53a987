// Texts that engines send and nobody vouches for.
#include "runtime/metadata/json.h"

#include <doctest/doctest.h>

using namespace falcod::metadata;

TEST_CASE("what is no JSON reads as nothing, what is not UTF-8 becomes U+FFFD") {
  CHECK(parse_json("{").is_null());
  CHECK(parse_json("").is_null());
  CHECK(text_of(parse_json("{\"a\":\"x\xff\"}"), "a") == "x\xef\xbf\xbd");
}

TEST_CASE("values of another kind read as empty ones") {
  const Json object = parse_json(R"({"a":1,"b":{"c":true},"d":["x",2]})");
  CHECK(text_of(object, "a").empty());
  CHECK(text_of(member(member(object, "a"), "b"), "c").empty());
  CHECK(switch_of(member(object, "b"), "c"));
  CHECK_FALSE(switch_of(object, "a"));
  CHECK(texts_of(member(object, "d")) == std::vector<std::string>{"x", ""});
  CHECK(texts_of(object).empty());
  CHECK(labels_of(member(object, "d"), 100).empty());
}

TEST_CASE("long texts are cut, long labels left out, and there are so many and no more") {
  Json object = Json::object();
  object["long"] = std::string(1 << 20, 'x');
  object["short"] = "y";
  CHECK(text_of(object, "long").size() == kMaxText);
  CHECK(labels_of(object, 100) == std::map<std::string, std::string>{{"short", "y"}});
  for (int i = 0; i < 2000; ++i) object[std::to_string(i)] = "z";
  CHECK(labels_of(object, 100).size() == kMaxItems);
}

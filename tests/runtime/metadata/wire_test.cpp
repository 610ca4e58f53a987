#include "runtime/metadata/wire.h"

#include <doctest/doctest.h>

using namespace falcod::metadata::wire;

TEST_CASE("what was written is read again; defaults are left out, unknown fields passed over") {
  Writer message;
  message.number(1, 0).number(2, 300).text(3, "text").text(4, "");
  message.message(5, Writer()).entry(6, "key", "value").entry(6, "other", "");
  message.number(40000, ~uint64_t{0});
  const std::string_view bytes = message.bytes();
  CHECK(number_of(bytes, 1) == 0);
  CHECK(number_of(bytes, 2) == 300);
  CHECK(bytes_of(bytes, 3) == "text");
  CHECK(bytes_of(bytes, 5).empty());
  CHECK(map_of(bytes, 6) == std::map<std::string, std::string>{{"key", "value"}, {"other", ""}});
  CHECK(map_of(bytes, 6, 4) == std::map<std::string, std::string>{{"other", ""}});
  CHECK(number_of(bytes, 40000) == ~uint64_t{0});
}

TEST_CASE("the bytes are those of Protocol Buffers") {
  CHECK(Writer().number(1, 150).bytes() == std::string("\x08\x96\x01", 3));
  CHECK(Writer().text(2, "testing").bytes() == "\x12\x07testing");
}

TEST_CASE("damaged messages end where they make no sense") {
  for (const std::string_view bytes :
       {"\x12\x7fshort", "\x08\xff\xff", "\x0b", "\xff", "\x09\x01"}) {
    Reader reader(bytes);
    CHECK_FALSE(reader.next());
  }
  const std::string fixed("\x09\1\2\3\4\5\6\7\x08\x15\1\2\3\4\x18\x01", 16);
  CHECK(number_of(fixed, 3) == 1);
}

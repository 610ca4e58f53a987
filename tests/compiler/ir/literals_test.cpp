// Literals: what each type accepts, what it becomes, and what the errors say.
#include "compiler/ir/literals.h"

#include <doctest/doctest.h>

#include <bit>
#include <filesystem>

namespace falcoc::ir {
namespace {

using Result = std::expected<Literal, Diagnostic>;

Result convert(ParamType type, std::string text, Operator op = Operator::EQ) {
  return convert_literal(type, op, {.text = std::move(text), .span = {FileId{0}, 3, 7}});
}
uint64_t number(ParamType type, std::string text) { return convert(type, std::move(text))->number; }
bool fails(ParamType type, std::string text, Code code, Operator op = Operator::EQ) {
  const Result result = convert(type, std::move(text), op);
  return !result && result.error().code == code && result.error().span.begin == 3;
}
std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}

TEST_CASE("integers are decimal, with sign and leading blanks and zeros") {
  CHECK(number(ParamType::INT64, "77") == 77);
  CHECK(number(ParamType::INT64, "077") == 77);
  CHECK(number(ParamType::INT64, "+77") == 77);
  CHECK(number(ParamType::INT64, " \t77") == 77);
  CHECK(static_cast<int64_t>(number(ParamType::PID, "-1")) == -1);
  for (const std::string text : {"", " ", "-", "1.5", "1e+3", "5 ", "0x10", "5s", "--1", "a"}) {
    INFO(text);
    CHECK(fails(ParamType::INT64, text, Code::LITERAL_INVALID));
  }
}

TEST_CASE("the error for a hexadecimal number says what to write") {
  CHECK(convert(ParamType::INT64, "0x1F").error().hint.find("31") != std::string::npos);
}

TEST_CASE("a number out of the range of its type is an error") {
  CHECK(number(ParamType::INT16, "32767") == 32767);
  CHECK(fails(ParamType::INT16, "32768", Code::LITERAL_OUT_OF_RANGE));
  CHECK(fails(ParamType::INT16, "65537", Code::LITERAL_OUT_OF_RANGE));
  CHECK(fails(ParamType::INT8, "-129", Code::LITERAL_OUT_OF_RANGE));
  CHECK(number(ParamType::UINT32, "4294967295") == 4294967295);
  CHECK(fails(ParamType::UINT32, "4294967296", Code::LITERAL_OUT_OF_RANGE));
  CHECK(number(ParamType::UINT64, "18446744073709551615") == ~uint64_t{0});
  CHECK(fails(ParamType::UINT64, "18446744073709551616", Code::LITERAL_OUT_OF_RANGE));
  CHECK(fails(ParamType::RELTIME, "99999999999999999999999", Code::LITERAL_OUT_OF_RANGE));
  CHECK(static_cast<int64_t>(number(ParamType::INT64, "-9223372036854775808")) == INT64_MIN);
  CHECK(fails(ParamType::INT64, "9223372036854775808", Code::LITERAL_OUT_OF_RANGE));
}

TEST_CASE("negative numbers of unsigned types wrap within their width") {
  CHECK(number(ParamType::UINT32, "-1") == 0xFFFFFFFF);
  CHECK(number(ParamType::UINT64, "-5") == ~uint64_t{0} - 4);
  CHECK(number(ParamType::UINT8, "-1") == 0xFF);
  CHECK(fails(ParamType::UINT32, "-2147483649", Code::LITERAL_OUT_OF_RANGE));
}

TEST_CASE("doubles may have fractions and exponents") {
  CHECK(std::bit_cast<double>(number(ParamType::DOUBLE, "1")) == 1.0);
  CHECK(std::bit_cast<double>(number(ParamType::DOUBLE, "-1.5")) == -1.5);
  CHECK(std::bit_cast<double>(number(ParamType::DOUBLE, "+1e+3")) == 1000.0);
  for (const std::string text : {"", "x", "inf", "nan", "1.5x", "0x10", "+-1", ".5"}) {
    INFO(text);
    CHECK(fails(ParamType::DOUBLE, text, Code::LITERAL_INVALID));
  }
  CHECK(fails(ParamType::DOUBLE, "1e+999", Code::LITERAL_OUT_OF_RANGE));
}

TEST_CASE("booleans are the words true and false") {
  CHECK(number(ParamType::BOOL, "true") == 1);
  CHECK(number(ParamType::BOOL, "false") == 0);
  for (const std::string text : {"1", "True", "yes", ""}) {
    CHECK(fails(ParamType::BOOL, text, Code::LITERAL_INVALID));
  }
}

TEST_CASE("ports are numbers up to 65535, nothing, or services of the host") {
  CHECK(number(ParamType::PORT, "8443") == 8443);
  CHECK(number(ParamType::PORT, "65535") == 65535);
  CHECK(number(ParamType::PORT, "") == 0);
  CHECK(fails(ParamType::PORT, "65536", Code::LITERAL_OUT_OF_RANGE));
  CHECK(fails(ParamType::PORT, "99999999999999999999", Code::LITERAL_OUT_OF_RANGE));
  CHECK(fails(ParamType::PORT, "no-such-service", Code::LITERAL_INVALID));
  CHECK(fails(ParamType::PORT, "-1", Code::LITERAL_INVALID));
}

TEST_CASE("a port can be the name of a service") {
  if (!std::filesystem::exists("/etc/services")) {
    MESSAGE("SKIPPED: no services database on this machine");
    return;
  }
  CHECK(number(ParamType::PORT, "https") == 443);
}

TEST_CASE("addresses with a dot are IPv4, all others IPv6") {
  CHECK(convert(ParamType::IPADDR, "10.7.0.5")->bytes == bytes({10, 7, 0, 5}));
  CHECK(convert(ParamType::IPADDR, "::1")->bytes ==
        bytes({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  for (const std::string text :
       {"172.20.3", "::ffff:1.2.3.4", "1.2.3.256", "x", "", "10.0.0.0/8", "1"}) {
    INFO(text);
    CHECK(fails(ParamType::IPADDR, text, Code::LITERAL_INVALID));
  }
  CHECK(fails(ParamType::IPV4ADDR, "::1", Code::LITERAL_INVALID));
  CHECK(fails(ParamType::IPV6ADDR, "10.0.0.1", Code::LITERAL_INVALID));
}

TEST_CASE("networks need a prefix length, and lose their host bits") {
  const Literal network = convert(ParamType::IPNET, "172.20.3.4/20").value();
  CHECK(network.bytes == bytes({172, 20, 0, 0}));
  CHECK(network.prefix_bits == 20);
  CHECK(convert(ParamType::IPNET, "1.2.3.4/0")->bytes == bytes({0, 0, 0, 0}));
  CHECK(convert(ParamType::IPNET, "1.2.3.4/32")->bytes == bytes({1, 2, 3, 4}));
  CHECK(convert(ParamType::IPNET, "2001:db8::1/0")->bytes == std::string(16, '\0'));
  CHECK(convert(ParamType::IPNET, "2001:db8:ffff::/33")->bytes.substr(0, 6) ==
        bytes({0x20, 0x01, 0x0d, 0xb8, 0x80, 0}));
  CHECK(convert(ParamType::IPNET, "::1/128")->prefix_bits == 128);
  for (const std::string text :
       {"172.20.3.4", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/8 ", "10.0/8", "10.0.0.0/-1", "/8"}) {
    INFO(text);
    CHECK(fails(ParamType::IPNET, text, Code::LITERAL_INVALID));
  }
  CHECK(fails(ParamType::IPNET, "10.0.0.0/33", Code::LITERAL_OUT_OF_RANGE));
  CHECK(fails(ParamType::IPNET, "10.0.0.0/272", Code::LITERAL_OUT_OF_RANGE));
  CHECK(fails(ParamType::IPNET, "::/129", Code::LITERAL_OUT_OF_RANGE));
}

TEST_CASE("text has any length but no NUL") {
  CHECK(convert(ParamType::CHARBUF, std::string(5000, 'x'))->bytes.size() == 5000);
  CHECK(convert(ParamType::FSPATH, "")->bytes == "");
  CHECK(fails(ParamType::CHARBUF, std::string(1, '\0'), Code::LITERAL_INVALID));
}

TEST_CASE("buffers hold any bytes; for hex operators the text is decoded") {
  CHECK(convert(ParamType::BYTEBUF, bytes({'a', 0, 'b'}))->bytes == bytes({'a', 0, 'b'}));
  CHECK(convert(ParamType::BYTEBUF, "6b6579", Operator::BCONTAINS)->bytes == "key");
  CHECK(convert(ParamType::BYTEBUF, "6B00", Operator::BSTARTSWITH)->bytes == bytes({'k', 0}));
  CHECK(fails(ParamType::BYTEBUF, "6b6", Code::LITERAL_INVALID, Operator::BCONTAINS));
  CHECK(fails(ParamType::BYTEBUF, "0x6b", Code::LITERAL_INVALID, Operator::BCONTAINS));
}

TEST_CASE("a regex must compile, and the error is RE2's") {
  CHECK(convert(ParamType::CHARBUF, "/d.*", Operator::REGEX)->bytes == "/d.*");
  CHECK(fails(ParamType::CHARBUF, "(", Code::REGEX_INVALID, Operator::REGEX));
  CHECK(convert(ParamType::CHARBUF, "(", Operator::REGEX).error().message.find("missing )") !=
        std::string::npos);
}

TEST_CASE("types that cannot be compared take no literal") {
  CHECK(fails(ParamType::UID, "0", Code::LITERAL_INVALID));
  CHECK(fails(ParamType::SOCKTUPLE, "x", Code::LITERAL_INVALID));
}

}  // namespace
}  // namespace falcoc::ir

// Values and event parameters as text and JSON (RULE-LANGUAGE 6.2, 6.3).
#include "runtime/engine/render.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "compiler/catalog/flag_encoding.h"
#include "tests/support/record_builder.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using falcoc::flag_names;
using falcoc::ParamType;
using falcoc::PrintFormat;
using falcoc::Shape;
using falcoc::Value;
using nlohmann::json;
using testing::EventBuilder;

std::string text_of_value(ParamType type, PrintFormat format, const Value& value,
                          Shape shape = Shape::SCALAR) {
  std::string out;
  append_text(out, {type, shape}, format, value);
  return out;
}

Value number(int64_t value) {
  Value out;
  out.i64 = value;
  return out;
}
Value bytes(std::string_view text) { return Value::of_text(text); }

TEST_CASE("numbers print by their format, and are JSON numbers where that is decimal") {
  struct Case {
    ParamType type;
    PrintFormat format;
    int64_t value;
    const char* text;
    json as_json;
  };
  const Case cases[] = {
      {ParamType::INT64, PrintFormat::DEC, -5, "-5", -5},
      {ParamType::UINT64, PrintFormat::ID, -1, "18446744073709551615", ~uint64_t{0}},
      {ParamType::UINT32, PrintFormat::NA, 1, "1", 1},  // quirk Q41
      {ParamType::INT32, PrintFormat::HEX, 0xab, "AB", "AB"},
      {ParamType::INT32, PrintFormat::HEX, -1, "FFFFFFFF", "FFFFFFFF"},
      {ParamType::UINT32, PrintFormat::OCT, 0640, "640", "640"},
      {ParamType::RELTIME, PrintFormat::PADDED_DEC, 42, "000000042", "000000042"},
      {ParamType::ABSTIME, PrintFormat::DEC, 42, "42", 42},
      {ParamType::ERRNO, PrintFormat::DEC, -2, "-2", -2},  // quirk Q42
      {ParamType::PORT, PrintFormat::DEC, 443, "443", 443},
      {ParamType::BOOL, PrintFormat::NA, 1, "true", true},
      {ParamType::BOOL, PrintFormat::NA, 0, "false", false},
      {ParamType::FLAGS32, PrintFormat::DEC, 3, "3", 3},
  };
  for (const Case& each : cases) {
    CAPTURE(each.text);
    CHECK_EQ(text_of_value(each.type, each.format, number(each.value)), each.text);
    CHECK_EQ(to_json({each.type, Shape::SCALAR}, each.format, number(each.value)), each.as_json);
  }
  Value half;
  half.f64 = 2.54;
  CHECK_EQ(text_of_value(ParamType::DOUBLE, PrintFormat::NA, half), "2.5");
  CHECK_EQ(to_json({ParamType::DOUBLE, Shape::SCALAR}, PrintFormat::NA, half), json(2.54));
}

TEST_CASE("text, buffers, addresses and networks") {
  CHECK_EQ(text_of_value(ParamType::CHARBUF, PrintFormat::NA, bytes("a b")), "a b");
  CHECK_EQ(text_of_value(ParamType::BYTEBUF, PrintFormat::NA, bytes("a\nb\x7f")), "a.b.");
  const uint32_t address = htonl(0x0a000001);
  const Value four = bytes({reinterpret_cast<const char*>(&address), 4});
  CHECK_EQ(text_of_value(ParamType::IPADDR, PrintFormat::NA, four), "10.0.0.1");
  CHECK_EQ(to_json({ParamType::IPADDR, Shape::SCALAR}, PrintFormat::NA, four), json("10.0.0.1"));
  std::string six(16, '\0');
  six.back() = 1;
  CHECK_EQ(text_of_value(ParamType::IPADDR, PrintFormat::NA, bytes(six)), "::1");
  CHECK_EQ(text_of_value(ParamType::IPNET, PrintFormat::NA, four), "<IPNET>");
}

TEST_CASE("lists, ancestors and either side") {
  const std::vector<Value> items{bytes("a"), bytes("b")};
  Value list;
  list.set_items(items.data(), items.size());
  CHECK_EQ(text_of_value(ParamType::CHARBUF, PrintFormat::NA, list, Shape::LIST), "(a,b)");
  CHECK_EQ(to_json({ParamType::CHARBUF, Shape::LIST}, PrintFormat::NA, list), json({"a", "b"}));
  CHECK_EQ(text_of_value(ParamType::CHARBUF, PrintFormat::NA, list, Shape::ANCESTORS), "a b");
  CHECK_EQ(to_json({ParamType::CHARBUF, Shape::ANCESTORS}, PrintFormat::NA, list), json("a b"));
  CHECK_EQ(text_of_value(ParamType::CHARBUF, PrintFormat::NA, list, Shape::EITHER_SIDE), "<NA>");
  const std::string longest(2000, 'x');
  const std::vector<Value> one{bytes(longest)};
  list.items = one.data();
  list.size = 1;
  CHECK_EQ(text_of_value(ParamType::CHARBUF, PrintFormat::NA, list, Shape::LIST).size(), 1023);
}

TEST_CASE("flag names: bits are consumed in order, values of enumerations are equal") {
  const auto& flags = falcoc::flag_table(falcoc::FlagTableId::file_flags);
  CHECK_EQ(flag_names(flags, 0), "O_NONE");
  CHECK_EQ(flag_names(flags, 1), "O_RDONLY");
  CHECK_EQ(flag_names(flags, 3), "O_RDWR");
  CHECK_EQ(flag_names(flags, 1 | 4096), "O_RDONLY|O_CLOEXEC");
  CHECK_EQ(flag_names(flags, 1 << 30), "");
  const auto& families = falcoc::flag_table(falcoc::FlagTableId::socket_families);
  CHECK_EQ(flag_names(families, 2), "AF_INET");
  CHECK_EQ(flag_names(families, 1), "AF_LOCAL|AF_UNIX");
  CHECK_EQ(flag_names(families, 3000), "");
}

struct Fixture {
  ProcessTable table{0};
  Users users{"/nonexistent"};
  EventContext context;

  Fixture() {
    Process process;
    process.pid = process.vpid = 100;
    process.comm = "bash";
    process.cwd = "/home/";
    context.process = table.add(process);
    context.processes = &table;
    context.users = &users;
  }
  std::string args(EventBuilder event) {
    context.event = &event.event();
    return render_params(context);
  }
};

TEST_CASE_FIXTURE(Fixture, "parameters print raw with their meaning in parentheses") {
  EventBuilder kill(EventCode::KILL);
  CHECK_EQ(args(kill.ret(-1).number("pid", 100).number("sig", 9)),
           "res=-1(EPERM) pid=100(bash) sig=9(SIGKILL)");
  EventBuilder chmod(EventCode::CHMOD);
  CHECK_EQ(args(chmod.ret(0).text("filename", "x").number("mode", 0600)),
           "res=0 filename=x(/home/x) mode=0600(S_IWUSR|S_IRUSR)");
  EventBuilder setuid(EventCode::SETUID);
  CHECK_EQ(args(setuid.ret(0).number("uid", -1)), "res=0 uid=-1(<NONE>)");
  CHECK_EQ(args(setuid.ret(0).number("uid", 5)), "res=0 uid=5(<NA>)");
  EventBuilder nanosleep(EventCode::NANOSLEEP);
  CHECK_EQ(args(nanosleep.ret(0).number("interval", 1'500'000'000)),
           "res=0 interval=1500000000(1.5s)");
  EventBuilder lseek(EventCode::LSEEK);
  CHECK_EQ(args(lseek.ret(0).number("fd", -9).number("offset", -5).number("whence", 0)),
           "res=0 fd=-9(EBADF) offset=-5 whence=0(SEEK_SET)");
}

TEST_CASE_FIXTURE(Fixture, "addresses, lists and alternatives") {
  EventBuilder bind(EventCode::BIND);
  CHECK_EQ(args(bind.ret(0).bytes("addr", testing::ip_address("::1", 80))),
           "res=0 addr=::1:80 fd=<NA>");
  EventBuilder connect(EventCode::CONNECT);
  CHECK_EQ(args(connect.ret(0).bytes("tuple", testing::unix_tuple(0xa, 0xb, "/s"))),
           "res=0 tuple=a->b /s fd=<NA> addr=<NA>");
  EventBuilder setsockopt(EventCode::SETSOCKOPT);
  setsockopt.ret(0).number("fd", 3).number("level", 1).number("optname", 2);
  setsockopt.bytes("val", std::string("\2\7\0\0\0", 5)).number("optlen", 4);
  CHECK(args(setsockopt).contains(" val=7 optlen=4"));
}

TEST_CASE_FIXTURE(Fixture, "polled descriptors: number, kind and flags") {
  const std::string one_entry("\1\0\3\0\0\0\0\0\0\0\1\0", 12);
  EventBuilder untold(EventCode::POLL);
  CHECK(args(untold.ret(1).bytes("fds", one_entry)).contains("fds=3:?1"));
  testing::RecordBuilder record(static_cast<uint16_t>(EventCode::POLL));
  record.structure(1, fc_poll_fd{3, 1, 1, FC_ANON_NONE, 0, 0100644, 0});
  EventBuilder file(EventCode::POLL);
  CHECK(args(file.record(record).ret(1).bytes("fds", one_entry)).contains("fds=3:f1"));
}

TEST_CASE_FIXTURE(Fixture, "empty parameters print <NA>, buffers and tuples NULL") {
  EventBuilder sendto(EventCode::SENDTO);
  CHECK_EQ(args(sendto), "res=<NA> data=NULL fd=<NA> size=<NA> tuple=NULL");
  EventBuilder open(EventCode::OPEN);
  CHECK(args(open).contains("name=<NA>"));
}

}  // namespace
}  // namespace falcod

// Alert lines as Falco prints them (RULE-LANGUAGE 6.1, 6.2, 6.4), with values given by the test.
#include "runtime/engine/alert.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>

#include "compiler/ir/compile.h"

using namespace falcod;
namespace ir = falcoc::ir;
using falcoc::FieldId;
using nlohmann::json;

namespace {

/// 2023-11-14 22:13:20.000000042 UTC.
constexpr uint64_t kTime = 1'700'000'000'000'000'042;

std::string_view g_user;  // what the accessors of this test supply
bool user_name(void*, const falcoc::FieldRef&, falcoc::Value& out) {
  out.set_text(g_user);
  return true;
}
bool pid(void*, const falcoc::FieldRef&, falcoc::Value& out) {
  out.i64 = 4711;
  return true;
}
bool absent(void*, const falcoc::FieldRef&, falcoc::Value&) { return false; }

const falcoc::Value* g_value;  // what any_value supplies; null = absent
bool any_value(void*, const falcoc::FieldRef&, falcoc::Value& out) {
  if (g_value != nullptr) out = *g_value;
  return g_value != nullptr;
}

struct Fixture {
  ir::ProgramBuilder builder;
  ir::Rule rule;
  ir::Program program;
  std::vector<falcoc::Accessor> accessors;
  Event event;
  ir::ValueArena arena;
  EventContext context;

  Fixture() {
    ::setenv("TZ", "XYZ-2", 1);  // two hours east of Greenwich
    ::tzset();
    rule.name = "A rule";
    rule.priority = falcoc::Priority::INFORMATIONAL;
    rule.tags = {"zebra", "ant"};
    event.time_ns = kTime;
    context.event = &event;
    context.arena = &arena;
    g_user = "root";
  }

  void text(std::string piece) {
    ir::OutputPiece out;
    out.text = std::move(piece);
    rule.output.pieces.push_back(std::move(out));
  }
  void field(FieldId id, falcoc::Accessor accessor, uint32_t width = 0) {
    const falcoc::FieldInfo& info = falcoc::field_info(id);
    falcoc::FieldRef ref;
    ref.id = id;
    ref.type = info.type;
    ref.shape = info.shape;
    ir::Operand operand;
    operand.type = {info.type, info.shape};
    operand.field = builder.field(ref);
    ir::OutputPiece piece;
    piece.is_text = false;
    piece.width = width;
    piece.operand = builder.operand(operand);
    rule.output.fields.push_back({std::string(info.name), piece.operand});
    rule.output.pieces.push_back(piece);
    accessors.resize(std::max(accessors.size(), static_cast<size_t>(operand.field) + 1), absent);
    accessors[static_cast<size_t>(operand.field)] = accessor;
  }
  std::string line(const AlertOptions& options = {}) {
    rule.condition = builder.constant(true);
    builder.rule(rule);
    program = std::move(builder).finish();
    const AlertFormatter formatter(program, accessors, options, "the-host");
    return formatter.format(program.rules[0], context);
  }
};

AlertOptions as_json() {
  AlertOptions options;
  options.json = true;
  return options;
}

}  // namespace

TEST_CASE("a text alert is local time, priority in full, message") {
  Fixture f;
  f.text("by ");
  f.field(FieldId::user_name, user_name);
  f.text(" pid=");
  f.field(FieldId::proc_pid, pid);
  CHECK(f.line() == "00:13:20.000000042: Informational by root pid=4711");
}

// Falco takes the offset of now (Q43).
TEST_CASE("local times have the offset of their own moment") {
  ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
  ::tzset();
  constexpr uint64_t kHour = 3'600'000'000'000;
  constexpr uint64_t kChange = 1'679'792'400'000'000'000;  // 2023-03-26 01:00 UTC
  CHECK(local_time(kChange - 1) == "01:59:59.999999999");
  CHECK(local_time(kChange) == "03:00:00.000000000");
  CHECK(local_time(kChange + 218 * 24 * kHour) == "02:00:00.000000000");
}

TEST_CASE("with time_format_iso_8601 the time is UTC with its offset") {
  Fixture f;
  f.text("x");
  AlertOptions options;
  options.iso8601_time = true;
  CHECK(f.line(options) == "2023-11-14T22:13:20.000000042+0000: Informational x");
}

TEST_CASE("an absent value prints <NA> in text and null in JSON") {
  Fixture f;
  f.field(FieldId::user_name, absent);
  const json alert = json::parse(f.line(as_json()));
  CHECK(alert["output"] == "00:13:20.000000042: Informational <NA>");
  CHECK(alert["output_fields"]["user.name"].is_null());
}

TEST_CASE("a width pads with blanks and cuts on the right") {
  Fixture f;
  f.text("[");
  f.field(FieldId::user_name, user_name, 6);
  f.text("|");
  f.field(FieldId::user_name, user_name, 2);
  f.text("]");
  CHECK(f.line() == "00:13:20.000000042: Informational [root  |ro]");
}

TEST_CASE("a text alert is escaped like the inside of a JSON string") {
  Fixture f;
  g_user =
      "a\"b\\c\nd\x01"
      "e\xff"
      "f";
  f.field(FieldId::user_name, user_name);
  CHECK(f.line() ==
        "00:13:20.000000042: Informational a\\\"b\\\\c\\nd\\u0001e\xEF\xBF\xBD"
        "f");
}

TEST_CASE("a JSON alert is one line with its keys in alphabetical order") {
  Fixture f;
  f.text("by ");
  f.field(FieldId::user_name, user_name);
  f.text(" ");
  f.field(FieldId::proc_pid, pid);
  CHECK(f.line(as_json()) ==
        R"({"hostname":"the-host","output":"00:13:20.000000042: Informational by root 4711",)"
        R"("output_fields":{"evt.time":1700000000000000042,"proc.pid":4711,"user.name":"root"},)"
        R"("priority":"Informational","rule":"A rule","source":"syscall","tags":["ant","zebra"],)"
        R"("time":"2023-11-14T22:13:20.000000042Z"})");
}

TEST_CASE("a JSON alert escapes its output once") {
  Fixture f;
  g_user = "a\"b";
  f.field(FieldId::user_name, user_name);
  const std::string line = f.line(as_json());
  CHECK(json::parse(line)["output"] == "00:13:20.000000042: Informational a\"b");
}

TEST_CASE("each json_include switch adds or removes its key and no other") {
  AlertOptions all = as_json();
  all.include_message = true;
  const std::map<std::string, bool AlertOptions::*> switches{
      {"message", &AlertOptions::include_message},
      {"output", &AlertOptions::include_output},
      {"output_fields", &AlertOptions::include_output_fields},
      {"tags", &AlertOptions::include_tags}};
  for (const auto& [key, member] : switches) {
    Fixture with;
    with.text("x");
    json expected = json::parse(with.line(all));
    REQUIRE(expected.contains(key));
    expected.erase(key);
    AlertOptions options = all;
    options.*member = false;
    Fixture without;
    without.text("x");
    CHECK(json::parse(without.line(options)) == expected);
  }
}

TEST_CASE("the message of a JSON alert has neither time nor priority") {
  Fixture f;
  f.text("just this");
  AlertOptions options = as_json();
  options.include_message = true;
  CHECK(json::parse(f.line(options))["message"] == "just this");
}

TEST_CASE(
    "with time_format_iso_8601 the time field of output_fields changes its name, not its value") {
  Fixture f;
  f.text("x");
  AlertOptions options = as_json();
  options.iso8601_time = true;
  const json fields = json::parse(f.line(options))["output_fields"];
  CHECK(fields == json{{"evt.time.iso8601", kTime}});
}

TEST_CASE("every type has its JSON: alone, in a list, and unset") {
  using falcoc::ParamType;
  using falcoc::Shape;
  const std::string four("\x0a\0\0\1", 4);
  const std::string six = std::string(15, '\0') + '\1';
  const auto number = [](int64_t value) { return falcoc::Value{.i64 = value}; };
  const auto bytes = [](std::string_view text) { return falcoc::Value::of_text(text); };
  struct Case {
    falcoc::Value value;
    json expected;
  };
  // Types that are not here are numbers.
  const std::map<ParamType, Case> others{
      {ParamType::CHARBUF, {bytes("a\xff"), "a\xEF\xBF\xBD"}},
      {ParamType::FSPATH, {bytes("/a"), "/a"}},
      {ParamType::FSRELPATH, {bytes("a"), "a"}},
      {ParamType::BYTEBUF, {bytes("a\n"), "a."}},
      {ParamType::SOCKADDR, {bytes("s"), "s"}},
      {ParamType::SOCKTUPLE, {bytes("t"), "t"}},
      {ParamType::FDLIST, {bytes("l"), "l"}},
      {ParamType::CHARBUFARRAY, {bytes("b"), "b"}},
      {ParamType::CHARBUF_PAIR_ARRAY, {bytes("p"), "p"}},
      {ParamType::DYN, {bytes("d"), "d"}},
      {ParamType::IPV4ADDR, {bytes(four), "10.0.0.1"}},
      {ParamType::IPV6ADDR, {bytes(six), "::1"}},
      {ParamType::IPADDR, {bytes(four), "10.0.0.1"}},
      {ParamType::IPV4NET, {bytes(four), "<IPNET>"}},
      {ParamType::IPV6NET, {bytes(six), "<IPNET>"}},
      {ParamType::IPNET, {bytes(four), "<IPNET>"}},
      {ParamType::BOOL, {number(1), true}},
      {ParamType::DOUBLE, {{.f64 = 2.5}, 2.5}},
  };
  for (auto code = static_cast<uint8_t>(ParamType::INT8);
       code <= static_cast<uint8_t>(ParamType::DYN); ++code) {
    const auto type = static_cast<ParamType>(code);
    CAPTURE(code);
    const auto other = others.find(type);
    const Case one = other == others.end() ? Case{number(7), 7} : other->second;
    const std::array two{one.value, one.value};
    const auto shown = [&](Shape shape, const falcoc::Value* value) {
      g_value = value;
      Fixture f;
      f.field(FieldId::proc_pid, any_value);
      const falcoc::FieldRef ref{.id = FieldId::proc_pid, .type = type, .shape = shape, .key = {}};
      const ir::OperandId operand =
          f.builder.operand({.type = {type, shape}, .field = f.builder.field(ref)});
      f.accessors.assign(2, any_value);
      f.rule.output.fields = {{"key", operand}};
      return json::parse(f.line(as_json()))["output_fields"]["key"];
    };
    CHECK(shown(Shape::SCALAR, &one.value) == one.expected);
    const falcoc::Value list{.items = two.data(), .size = 2};
    CHECK(shown(Shape::LIST, &list) == json::array({one.expected, one.expected}));
    const falcoc::Value empty{.items = two.data(), .size = 0};
    CHECK(shown(Shape::LIST, &empty) == json::array());
    CHECK(shown(Shape::SCALAR, nullptr).is_null());
    CHECK(shown(Shape::LIST, nullptr).is_null());
  }
}

TEST_CASE("added texts are keys of output_fields and nothing else") {
  Fixture f;
  f.field(FieldId::user_name, user_name);
  f.field(FieldId::proc_pid, absent);
  f.rule.output.texts = {{"who", f.rule.output.pieces}, {"evt.time", {{.text = "now"}}}};
  f.rule.output.texts[0].pieces.push_back({.text = "!"});
  const json alert = json::parse(f.line(as_json()));
  CHECK(alert["output"] == "00:13:20.000000042: Informational root<NA>");
  CHECK(alert["output_fields"] == json{{"user.name", "root"},
                                       {"proc.pid", nullptr},
                                       {"who", "root<NA>!"},
                                       {"evt.time", "now"}});
}

TEST_CASE("time fields of an output are text in the output and nanoseconds in output_fields") {
  Fixture f;
  f.field(FieldId::evt_time_s, user_name);
  const json alert = json::parse(f.line(as_json()));
  CHECK(alert["output_fields"]["evt.time.s"] == kTime);
}

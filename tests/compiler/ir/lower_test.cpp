// Typing of operands and checks against the catalog.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/compiler/ir/compiling.h"

using namespace falcoc;
using namespace falcoc::ir;

namespace {

void fails(const std::string& condition, Code code) {
  const Lowered lowered(condition);
  CHECK_MESSAGE(lowered.fails_with(code), condition, ": ", lowered.text());
}
void compiles(const std::string& condition) {
  const Lowered lowered(condition);
  CHECK_MESSAGE(lowered.node, condition, ": ", lowered.text());
}
std::string hint(const std::string& condition) {
  const Lowered lowered(condition);
  return lowered.node ? "(compiles)" : lowered.node.error().hint;
}

/// The only field of the condition.
FieldRef field(const std::string& condition) {
  const Lowered lowered(condition);
  REQUIRE_MESSAGE(lowered.node, condition, ": ", lowered.text());
  REQUIRE(lowered.builder.program().fields.size() == 1);
  return lowered.builder.program().fields.front();
}

Type left_type(const std::string& condition) {
  const Lowered lowered(condition);
  REQUIRE_MESSAGE(lowered.node, condition, ": ", lowered.text());
  return lowered.builder.program().operand(lowered.root().left).type;
}

}  // namespace

TEST_CASE("unknown fields are named with the closest one") {
  fails("proc.nam = a", Code::FIELD_UNKNOWN);
  CHECK(hint("proc.nam = a").find("`proc.name`") != std::string::npos);
  fails("proc.name.foo = a", Code::FIELD_UNKNOWN);
  fails("nothing.at.all = a", Code::FIELD_UNKNOWN);
  fails("arg.foo = a", Code::FIELD_UNKNOWN);  // "not implemented" upstream (Q51)
}

TEST_CASE("indexed ancestors are scalars, unindexed ones are not") {
  CHECK(field("proc.aname = a").shape == Shape::ANCESTORS);
  CHECK(field("proc.aname[-1] = a") == field("proc.aname = a"));
  CHECK(field("proc.aname[2] = a").shape == Shape::SCALAR);
  CHECK(field("proc.aname[2] = a").index == 2);
  CHECK(field("proc.aname[+2] = a") == field("proc.aname[2] = a"));
  CHECK(field("proc.aname['2'] = a") == field("proc.aname[2] = a"));
  fails("proc.aname[x] = a", Code::FIELD_UNKNOWN);
  fails("proc.aname[1x] = a", Code::FIELD_UNKNOWN);
  fails("proc.aname[-2] = a", Code::FIELD_ARGUMENT);
  fails("proc.name[1] = a", Code::FIELD_UNKNOWN);
}

TEST_CASE("keys are kept, except the numeric ones that Falco ignores") {
  CHECK(field("proc.env[HOME] = a").key == "HOME");
  CHECK(field("proc.env[12] = a") == field("proc.env = a"));
  CHECK(field("proc.aenv[HOME] = a").shape == Shape::SCALAR);
  CHECK(field("proc.aenv[3] = a") == field("proc.aenv = a"));
  CHECK(field("proc.env['a]b'] = a").key == "a]b");  // cut at the bracket upstream (Q04)
  CHECK(field("container.mount.source[/etc/*] exists").key == "/etc/*");
  CHECK(field("container.mount.source[0] exists").index == 0);
  CHECK(field("thread.cgroup.cpu = a").key == "cpu");
  fails("container.mount exists", Code::FIELD_ARGUMENT);
}

TEST_CASE("event arguments must exist for some event and raw ones have its type") {
  CHECK(field("evt.arg.flags = a").key == "flags");
  CHECK(field("evt.arg[1] = a").index == 1);
  CHECK(field("evt.rawarg.flags = 3").type == ParamType::FLAGS32);
  CHECK(field("evt.rawarg.res = 3").type == ParamType::ERRNO);
  CHECK(field("evt.arg[-1] exists").index == FieldRef::kNoIndex);
  fails("evt.arg.flgs = a", Code::EVENT_ARGUMENT_UNKNOWN);
  CHECK(hint("evt.arg.flgs = a").find("`flags`") != std::string::npos);
  fails("evt.arg = a", Code::FIELD_ARGUMENT);
  fails("evt.arg[-2] = a", Code::FIELD_ARGUMENT);
  fails("evt.rawarg[1] = a", Code::FIELD_UNKNOWN);
  fails("evt.type.is.nope = 1", Code::EVENT_TYPE_UNKNOWN);
  compiles("evt.type.is.open = 1");
  compiles("evt.abspath.src = a");
  fails("evt.abspath.nope = a", Code::FIELD_UNKNOWN);
}

TEST_CASE("names of events are checked for every operator") {
  for (const char* condition :
       {"evt.type = opn", "evt.type in (open, opn)", "evt.type startswith op",
        "syscall.type != opn", "evt.type = anyof (opn)", "tolower(evt.type) = opn",
        "toupper(evt.type) = OPEN"}) {
    fails(condition, Code::EVENT_TYPE_UNKNOWN);
  }
  CHECK(hint("evt.type = opn").find("`open`") != std::string::npos);
  compiles("evt.type = getpid");
  CHECK(Lowered("evt.type = pread64").warns(Code::EVENT_TYPE_NEVER));
}

TEST_CASE("operators need a type they can compare") {
  fails("proc.pid contains 1", Code::OPERATOR_TYPE);
  fails("evt.failed < 1", Code::OPERATOR_TYPE);
  fails("fd.sip startswith 1", Code::OPERATOR_TYPE);
  fails("proc.name bcontains 41", Code::OPERATOR_TYPE);
  fails("evt.buffer regex a", Code::OPERATOR_TYPE);
  fails("evt.rawarg.addr = a", Code::OPERATOR_TYPE);
  fails("fd.types = file", Code::OPERATOR_TYPE);
  fails("fd.types[0] = file", Code::OPERATOR_TYPE);
  fails("proc.pid startswith anyof (1)", Code::OPERATOR_TYPE);
  fails("evt.around[5] > 1", Code::OPERATOR_TYPE);
  CHECK(hint("evt.failed < 1").find("`!=`") != std::string::npos);
  for (const char* condition :
       {"evt.rawarg.addr exists", "fd.types in (file)", "fd.types intersects (file)",
        "evt.buffer bcontains 41", "proc.name pmatch (/a)", "proc.name < 5", "evt.failed = true",
        "fd.sip in (1.2.3.4)", "fd.snet = 1.2.3.0/24", "proc.pid >= 3", "evt.around[5] = 1",
        "fd.ip intersects (1.2.3.4)", "fd.port in (1, 2)", "proc.name != allof (a, b)"}) {
    compiles(condition);
  }
}

TEST_CASE("transformers need operands of their type") {
  CHECK(left_type("len(proc.name) = 1") == Type{ParamType::UINT64, Shape::SCALAR});
  CHECK(left_type("len(fd.types) = 1") == Type{ParamType::UINT64, Shape::SCALAR});
  CHECK(left_type("toupper(fd.types) in (A)") == Type{ParamType::CHARBUF, Shape::LIST});
  CHECK(left_type("b64(evt.buffer) = a") == Type{ParamType::BYTEBUF, Shape::SCALAR});
  CHECK(left_type("getopt(fd.types, 'a:') in (a)").shape == Shape::LIST);
  CHECK(left_type("getopt(fd.types, 'a:')[a] = x").shape == Shape::SCALAR);
  CHECK(left_type("join(',', (proc.name, proc.pid)) = a") ==
        Type{ParamType::CHARBUF, Shape::SCALAR});
  compiles("len(b64(evt.buffer)) > 3");
  compiles("concat(proc.name, 'x', len(proc.name)) = a");
  compiles("toupper('abc') = ABC");
  compiles("len(('abc')) = 3");
  for (const char* condition :
       {"len(proc.pid) = 2", "tolower(proc.pid) = a", "tolower(evt.buffer) = a",
        "b64(proc.pid) = a", "concat(proc.name, proc.pid) = a", "join(',', proc.name) = a",
        "getopt(proc.name, 'a') in (a)", "toupper(proc.aname) = A", "toupper(fd.ip) = A",
        "basename(evt.rawarg.path) = a", "tolower(fd.truename) = a"}) {
    fails(condition, Code::TRANSFORMER_TYPE);
  }
  for (const char* condition :
       {"toupper(proc.name, fd.name) = a", "toupper(proc.name)[a] = a",
        "proc.name = val(proc.exe)[a]", "proc.name = tolower(val(proc.exe))",
        "getopt(fd.types, 'ab')[ab] = x"}) {
    const Lowered lowered(condition);
    CHECK_MESSAGE(!lowered.node, condition);
  }
}

TEST_CASE("both sides of a comparison of fields have one type") {
  compiles("proc.pid = val(proc.ppid)");
  compiles("proc.name in val(proc.pname)");
  compiles("proc.name startswith toupper(proc.pname)");
  compiles("proc.pid < val(proc.ppid)");
  CHECK(field("proc.name = val(proc.name)").id == FieldId::proc_name);
  for (const char* condition :
       {"proc.pid = val(user.uid)", "proc.name = val(proc.aname)", "proc.aname = val(proc.name)",
        "fd.ip = val(fd.sip)", "fd.snet = val(fd.snet)", "proc.name regex val(proc.exe)",
        "proc.name pmatch val(proc.exe)", "proc.pid = len(proc.name)", "evt.type = val(proc.name)",
        "evt.rawarg.res = val(proc.pid)", "proc.name in val(fd.types)"}) {
    fails(condition, Code::RIGHT_SIDE_FIELD);
  }
}

TEST_CASE("empty sets fold, but for lists, of which the empty one is in every set") {
  CHECK(Lowered("proc.name in ()").root().kind == Node::Kind::FALSE);
  CHECK(Lowered("proc.name pmatch ()").root().kind == Node::Kind::FALSE);
  CHECK(Lowered("proc.name != allof ()").root().kind == Node::Kind::FALSE);
  CHECK(Lowered("proc.name != allof ()").warns(Code::MODIFIER_EMPTY));
  CHECK(Lowered("fd.types in ()").root().kind == Node::Kind::ATOM);
  CHECK(Lowered("fd.types intersects ()").root().kind == Node::Kind::FALSE);
}

TEST_CASE("suspicious literals are pointed out") {
  for (const char* condition :
       {"proc.name regex abc", "proc.name regex '^abc$'", "proc.name regex '.*abc.+'"}) {
    CHECK_MESSAGE(Lowered(condition).warns(Code::REGEX_TRIVIAL), condition);
  }
  CHECK(!Lowered("proc.name regex 'a.c'").warns(Code::REGEX_TRIVIAL));
  CHECK(Lowered("proc.name = proc.pname").warns(Code::LITERAL_NAMES_FIELD));
  CHECK(Lowered("proc.name = 'proc.aname[2]'").warns(Code::LITERAL_NAMES_FIELD));
  CHECK(!Lowered("proc.name = proc.sh").warns(Code::LITERAL_NAMES_FIELD));
  CHECK(Lowered("proc.name = 'toupper( proc.name )'").warns(Code::LITERAL_LIKE_TRANSFORMER));
  CHECK(Lowered("evt.dir = <").warns(Code::FIELD_DEPRECATED));
}

TEST_CASE("parts of event names are answered with the names") {
  CHECK(hint("evt.type startswith opena").find("`in (openat, openat2)`") != std::string::npos);
  CHECK(hint("evt.type endswith ndmsg").find("sendmsg") != std::string::npos);
}

TEST_CASE("tests for presence of what is never absent are pointed out") {
  for (const char* condition :
       {"proc.args[3] exists", "proc.env[HOME] exists", "proc.aenv[HOME] exists",
        "user.name exists", "user.loginuid exists", "not group.name exists"}) {
    CHECK_MESSAGE(Lowered(condition).warns(Code::ALWAYS_PRESENT), condition);
  }
  for (const char* condition : {"proc.args exists", "proc.name exists", "proc.args[3] != ''"}) {
    CHECK_MESSAGE(!Lowered(condition).warns(Code::ALWAYS_PRESENT), condition);
  }
}

TEST_CASE("comparisons that the empty text of a missing argument fulfils are pointed out") {
  for (const char* condition :
       {"proc.args[3] != cat", "not proc.args[3] != cat", "proc.args[3] < 5", "proc.args[3] <= 5",
        "proc.env[HOME] != /root", "proc.aenv[HOME] != /root", "proc.args[1] != val(proc.name)",
        "proc.args[1] != tolower(proc.name)", "proc.args[1] != allof (a, b)",
        "proc.args[1] != anyof ('', b)", "proc.args[1] != oneof ('', b)"}) {
    CHECK_MESSAGE(Lowered(condition).warns(Code::MISSING_MATCHES), condition);
  }
  for (const char* condition :
       {"proc.args[3] != ''", "proc.args[3] = ''", "proc.args[3] = cat", "not proc.args[3] = cat",
        "proc.args[3] > 5", "proc.args[3] in (a, b)", "proc.args != cat", "user.name != root",
        "proc.name != cat", "proc.args[1] != allof ('', b)", "proc.args[1] != oneof (a, b)",
        "proc.args[3] startswith a", "proc.args[3] exists"}) {
    CHECK_MESSAGE(!Lowered(condition).warns(Code::MISSING_MATCHES), condition);
  }
}

TEST_CASE("keys of digits are ignored, with a warning") {
  CHECK(Lowered("proc.env[12] = a").warns(Code::KEY_IGNORED));
  CHECK(Lowered("proc.aenv[3] = a").warns(Code::KEY_IGNORED));
  CHECK(!Lowered("proc.env[HOME] = a").warns(Code::KEY_IGNORED));
  CHECK(!Lowered("proc.aname[3] = a").warns(Code::KEY_IGNORED));
}

TEST_CASE("literals that Falco refuses for their length compile with a warning") {
  CHECK(!Lowered("proc.cmdline = " + std::string(255, 'x')).warns(Code::LITERAL_LONG));
  const Lowered longer("proc.cmdline = " + std::string(256, 'x'));
  CHECK(longer.node);
  CHECK(longer.warns(Code::LITERAL_LONG));
}

TEST_CASE("names of services stand for ports of this machine, and never for fd.?proto") {
  CHECK(Lowered("fd.sport = https").warns(Code::SERVICE_NAME));
  CHECK(Lowered("fd.proto = https").warns(Code::SERVICE_NAME));
  CHECK(!Lowered("fd.sport = 443").warns(Code::SERVICE_NAME));
  CHECK(Lowered("fd.sproto = https").warns(Code::PORT_AS_TEXT));
  CHECK(!Lowered("fd.sproto = 443").warns(Code::PORT_AS_TEXT));
}

TEST_CASE("val takes no argument in brackets and stands on the right only") {
  fails("proc.name = val(proc.exe)[a]", Code::TRANSFORMER_ARGUMENTS);
  CHECK(Lowered("proc.name = val(proc.exe)[a]").text().find("nothing in brackets") !=
        std::string::npos);
  fails("val(proc.exe) = a", Code::CONNECTIVE_EXPECTED);
}

TEST_CASE("errors point at what is wrong") {
  const std::string condition = "proc.name = a and evt.type in (open, opn)";
  auto parsed = parse_condition(MappedText(condition, {FileId{0}, 0, 41}));
  REQUIRE(parsed);
  ProgramBuilder builder;
  Diagnostics warnings;
  const auto lowered = lower_condition(*parsed, builder, warnings);
  REQUIRE(!lowered);
  CHECK(condition.substr(lowered.error().span.begin, 3) == "opn");
}

TEST_CASE("Falco's condition vectors compile or fail as recorded") {
  const std::filesystem::path path =
      std::filesystem::path(FALCOC_SHARED_DIR) / "spec" / "vectors.tsv";
  if (!std::filesystem::exists(path)) {
    MESSAGE("SKIPPED: no " << path.string());
    return;
  }
  // Where we differ from Falco on purpose.
  const std::map<std::string, std::string> deviations = {
      {"V018", "Q01: accepted with a warning"},
      {"V024", "Q03: bad escapes are errors in every element"},
      {"V036", "Q05: a quoted string can end in a backslash"},
      {"V099", "Q08: numbers out of range are errors"},
      {"V102", "Q08: numbers out of range are errors"},
      {"V132", "Q10: /0 is accepted for both families"},
      {"V142", "Q09: ports above 65535 are errors"},
  };
  std::ifstream file(path);
  size_t checked = 0;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> columns(1);
    for (char c : line) {
      if (c == '\t') {
        columns.emplace_back();
      } else {
        columns.back() += c;
      }
    }
    if (columns.size() < 4 || columns[0] == "id" || deviations.contains(columns[0])) continue;
    if (columns[1].find("pl.") != std::string::npos) continue;  // fields of a made-up plugin
    const bool refused = columns[3] == "parse-error" || columns[3] == "compile-error";
    const Lowered lowered(columns[1]);
    CHECK_MESSAGE(lowered.node.has_value() != refused, columns[0], " ", columns[1], ": ",
                  lowered.text());
    ++checked;
  }
  CHECK(checked > 100);
}

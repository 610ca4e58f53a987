// What native code promises beyond being right about conditions, which tests/differential checks.
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>

#include "compiler/codegen/native/generate.h"
#include "tests/compiler/codegen/native_ruleset.h"

namespace falcoc::testing {
namespace {

Facts sshd_reads_shadow() {
  Facts facts;
  facts.set("evt.type", "open");
  facts.set("proc.name", "sshd");
  facts.set("proc.pid", "77");
  facts.set_list("proc.aname", {"bash", "init"});
  facts.set("fd.name", "/etc/shadow");
  facts.set("fd.cip", "10.7.0.5");
  facts.set("fd.sip", "172.20.3.4");
  facts.set("fd.cport", "51000");
  facts.set("fd.sport", "8443");
  facts.set("evt.failed", "false");
  return facts;
}

struct Example {
  std::string condition;
  bool matches;
};

// One row per way a check is emitted.
const std::vector<Example> kExamples = {
    {"proc.pid = 77", true},
    {"proc.pid != 77", false},
    {"proc.pid > -5", true},
    {"proc.pid in (1, 2, 77)", true},
    {"proc.pid in (1, 2)", false},
    {"evt.failed = false", true},
    {"evt.failed in (true)", false},
    {"proc.name = sshd", true},
    {"proc.name = ssh", false},
    {"proc.name != sshd", false},
    {"proc.name != bash", true},
    {"fd.name startswith /etc/", true},
    {"fd.name startswith /etc/shadow-", false},
    {"fd.name endswith shadow", true},
    {"fd.name endswith ''", true},
    {"fd.name contains c/sh", true},
    {"fd.name contains c/h", false},
    {"fd.name icontains SHADOW", true},
    {"fd.name glob /etc/*", true},
    {"fd.name iglob /ETC/s?adow", true},
    {"fd.name regex '/etc/(shadow|passwd)'", true},
    {"fd.name regex shadow", false},
    {"fd.name pmatch (/usr, /etc)", true},
    {"fd.name pmatch (/et)", false},
    {"fd.name in (/etc/passwd, /etc/shadow, /etc/group, /etc/gshadow)", true},
    {"fd.name in (/etc/passwd, /etc/shadoW)", false},
    {"fd.name intersects (/etc/shadow)", true},
    {"fd.name = anyof (/etc/passwd, /etc/shadow)", true},
    {"fd.name startswith allof (/etc, /etc/sh)", true},
    {"fd.name startswith allof (/etc, /usr)", false},
    {"fd.name contains oneof (etc, shadow)", false},
    {"fd.name contains oneof (etc, passwd)", true},
    {"fd.name < 5", true},
    {"fd.sip = 172.20.3.4", true},
    {"fd.sip != ::1", true},
    {"fd.sip in (10.0.0.1, 172.20.3.4)", true},
    {"fd.snet = 172.20.0.0/16", true},
    {"fd.snet in (10.0.0.0/8, 192.168.0.0/16)", false},
    {"fd.ip = 10.7.0.5", true},
    {"fd.ip != 10.7.0.5", false},
    {"fd.port in (22, 8443)", true},
    {"fd.net != 10.0.0.0/8", false},
    {"proc.aname = init", true},
    {"proc.aname != init", true},
    {"proc.aname in (sshd)", false},
    {"proc.aname exists", true},
    {"toupper(proc.name) = SSHD", true},
    {"basename(fd.name) = shadow", true},
    {"len(fd.name) = 11", true},
    {"proc.name = val(fd.name)", false},
    {"proc.pid = val(proc.pid)", true},
    {"concat(proc.name, '-', fd.name) = sshd-/etc/shadow", true},
    {"proc.exe = x", false},
    {"proc.exe != x", false},
    {"proc.exe exists", false},
    {"not proc.exe != x", true},
    {"proc.exe = val(proc.name)", false},
    {"evt.type = open and (proc.name = bash or fd.name endswith shadow)", true},
    {"evt.type = connect", false},
    {"evt.type != connect", true},
};

std::vector<std::string> example_conditions() {
  std::vector<std::string> conditions;
  for (const Example& example : kExamples) conditions.push_back(example.condition);
  return conditions;
}

TEST_CASE("every way to emit a check gives the result the language defines") {
  const ir::Program program = program_of(example_conditions());
  for (const int level : {0, 1, 2, 3}) {
    const native::Matcher matcher = compiled(program, {.optimization_level = level});
    const std::vector<size_t> found = matches(matcher, program, sshd_reads_shadow());
    for (size_t i = 0; i < kExamples.size(); ++i) {
      CAPTURE(level);
      CAPTURE(kExamples[i].condition);
      CHECK((std::ranges::find(found, i) != found.end()) == kExamples[i].matches);
    }
    CHECK(reference_matches(program, sshd_reads_shadow()) == found);
  }
}

TEST_CASE("an absent field makes every comparison false, != included") {
  const ir::Program program = program_of(example_conditions());
  const native::Matcher matcher = compiled(program);
  Facts nothing;
  nothing.set("evt.type", "close");
  CHECK(matches(matcher, program, nothing) == reference_matches(program, nothing));
}

TEST_CASE("nothing is remembered from one event to the next") {
  const ir::Program program = program_of(
      {"proc.name = sshd", "toupper(proc.name) = SSHD", "proc.name = sshd and fd.name exists"});
  const native::Matcher matcher = compiled(program);
  Facts other;
  other.set("proc.name", "bash");
  CHECK(matches(matcher, program, sshd_reads_shadow()) == std::vector<size_t>{0, 1, 2});
  CHECK(matches(matcher, program, other).empty());
  CHECK(matches(matcher, program, Facts()).empty());
  CHECK(matches(matcher, program, sshd_reads_shadow()) == std::vector<size_t>{0, 1, 2});
}

TEST_CASE("a text ends at its first NUL, for membership only trailing NULs go") {
  const ir::Program program = program_of(
      {"proc.name = ab", "proc.name endswith b", "proc.name in (ab)", "len(proc.name) = 2"});
  const native::Matcher matcher = compiled(program);
  for (const std::string_view text :
       {std::string_view("ab\0cb", 5), std::string_view("ab\0\0", 4)}) {
    Facts facts;
    facts.set("proc.name", std::string(text));
    CHECK(matches(matcher, program, facts) == reference_matches(program, facts));
  }
}

/// Counts how often each field is asked for.
struct CountingSource {
  std::map<FieldId, int> reads;

  static bool read(void* context, const FieldRef& field, Value& out) {
    ++static_cast<CountingSource*>(context)->reads[field.id];
    static constexpr std::string_view kText = "sshd";
    out.set_text(kText);
    return field.id != FieldId::proc_exe;
  }
};

TEST_CASE("a field is fetched when first needed and at most once per event") {
  const ir::Program program = program_of({
      "proc.name = bash and fd.name = x",
      "proc.name = sshd or fd.directory = x",
      "proc.exe = x or proc.exe = y or proc.exe startswith z",
      "toupper(proc.name) = SSHD and tolower(proc.name) = sshd",
  });
  const std::vector<Accessor> accessors(program.fields.size(), CountingSource::read);
  const auto matcher = native::Matcher::compile(program, accessors);
  REQUIRE(matcher.has_value());
  CountingSource source;
  CHECK(matches(*matcher, static_cast<EventKind>(EventCode::OPEN), &source) ==
        std::vector<size_t>{1, 3});
  CHECK(source.reads.contains(FieldId::proc_name));
  CHECK(source.reads.contains(FieldId::proc_exe));
  for (const auto& [field, count] : source.reads) CHECK(count == 1);
}

TEST_CASE("a field that nothing supplies is absent") {
  const ir::Program program = program_of({"proc.name != x", "not proc.name = x"});
  const std::vector<Accessor> accessors(program.fields.size(), nullptr);
  const auto matcher = native::Matcher::compile(program, accessors);
  REQUIRE(matcher.has_value());
  CHECK(matches(*matcher, static_cast<EventKind>(EventCode::OPEN), nullptr) ==
        std::vector<size_t>{1});
}

TEST_CASE("only kinds under which an enabled rule can match are live") {
  ir::Program program = program_of({"evt.type = open and proc.name = x", "evt.type = close"});
  program.rules[1].enabled = false;
  const native::Matcher matcher = compiled(program);
  CHECK(matcher.live_kinds().test(static_cast<size_t>(EventCode::OPEN)));
  CHECK_FALSE(matcher.live_kinds().test(static_cast<size_t>(EventCode::CLOSE)));
  CHECK_FALSE(matcher.live_kinds().test(static_cast<size_t>(EventCode::CONNECT)));
  Facts close;
  close.set("evt.type", "close");
  CHECK(matches(matcher, program, close).empty());
}

TEST_CASE("a program without rules matches nothing") {
  const ir::Program program = program_of({});
  const native::Matcher matcher = compiled(program);
  CHECK(matcher.words_per_result() == 0);
  CHECK(matches(matcher, program, sshd_reads_shadow()).empty());
}

TEST_CASE("generated code can be looked at, and its texts are read-only") {
  const ir::Program program = program_of({"evt.type = open and fd.name contains shadow-passwords"});
  const std::vector<bool> supplied(program.fields.size(), true);
  const auto made =
      native::generate(program, supplied, {.keep_llvm_text = true, .keep_assembly_text = true});
  REQUIRE(made.has_value());
  CHECK(made->llvm_text.find("private unnamed_addr constant [16 x i8] c\"shadow-passwords\"") !=
        std::string::npos);
  CHECK(made->llvm_text.find("@matcher.0") != std::string::npos);
  CHECK(made->assembly_text.find("matcher.0:") != std::string::npos);
  CHECK(native::generate(program, supplied)->llvm_text.empty());
}

TEST_CASE("a matcher that is moved goes on working") {
  const ir::Program program = program_of({"proc.name = sshd"});
  native::Matcher first = compiled(program);
  const native::Matcher second = std::move(first);
  CHECK(matches(second, program, sshd_reads_shadow()) == std::vector<size_t>{0});
}

TEST_CASE("a connective whose specialisation holds one child twice evaluates those between them") {
  // For open both alternatives shrink to proc.pid = 77.
  const ir::Program program =
      program_of({"(evt.type = close or proc.pid = 77) and proc.name = bash and "
                  "(evt.type = connect or proc.pid = 77)"});
  CHECK(matches(compiled(program), program, sshd_reads_shadow()).empty());
}

constexpr int kNoSuchProtection = 77;

/// Compiles where memory cannot become executable, in a child: the protection cannot be undone.
/// Gives what the child wrote to its standard error and, through `status`, how it ended.
std::string compile_without_executable_memory(const ir::Program& program, int& status) {
  // linux/prctl.h, since Linux 6.3.
  constexpr int kSetMdwe = 65;
  constexpr unsigned long kRefuseExecGain = 1;
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    if (::prctl(kSetMdwe, kRefuseExecGain, 0, 0, 0) != 0) ::_exit(kNoSuchProtection);
    const auto matcher = native::Matcher::compile(program, BoundFacts::accessors(program));
    if (matcher) ::_exit(1);
    const Diagnostic& error = matcher.error();
    const bool says_why = error.code == Code::NATIVE_UNAVAILABLE &&
                          error.message.find("ermission denied") != std::string::npos;
    ::_exit(says_why ? 0 : 2);
  }
  ::close(ends[1]);
  std::string written;
  std::array<char, 256> buffer{};
  for (ssize_t count = 0; (count = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
    written.append(buffer.data(), static_cast<size_t>(count));
  }
  ::close(ends[0]);
  ::waitpid(child, &status, 0);
  return written;
}

TEST_CASE("where memory cannot be made executable the error says why, and nothing is printed") {
  const ir::Program program = program_of({"proc.name = sshd"});
  int status = 0;
  const std::string written = compile_without_executable_memory(program, status);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kNoSuchProtection) {
    MESSAGE("kernel without PR_SET_MDWE: not tested");
    return;
  }
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(written == "");
}

}  // namespace
}  // namespace falcoc::testing

// What the split makes of conditions, as printed guards.
#include "compiler/ir/split/split.h"

#include <doctest/doctest.h>

#include "tests/compiler/ir/compiling.h"

using namespace falcoc;
using namespace falcoc::ir;
using namespace falcoc::ir::split;

namespace {

EventKind kind_named(std::string_view name) {
  return static_cast<EventKind>(event_kinds_named(name)->_Find_first());
}

/// Guard of a rule with this condition, for events of this name.
std::string guard(std::string_view condition, std::string_view event = "openat") {
  const Compilation compilation(rule_yaml(std::string(condition)));
  const Program& program = compilation.program;
  REQUIRE(program.rules.size() == 1);
  const KernelPlan plan = plan_kernel(program, specialize(program, kind_named(event)));
  return plan.rules.empty() ? "never" : print_guard(plan, plan.rules.front().guard);
}

}  // namespace

TEST_CASE("what the kernel knows exactly is decided exactly, negated or not") {
  CHECK(guard("evt.rawres >= 0") == "ret in (0..9223372036854775807)");
  CHECK(guard("not evt.rawres >= 0") == "ret in (-9223372036854775808..-1)");
  CHECK(guard("evt.failed = true") == "ret in (-9223372036854775808..-1)");
  CHECK(guard("evt.res = EACCES") == "ret in (-13)");
  CHECK(guard("evt.is_open_write = true") == "arg2 & 0x3 in (1..2)");
  CHECK(guard("evt.is_open_read = true and evt.is_open_write = true") == "arg2 & 0x3 in (2)");
  CHECK(guard("evt.arg.flags contains O_TRUNC") == "arg2 & 0x200 in (1..)");
  CHECK(guard("not evt.arg.flags contains O_TRUNC") == "arg2 & 0x200 in (0)");
  CHECK(guard("evt.res startswith E and evt.rawres < -515") == "ret in (-530..-521, -516)");
}

TEST_CASE("what it does not know is unknown both ways, and opens only its own rule") {
  CHECK(guard("proc.name = cat") == "always");
  CHECK(guard("not proc.name = cat") == "always");
  CHECK(guard("proc.name = cat and evt.rawres < 0") == "ret in (-9223372036854775808..-1)");
  CHECK(guard("not (proc.name = cat or evt.rawres < 0)") == "ret in (0..9223372036854775807)");
  CHECK(guard("evt.num = 0") == "never");
  CHECK(guard("evt.num = 0 or evt.rawres = 1") == "ret in (1)");
}

TEST_CASE("paths are compared as passed where that is what Falco prints, else they pass") {
  CHECK(guard("fd.name = /etc/shadow") ==
        "path at arg1 is long relative odd or (path at arg1 is \"/etc/shadow\" "
        "and path at arg1 is normal)");
  CHECK(guard("evt.arg.target in (/etc, /root)", "symlink") ==
        "text at arg0 is long or (text at arg0 is \"/etc\", \"/root\" and text at arg0 is "
        "relative odd normal)");
  CHECK(guard("fd.name endswith /x or fd.name endswith /y") ==
        "path at arg1 is long relative odd or (path at arg1 is normal and path at arg1 ends with "
        "\"/x\", \"/y\")");
}

TEST_CASE("of descriptors the kernel knows what its own objects say") {
  CHECK(guard("fd.typechar = 4", "write") == "fd.type in (ipv4)");
  CHECK(guard("fd.type in (ipv4, ipv6)", "dup").contains("fd.type in (ipv4, ipv6)"));
  CHECK(guard("fd.l4proto = udp", "write").contains("fd.protocol in (17)"));
  CHECK(guard("fd.num = 2", "write") == "arg0 in (2)");
  // either end may be the server's while nobody knows who connected
  const std::string server = guard("fd.sport = 22", "write");
  CHECK(server.contains("fd.lport in (22)"));
  CHECK(server.contains("fd.rport in (22)"));
  CHECK(guard("fd.rnet = 10.0.0.0/8", "connect").contains("fd.rip & 255.0.0.0 in (10.0.0.0)"));
  // an address that was passed counts more than the socket's own, and is not looked at
  CHECK(guard("fd.rport = 22", "sendmsg") == "fd.type in (ipv4, ipv6)");
  CHECK(guard("fd.rport = 22", "sendto").contains("arg4 in (0)"));
  // what close was about is gone; a name is user space's
  CHECK(guard("fd.type = file", "close") == "always");
  CHECK(guard("fd.name = x", "write") == "always");
  CHECK(guard("fd.port = allof (1, 2)", "write") == "always");
}

TEST_CASE("letters of either case are looked for in a copy in small ones") {
  CHECK(guard("evt.arg.target icontains KEY", "symlink") ==
        "text at arg0 is long or (text at arg0 contains \"key\" in any case and text at arg0 is "
        "relative odd normal)");
  CHECK(guard("tolower(evt.arg.target) = /etc", "symlink")
            .contains("text at arg0 is \"/etc\" in any case"));
  CHECK(guard("tolower(evt.arg.target) = /ETC and evt.rawres = 0", "symlink")
            .contains("text at arg0 is \"/ETC\" in any case"));
  CHECK(guard("toupper(fd.name) = X") == "always");
  // a copy is one text, the text another: not one search with the literals of both
  const std::string both =
      guard("tolower(evt.arg.target) = /etc or evt.arg.target = /TMP", "symlink");
  CHECK(both.contains("text at arg0 is \"/etc\" in any case"));
  CHECK(both.contains("text at arg0 is \"/TMP\""));
}

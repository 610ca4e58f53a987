// Event sets, binding times and specialisation.
#include <doctest/doctest.h>

#include "compiler/ir/event_facts.h"
#include "compiler/ir/specialize.h"
#include "tests/compiler/ir/compiling.h"

using namespace falcoc;
using namespace falcoc::ir;

namespace {

struct Finished {
  NodeId root{};
  Program program;

  explicit Finished(const std::string& condition) {
    Lowered lowered(condition);
    REQUIRE_MESSAGE(lowered.node, condition, ": ", lowered.text());
    root = *lowered.node;
    lowered.builder.rule({.name = "R",
                          .condition = root,
                          .output = {},
                          .condition_text = {},
                          .output_text = {},
                          .origin = {}});
    program = std::move(lowered.builder).finish();
  }
  const NodeInfo& info() const { return program.node_info(root); }
  const EventSet& events() const { return info().may_be_true; }
};

EventSet named(std::initializer_list<std::string_view> names) {
  EventSet set;
  for (std::string_view name : names) {
    const auto kinds = event_kinds_named(name);
    REQUIRE_MESSAGE(kinds, name);
    set |= *kinds;
  }
  return set;
}

/// Kinds of which the event alone does not tell its name.
EventSet nameless() {
  EventSet set;
  set.set(static_cast<size_t>(EventCode::ASYNCEVENT));
  return set & all_event_kinds();
}

EventKind kind_of(std::string_view name) {
  const EventSet kinds = *event_kinds_named(name);
  for (size_t kind = 0; kind < kEventKinds; ++kind) {
    if (kinds.test(kind)) return static_cast<EventKind>(kind);
  }
  FAIL("no kind ", name);
  return 0;
}

}  // namespace

TEST_CASE("evt.type decides the kinds, whatever the operator") {
  CHECK(Finished("evt.type = open").events() == (named({"open"}) | nameless()));
  CHECK(Finished("evt.type in (open, openat)").events() ==
        (named({"open", "openat"}) | nameless()));
  CHECK(Finished("evt.type = anyof (open, close)").events() ==
        (named({"open", "close"}) | nameless()));
  CHECK(Finished("evt.type contains openat2").events() == (named({"openat2"}) | nameless()));
  CHECK(Finished("evt.type startswith openat").events() ==
        (named({"openat", "openat2"}) | nameless()));
  CHECK(Finished("evt.type exists").info().may_be_false == nameless());
}

TEST_CASE("complements are exact, generic system calls included") {
  CHECK(Finished("evt.type != open").events() == (all_event_kinds() & ~named({"open"})));
  const Finished other("evt.type != getpid");
  CHECK(!other.events().test(kind_of("getpid")));
  CHECK(other.events().test(kind_of("getppid")));
  CHECK(Finished("not evt.type in (getpid)").events() == other.events());
}

TEST_CASE("a known name that no event has matches nothing") {
  CHECK((Finished("evt.type = pread64").events() & ~nameless()).none());
}

TEST_CASE("connectives combine the sets and negation swaps them") {
  CHECK(Finished("evt.type = open and proc.name = a").events() == (named({"open"}) | nameless()));
  CHECK(Finished("evt.type = open or proc.name = a").events() == all_event_kinds());
  CHECK(Finished("evt.type = open or evt.type = close").events() ==
        (named({"open", "close"}) | nameless()));
  CHECK(Finished("not (evt.type = open and proc.name = a)").events() == all_event_kinds());
  CHECK(Finished("not (evt.type = open or proc.name = a)").events() ==
        (all_event_kinds() & ~named({"open"})));
  CHECK((Finished("evt.type = open and evt.type = close").events() & ~nameless()).none());
}

TEST_CASE("syscall.type exists for system calls only") {
  const EventSet without = Finished("not syscall.type exists").events();
  CHECK(without.test(static_cast<size_t>(EventCode::SIGNALDELIVER)));
  CHECK(!without.test(kind_of("open")));
  CHECK(!Finished("syscall.type != open")
             .events()
             .test(static_cast<size_t>(EventCode::SIGNALDELIVER)));
}

TEST_CASE("evt.num counts from 1") {
  for (const char* never : {"evt.num = 0", "evt.num < 1", "evt.num <= 0", "evt.num < 0",
                            "evt.num in (0, 0)", "evt.num in ()"}) {
    CHECK_MESSAGE(Finished(never).events().none(), never);
    CHECK_MESSAGE(Finished("not " + std::string(never)).info().may_be_false.none(), never);
  }
  for (const char* always : {"evt.num != 0", "evt.num > 0", "evt.num >= 0", "evt.num >= 1"}) {
    CHECK_MESSAGE(Finished(always).info().may_be_false.none(), always);
    CHECK_MESSAGE(Finished(always).events() == all_event_kinds(), always);
  }
  for (const char* open :
       {"evt.num = 1", "evt.num > 1", "evt.num in (0, 3)", "evt.num != 1", "evt.num >= 2"}) {
    CHECK_MESSAGE(Finished(open).events() == all_event_kinds(), open);
    CHECK_MESSAGE(Finished(open).info().may_be_false == all_event_kinds(), open);
  }
}

TEST_CASE("fields that some events lack narrow what can be true, never what can be false") {
  const Finished fd("fd.name = /a");
  CHECK(fd.events().test(kind_of("openat")));
  CHECK(!fd.events().test(kind_of("execve")));
  CHECK(!fd.events().test(kind_of("getpid")));
  CHECK(fd.info().may_be_false == all_event_kinds());
  CHECK(Finished("fd.types in (file)").events() == all_event_kinds());
  CHECK(Finished("evt.arg.oldpath = a").events().count() < 20);
  CHECK(!Finished("evt.arg[1] = a").events().test(static_cast<size_t>(EventCode::GENERIC)));
  const EventSet reading = Finished("evt.is_open_read = true").events();
  CHECK(reading.test(kind_of("openat")));
  CHECK(!reading.test(kind_of("read")));
  CHECK(Finished("evt.is_open_read != true").info().may_be_false == all_event_kinds());
  CHECK(Finished("proc.name = val(fd.name)").events() == fd.events());
  CHECK(Finished("toupper(fd.name) = A").events() == fd.events());
}

TEST_CASE("flags of events decide the fields that ask for them") {
  CHECK(!Finished("evt.is_io_read = true").events().test(kind_of("write")));
  CHECK(Finished("evt.is_io_read = true").events().test(kind_of("read")));
  CHECK(Finished("evt.type.is.open = 1").info().may_be_true.test(kind_of("open")));
  CHECK(!Finished("evt.type.is.open = 1").info().may_be_true.test(kind_of("close")));
}

TEST_CASE("conditions without fields are constants") {
  CHECK(Finished("toupper('abc') = ABC").info().may_be_false.none());
  CHECK(Finished("toupper('abc') = abc").events().none());
  CHECK(Finished("toupper('abc') = abc").info().binding == BindingTime::CONSTANT);
}

TEST_CASE("a condition binds as late as its latest field") {
  CHECK(Finished("proc.name = a").info().binding == BindingTime::PROCESS);
  CHECK(Finished("proc.aname = a and container.id != host").info().binding == BindingTime::PROCESS);
  CHECK(Finished("container.image.repository = a").info().binding == BindingTime::CONTAINER);
  CHECK(Finished("evt.hostname = a").info().binding == BindingTime::HOST);
  CHECK(Finished("proc.name = a or fd.num = 1").info().binding == BindingTime::EVENT);
}

TEST_CASE("costs follow operators and fields") {
  const auto cost = [](const char* condition) { return Finished(condition).info().cost; };
  CHECK(cost("proc.name = a") < cost("proc.name regex 'a.b'"));
  CHECK(cost("proc.name = a") < cost("proc.aname = a"));
  CHECK(cost("proc.name = a") < cost("toupper(proc.name) = A"));
  CHECK(cost("proc.name = a") < cost("proc.name = a or proc.name = b"));
}

TEST_CASE("specialised programs hold what the kind leaves open and nothing else") {
  const Finished rule(
      "(evt.type = open and proc.name = a) or (evt.type = close and proc.name = b)");
  const Specialized open = specialize(rule.program, kind_of("open"));
  REQUIRE(open.conditions.size() == 1);
  CHECK(open.nodes.size() == 3);
  CHECK(open.node(open.conditions[0]).kind == Node::Kind::ATOM);
  CHECK(print_condition(rule.program, open.origins[static_cast<size_t>(open.conditions[0])]) ==
        "proc.name = a");
  CHECK(specialize(rule.program, kind_of("read")).conditions[0] == Specialized::kFalse);
  CHECK(specialize(rule.program, kind_of("read")).nodes.size() == 2);
  const Finished all("evt.type != open");
  CHECK(specialize(all.program, kind_of("close")).conditions[0] == Specialized::kTrue);
}

TEST_CASE("what a specialised program lost is not left behind") {
  const Finished rule("(proc.name = a or proc.name = b) and not evt.type = open");
  const Specialized open = specialize(rule.program, kind_of("open"));
  CHECK(open.conditions[0] == Specialized::kFalse);
  CHECK(open.nodes.size() == 2);
  const Specialized close = specialize(rule.program, kind_of("close"));
  CHECK(close.node(close.conditions[0]).kind == Node::Kind::OR);
  CHECK(close.nodes.size() == 5);
}

TEST_CASE("disabled rules are not live") {
  const Compilation compiled(rule_yaml("evt.type=open", "  enabled: false\n"));
  REQUIRE(compiled.program.rules.size() == 1);
  CHECK(live_kinds(compiled.program).none());
  CHECK(specialize(compiled.program, kind_of("open")).conditions[0] == Specialized::kFalse);
}

TEST_CASE("rules that match nearly every event are warned of") {
  CHECK(Compilation(rule_yaml("proc.name=a")).found(Code::NO_EVENT_TYPE));
  CHECK(!Compilation(rule_yaml("proc.name=a", "  warn_evttypes: false\n"))
             .found(Code::NO_EVENT_TYPE));
  CHECK(!Compilation(rule_yaml("evt.type=open and proc.name=a")).found(Code::NO_EVENT_TYPE));
  CHECK(!Compilation(rule_yaml("evt.num=0")).found(Code::NO_EVENT_TYPE));
}

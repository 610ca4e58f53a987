// Plans: what the event table makes of system calls.
#include "runtime/capture/extraction_plan.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "compiler/catalog/parameter_source.h"

using namespace falcod;
using falcoc::EventCode;

namespace {

const fc_plan_op* find_op(const fc_plan& plan, fc_op op) {
  const auto* end = plan.ops + plan.op_count;
  const auto* found =
      std::find_if(plan.ops, end, [op](const fc_plan_op& each) { return each.op == op; });
  return found == end ? nullptr : found;
}

fc_plan plan_of(EventCode code) { return extraction_plan(static_cast<falcoc::EventKind>(code)); }

}  // namespace

TEST_CASE("a path relative to a descriptor names the argument with that descriptor") {
  const fc_plan plan = plan_of(EventCode::UNLINKAT);
  const fc_plan_op* path = find_op(plan, FC_OP_PATH);
  REQUIRE(path != nullptr);
  CHECK(path->param == 2);
  CHECK(path->arg == 1);
  CHECK(path->arg2 == 0);
}

TEST_CASE("an event that creates a descriptor describes the returned one") {
  const fc_plan plan = plan_of(EventCode::OPENAT);
  const fc_plan_op* fd = find_op(plan, FC_OP_FD);
  REQUIRE(fd != nullptr);
  CHECK(fd->arg == FC_ARG_RET);
  CHECK(fd->param == 0);
}

TEST_CASE("executions need the extractor for processes") {
  CHECK(plan_of(EventCode::EXECVE).extractor == FC_EXTRACT_PROCESS);
  CHECK(plan_of(EventCode::CLONE).extractor == FC_EXTRACT_PROCESS);
  CHECK(plan_of(EventCode::OPEN).extractor == FC_EXTRACT_SYSCALL);
}

TEST_CASE("no event needs more operations than a plan has room for") {
  for (const falcoc::EventInfo& info : falcoc::events()) {
    CAPTURE(info.name);
    const fc_plan plan = plan_of(info.code);
    CHECK(plan.op_count < FC_PLAN_OPS);
  }
}

TEST_CASE("every event has a source for each of its parameters") {
  for (const falcoc::EventInfo& info : falcoc::events()) {
    CAPTURE(info.name);
    CHECK(param_sources(info.code).size() == info.params.size());
  }
}

TEST_CASE("a wanted event is looked for under its number of both ABIs") {
  falcoc::EventSet wanted;
  wanted.set(static_cast<size_t>(EventCode::OPENAT));
  const SyscallKinds kinds = wanted_syscalls(wanted);
  size_t entries = 0;
  for (const auto& row : kinds)
    entries +=
        static_cast<size_t>(std::ranges::count_if(row, [](uint16_t kind) { return kind != 0; }));
#if defined(__x86_64__)
  CHECK(kinds[257][0] == static_cast<uint16_t>(EventCode::OPENAT));
  CHECK(kinds[295][1] == static_cast<uint16_t>(EventCode::OPENAT));
  CHECK(entries == 2);
#else
  CHECK(entries == 1);
#endif
}

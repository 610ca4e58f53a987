// The promise of the hot path: an event that matches nothing allocates nothing, with either outcome
// of the cheap checks, once the process that acts is known.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "compiler/ir/compile.h"
#include "runtime/engine/engine.h"
#include "tests/support/record_builder.h"

namespace {
std::atomic<size_t> allocations{0};
}

// Counts for this whole test program; the default implementations all end here.
void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

using namespace falcod;
using falcoc::EventCode;
using falcod::testing::RecordBuilder;

namespace {

constexpr std::string_view kRules = R"(
- rule: by name
  desc: d
  condition: evt.type in (open, openat) and fd.name startswith /never and proc.name in (a, b, c)
  output: o %fd.name
  priority: WARNING
- rule: by process
  desc: d
  condition: evt.type = openat and proc.pname = nobody and proc.aname[2] contains x
  output: o
  priority: WARNING
- rule: by texts that are put together
  desc: d
  condition: >
    evt.type = openat and (proc.aname = never or proc.cmdline contains never or
    proc.env contains never or thread.cap_effective contains CAP_NEVER or
    thread.cgroups contains never or thread.nametid contains never or fs.path.name contains never or
    fd.containername contains never or fd.uid contains never)
  output: o
  priority: WARNING
- rule: by all descriptors
  desc: d
  condition: >
    evt.type = openat and (fd.types intersects (bpf, memfd) or proc.fdopencount > 100 or
    proc.fdusage > 50 or proc.nthreads > 100 or evt.deltatime > 1000000000000 or
    proc.stdin.name contains never or thread.cpu > 100)
  output: o
  priority: WARNING
- rule: by what is polled
  desc: d
  condition: >
    evt.type = poll and (fdlist.names contains never or fdlist.cips contains never or
    fdlist.sports contains never)
  output: o
  priority: WARNING
- rule: by connection
  desc: d
  condition: evt.type = connect and fd.sip = 192.0.2.1 and fd.sport = 4444
  output: o
  priority: WARNING
)";

std::unique_ptr<Engine> make_engine(size_t& alerts) {
  falcoc::SourceMap sources;
  falcoc::rules::RuleSet rules;
  falcoc::Diagnostics diagnostics;
  REQUIRE(falcoc::rules::load_rules(sources.add("test.yaml", std::string(kRules)), sources, rules,
                                    diagnostics));
  EngineOptions options;
  options.evaluator = Evaluator::NATIVE;
  options.boot_to_epoch_ns = 0;
  auto engine = Engine::create(
      falcoc::ir::compile(rules, {}, diagnostics), {}, [&alerts](const Alert&) { ++alerts; },
      diagnostics, options);
  REQUIRE_FALSE(diagnostics.has_errors());
  REQUIRE(engine);
  return std::move(*engine);
}

RecordBuilder base(EventCode code, std::string_view comm) {
  RecordBuilder record(static_cast<uint16_t>(code));
  record.task(5'000'000, 1, comm).time_ns(1'000'000'000);
  return record;
}

size_t allocations_of(Engine& engine, RecordBuilder& record) {
  const auto bytes = record.bytes();
  for (int i = 0; i < 100; ++i) engine.on_record(bytes);  // buffers reach their size
  const size_t before = allocations;
  for (int i = 0; i < 1000; ++i) engine.on_record(bytes);
  return allocations - before;
}

}  // namespace

TEST_CASE("events that match nothing allocate nothing") {
  size_t alerts = 0;
  const auto engine = make_engine(alerts);

  SUBCASE("no rule is interested in the kind") {
    RecordBuilder record = base(EventCode::CHDIR, "other");
    CHECK(allocations_of(*engine, record) == 0);
  }
  SUBCASE("rules look at the path and the process") {
    RecordBuilder record = base(EventCode::OPENAT, "other");
    record.ret(3).text(2, "/etc/a/rather/long/path/that/fits/no/small/string/buffer");
    CHECK(allocations_of(*engine, record) == 0);
  }
  SUBCASE("rules look at all descriptors") {
    RecordBuilder record = base(EventCode::OPENAT, "other");
    const fc_fd_table table{.limit = 1024, .open_count = 4};
    std::string item(reinterpret_cast<const char*>(&table), sizeof table);
    item.append(4, static_cast<char>(FC_FD_TYPE_MODE + 8));
    fc_fd file{};
    file.mode = 0100644;
    record.ret(3)
        .text(2, "/etc/a/rather/long/path/that/fits/no/small/string/buffer")
        .item(FC_ITEM_FD_TABLE, item)
        .structure(FC_ITEM_STANDARD_FD, file)
        .text(FC_ITEM_STANDARD_FD_PATH, "/var/log/a/file/with/a/name/that/is/long/enough");
    CHECK(allocations_of(*engine, record) == 0);
  }
  SUBCASE("rules look at what is polled") {
    RecordBuilder record = base(EventCode::POLL, "other");
    record.ret(1).structure(
        FC_ITEM_POLLED_FD,
        falcod::testing::ip_socket(5, 77, 6, "198.51.100.7", 40000, "203.0.113.9", 443));
    CHECK(allocations_of(*engine, record) == 0);
  }
  SUBCASE("rules look at a connection") {
    RecordBuilder record = base(EventCode::CONNECT, "other");
    const fc_fd socket =
        falcod::testing::ip_socket(5, 77, 6, "198.51.100.7", 40000, "203.0.113.9", 443);
    record.ret(0).structure(FC_ITEM_FD, socket, 2);
    CHECK(allocations_of(*engine, record) == 0);
  }
  CHECK(alerts == 0);
}

// Fields that look at more than the event and its process: all descriptors, polled ones, names of
// hosts, earlier events.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/runtime/engine/field_fixture.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using falcoc::FieldRef;
using testing::EventBuilder;
using testing::FieldFixture;
using testing::ip_socket;
using testing::kAbsent;
using testing::kNow;
using testing::open_event;
using testing::RecordBuilder;

struct FdTableFields : FieldFixture {
  void run() {
    RecordBuilder record(static_cast<uint16_t>(EventCode::OPENAT));
    const fc_fd_table open_table{.limit = 200, .open_count = 5};
    std::string item(reinterpret_cast<const char*>(&open_table), sizeof open_table);
    item += static_cast<char>(FC_FD_TYPE_MODE + (S_IFREG >> 12));
    item += static_cast<char>(FC_FD_TYPE_SOCKET + AF_INET);
    item += static_cast<char>(FC_FD_TYPE_CLOSED);
    item += static_cast<char>(FC_ANON_EVENTFD);
    item += static_cast<char>(FC_FD_TYPE_MODE + (S_IFCHR >> 12));
    item += static_cast<char>(FC_ANON_OTHER);
    record.task(300, 200, "cat").item(FC_ITEM_FD_TABLE, item);
    EventBuilder event = open_event();
    event.record(record);
    on(event);
    check({{"proc.fdopencount", "5"},
           {"proc.fdlimit", "200"},
           {"proc.fdusage", "2.5"},
           {"fd.types", "(file,ipv4,event,<NA>)"},
           {"fd.types[1]", "(ipv4)"},
           {"fd.types[2]", "<absent>"},
           {"fd.types[4]", "(file)"},
           {"fd.types[99]", "<absent>"}});
    EventBuilder without(EventCode::KILL);
    on(without.ret(0).record(record));
    CHECK_EQ(text("fd.types"), kAbsent);  // an event without a descriptor
  }
};
TEST_CASE_FIXTURE(FdTableFields, "all descriptors of the process") { run(); }

struct PollFields : FieldFixture {
  void run() {
    RecordBuilder record(static_cast<uint16_t>(EventCode::POLL));
    fc_fd file{};
    file.fd = 7;
    file.mode = S_IFREG | 0644;
    fc_fd closed{};
    closed.fd = 9;
    fc_fd listener = ip_socket(5, 2, IPPROTO_TCP, "10.0.0.2", 80, "0.0.0.0", 0);
    listener.tcp_state = 10;
    record.task(300, 200, "cat")
        .structure(FC_ITEM_POLLED_FD,
                   ip_socket(4, 1, IPPROTO_TCP, "10.0.0.2", 40000, "10.0.0.9", 443), 0)
        .structure(FC_ITEM_POLLED_FD, file, 1)
        .text(FC_ITEM_POLLED_FD_PATH, "/etc/motd", 1)
        .structure(FC_ITEM_POLLED_FD, closed, 2)
        .structure(FC_ITEM_POLLED_FD, listener, 3);
    EventBuilder event(EventCode::POLL);
    event.record(record).ret(1);
    on(event);
    check({{"fdlist.nums", "4,7,9,5"},
           {"fdlist.names", "10.0.0.2:40000->10.0.0.9:443,/etc/motd,<NA>,10.0.0.2:80"},
           {"fdlist.cips", "10.0.0.2"},
           {"fdlist.sips", "10.0.0.9,10.0.0.2"},
           {"fdlist.cports", "40000"},
           {"fdlist.sports", "443"}});

    // A capture has numbers only.
    EventBuilder captured(EventCode::PPOLL);
    const std::string list("\x01\x00\x06\0\0\0\0\0\0\0\x01\x00", 12);
    on(captured.ret(1).bytes("fds", list));
    check({{"fdlist.nums", "6"}, {"fdlist.names", "<NA>"}, {"fdlist.cips", "<absent>"}});
    EventBuilder other = open_event();
    on(other);
    CHECK_EQ(text("fdlist.nums"), kAbsent);
  }
};
TEST_CASE_FIXTURE(PollFields, "descriptors that are polled") { run(); }

struct HostNameFields : FieldFixture {
  void run() {
    HostNames resolved({"b.example", "a.example"}, [](const std::string& name) {
      const std::string address("\x0a\x00\x00\x09", 4);
      return name == "none" ? std::vector<std::string>{} : std::vector{address};
    });
    REQUIRE(resolved.wait_until_resolved(std::chrono::seconds(60)));
    resolved.refresh();
    context.names = &resolved;
    EventBuilder event(EventCode::CONNECT);
    RecordBuilder record(static_cast<uint16_t>(EventCode::CONNECT));
    record.task(300, 200, "cat")
        .structure(FC_ITEM_FD, ip_socket(4, 1, IPPROTO_TCP, "10.0.0.2", 40000, "10.0.0.9", 443), 2);
    event.record(record).ret(0).number("fd", 4);
    on(event);
    check({{"fd.sip.name", "b.example"},
           {"fd.rip.name", "b.example"},
           {"fd.cip.name", "<absent>"},
           {"fd.lip.name", "<absent>"}});
    // In a condition: every name, and the address itself.
    const FieldRef in_condition{.id = falcoc::FieldId::fd_sip_name,
                                .type = falcoc::ParamType::CHARBUF,
                                .shape = falcoc::Shape::EITHER_SIDE,
                                .key = {}};
    falcoc::Value value;
    REQUIRE(accessor(falcoc::FieldId::fd_sip_name)(&context, in_condition, value));
    REQUIRE_EQ(value.size, 3);
    CHECK_EQ(value.items[0].text(), "10.0.0.9");
    CHECK_EQ(value.items[1].text(), "b.example");
    CHECK_EQ(value.items[2].text(), "a.example");
  }
};
TEST_CASE_FIXTURE(HostNameFields, "names of addresses") { run(); }

struct HistoryFields : FieldFixture {
  void at(EventBuilder& builder, uint64_t time_ns) {
    const Event& event = builder.tid(300, 300).time_ns(time_ns).event();
    context.event = &event;
    history.begin(event);
  }
  void run() {
    EventBuilder first = open_event();
    at(first, kNow);
    history.end(*context.event);
    EventBuilder second(EventCode::SWITCH);
    at(second, kNow + 1'500'000'000);
    check({{"evt.deltatime", "1500000000"},
           {"evt.deltatime.s", "1"},
           {"evt.deltatime.ns", "500000000"},
           {"thread.exectime", "0"}});
    history.end(*context.event);
    EventBuilder third(EventCode::SWITCH);
    at(third, kNow + 1'500'000'700);
    check({{"thread.exectime", "700"}, {"thread.totexectime", "700"}});
    history.end(*context.event);

    const auto usage = [&](int64_t user, int64_t system) {
      EventBuilder info(EventCode::PROCINFO);
      at(info.number("cpu_usr", user).number("cpu_sys", system), kNow + 2'000'000'000);
      history.end(*context.event);
      return text("thread.cpu") + " " + text("thread.cpu.user") + " " + text("thread.cpu.system");
    };
    CHECK_EQ(usage(100, 50), "0.0 0.0 0.0");
    CHECK_EQ(usage(110, 55), "15.0 10.0 5.0");
    CHECK_EQ(usage(900, 55), "100.0 100.0 0.0");
  }
};
TEST_CASE_FIXTURE(HistoryFields, "what is counted from event to event") { run(); }

struct InfraFields : FieldFixture {
  void run() {
    EventBuilder event(EventCode::INFRA);
    event.text("description",
               "Event: die ; ID: 0123456789abcdef; name: web; Image: nginx@sha256:77");
    on(event);
    check({{"evt.infra.docker.name", "die"},
           {"evt.infra.docker.container.id", "0123456789ab"},
           {"evt.infra.docker.container.name", "web"},
           {"evt.infra.docker.container.image", "nginx"}});
  }
};
TEST_CASE_FIXTURE(InfraFields, "events of a container engine in old captures") { run(); }

struct NeverSetFields : FieldFixture {
  void run() {
    EventBuilder event = open_event();
    on(event);
    for (const falcoc::FieldInfo& field : falcoc::fields()) {
      if (!field.doc.starts_with("Deprecated, never set")) continue;
      const std::string argument =
          field.argument == falcoc::ArgumentRule::KEY_REQUIRED ? "[app]" : "";
      CHECK_EQ(text(std::string(field.name) + argument), kAbsent);
    }
  }
};
TEST_CASE_FIXTURE(NeverSetFields, "fields that nothing sets any more") { run(); }

}  // namespace

void testing::look_at_fields_of_state() {
  FdTableFields{}.run();
  PollFields{}.run();
  HostNameFields{}.run();
  HistoryFields{}.run();
  InfraFields{}.run();
  NeverSetFields{}.run();
}

}  // namespace falcod

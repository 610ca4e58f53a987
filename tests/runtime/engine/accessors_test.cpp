// Every supplied field on one synthetic event of its kind.
#include <doctest/doctest.h>
#include <netinet/in.h>

#include <cerrno>

#include "tests/runtime/engine/field_fixture.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using testing::EventBuilder;
using testing::FieldFixture;
using testing::ip_socket;
using testing::ip_tuple;
using testing::kAbsent;
using testing::kNow;
using testing::open_event;
using testing::RecordBuilder;

struct ProcessFields : FieldFixture {
  void run() {
    EventBuilder event = open_event();
    on(event);
    check({
        {"proc.exe", "/bin/cat"},
        {"proc.pexe", "-bash"},
        {"proc.aexe[2]", "/usr/sbin/sshd"},
        {"proc.exepath", "/usr/bin/cat"},
        {"proc.pexepath", "/usr/bin/bash"},
        {"proc.aexepath[1]", "/usr/bin/bash"},
        {"proc.name", "cat"},
        {"proc.pname", "bash"},
        {"proc.aname", "bash sshd"},
        {"proc.aname[0]", "cat"},
        {"proc.aname[2]", "sshd"},
        {"proc.aname[3]", "<absent>"},
        {"proc.args", "-n /etc/shadow"},
        {"proc.args[1]", "/etc/shadow"},
        {"proc.args[9]", ""},
        {"proc.aargs", " -D"},
        {"proc.aargs[2]", "-D"},
        {"proc.cmdline", "cat -n /etc/shadow"},
        {"proc.pcmdline", "bash"},
        {"proc.acmdline[2]", "sshd -D"},
        {"proc.exeline", "/bin/cat -n /etc/shadow"},
        {"proc.cmdnargs", "2"},
        {"proc.cmdlenargs", "13"},
        {"proc.env", "HOME=/root LANG=C"},
        {"proc.env[LANG]", "C"},
        {"proc.env[NONE]", ""},
        {"proc.env[7]", "HOME=/root LANG=C"},
        {"proc.aenv[LANG]", "C"},
        {"proc.aenv[1]", "HOME=/root LANG=C"},
        {"proc.cwd", "/root/"},
        {"proc.loginshellid", "200"},
        {"proc.tty", "34816"},
        {"proc.pid", "300"},
        {"proc.ppid", "200"},
        {"proc.apid[2]", "100"},
        {"proc.vpid", "3"},
        {"proc.pvpid", "200"},
        {"proc.sid", "200"},
        {"proc.sname", "bash"},
        {"proc.sid.exe", "-bash"},
        {"proc.sid.exepath", "/usr/bin/bash"},
        {"proc.vpgid", "300"},
        {"proc.vpgid.name", "cat"},
        {"proc.vpgid.exe", "/bin/cat"},
        {"proc.vpgid.exepath", "/usr/bin/cat"},
        {"proc.pgid", "300"},
        {"proc.pgid.name", "cat"},
        {"proc.pgid.exe", "/bin/cat"},
        {"proc.pgid.exepath", "/usr/bin/cat"},
        {"proc.duration", "4999999823"},
        {"proc.ppid.duration", "4999999923"},
        {"proc.pid.ts", "1700000000000000300"},
        {"proc.ppid.ts", "1700000000000000200"},
        {"proc.is_exe_writable", "true"},
        {"proc.is_exe_upper_layer", "true"},
        {"proc.is_exe_lower_layer", "false"},
        {"proc.is_exe_from_memfd", "false"},
        {"proc.is_sid_leader", "false"},
        {"proc.is_vpgid_leader", "false"},
        {"proc.is_pgid_leader", "true"},
        {"proc.exe_ino", "42"},
        {"proc.exe_ino.ctime", "1700000000000000001"},
        {"proc.exe_ino.mtime", "1700000000000000002"},
        {"proc.exe_ino.ctime_duration_proc_start", "299"},
        {"proc.exe_ino.ctime_duration_pidns_start", "1"},
        {"proc.pidns_init_start_ts", "1700000000000000000"},
        {"proc.fdlimit", "1024"},
        {"proc.vmsize", "10"},
        {"proc.vmrss", "5"},
        {"proc.vmswap", "1"},
        {"thread.cap_permitted", "CAP_CHOWN"},
        {"thread.cap_inheritable", ""},
        {"thread.cap_effective", "CAP_CHOWN CAP_SYS_ADMIN"},
        {"thread.pfmajor", "2"},
        {"thread.pfminor", "9"},
        {"proc.nthreads", "3"},
        {"proc.nchilds", "2"},
        {"proc.fdopencount", "<absent>"},
        {"proc.fdusage", "<absent>"},
        {"thread.exectime", "0"},
        {"thread.totexectime", "0"},
        {"thread.cpu", "<absent>"},
        {"thread.tid", "300"},
        {"thread.ismain", "true"},
        {"thread.vtid", "3"},
        {"thread.nametid", "cat300"},
        {"thread.cgroups", "memory=/docker/" + std::string(64, 'b') + " =/"},
        {"thread.cgroup.memory", "/docker/" + std::string(64, 'b')},
        {"thread.cgroup.pids", "/"},  // of version 2: no hierarchy of its own
        {"thread.cgroup.freezer", "<absent>"},
        {"thread.vmsize", "10"},
        {"thread.vmrss", "5"},
        {"thread.vmsize.b", "10240"},
        {"thread.vmrss.b", "5120"},
        {"user.uid", "0"},
        {"user.name", "root"},
        {"user.homedir", "/root"},
        {"user.loginuid", "-1"},
        {"user.loginname", "<NA>"},
        {"group.gid", "0"},
        {"group.name", "root"},
        {"container.id", "bbbbbbbbbbbb"},
        {"container.full_id", std::string(64, 'b')},
        {"container.name", "<absent>"},
        {"container.type", "docker"},
        {"container.start_ts", "1700000000000000000"},
        {"container.duration", "5000000123"},
    });
    text("user.shell");
    context.process = table.find(200);
    check({{"container.id", "host"},
           {"container.full_id", "host"},
           {"container.name", "host"},
           {"container.type", "host"},
           {"container.start_ts", "<absent>"},
           {"user.shell", "<NA>"}});
  }
};
TEST_CASE_FIXTURE(ProcessFields, "fields of the process and its ancestors") { run(); }

struct OpenFields : FieldFixture {
  void run() {
    EventBuilder event = open_event();
    on(event);
    check({
        {"fd.num", "3"},
        {"fd.type", "file"},
        {"fd.typechar", "f"},
        {"fd.name", "/root/secret"},
        {"fd.nameraw", "secret"},
        {"fd.directory", "/root"},
        {"fd.filename", "secret"},
        {"fd.containername", "bbbbbbbbbbbb:/root/secret"},
        {"fd.containerdirectory", "bbbbbbbbbbbb:/root"},
        {"fd.uid", "3003"},
        {"fd.dev", "100003"},
        {"fd.dev.major", "1"},
        {"fd.dev.minor", "3"},
        {"fd.ino", "99"},
        {"fd.is_upper_layer", "false"},
        {"fd.is_lower_layer", "false"},
        {"fd.l4proto", "<NA>"},
        {"fd.sockfamily", "<absent>"},
        {"fd.ip", "<absent>"},
        {"fd.sip", "<absent>"},
        {"fs.path.name", "/root/secret"},
        {"fs.path.nameraw", "secret"},
        {"fs.path.source", "<absent>"},
        {"evt.abspath", "/root/secret"},
        {"evt.num", "1"},
        {"evt.time.iso8601", "2023-11-14T22:13:25.000000123+0000"},
        {"evt.rawtime", "1700000005000000123"},
        {"evt.rawtime.s", "1700000005"},
        {"evt.rawtime.ns", "000000123"},
        {"evt.reltime", "5000000123"},
        {"evt.reltime.s", "5"},
        {"evt.reltime.ns", "000000123"},
        {"evt.deltatime", "0"},
        {"evt.deltatime.s", "0"},
        {"evt.deltatime.ns", "000000000"},
        {"evt.around[7]", "<absent>"},
        {"evt.infra.docker.name", "<absent>"},
        {"util.cnt", "1"},
        {"util.cnt", "2"},
        {"evt.source", "syscall"},
        {"evt.hostname", "host1"},
        {"evt.is_async", "false"},
        {"evt.asynctype", "<absent>"},
        {"evt.pluginname", "<absent>"},
        {"evt.plugininfo", "<absent>"},
        {"evt.latency", "0"},
        {"evt.latency.s", "0"},
        {"evt.latency.ns", "000000000"},
        {"evt.latency.quantized", "0"},
        {"evt.latency.human", "0ns"},
        {"evt.wait_latency", "0"},
        {"evt.dir", "<"},
        {"evt.type", "openat"},
        {"evt.type.is.openat", "1"},
        {"evt.type.is.open", "0"},
        {"evt.type.is.307", "1"},
        {"syscall.type", "openat"},
        {"evt.category", "file"},
        {"evt.cpu", "0"},
        {"evt.arg.name", "/root/secret"},
        {"evt.arg[4]", "0755"},
        {"evt.arg.flags", "O_CREAT|O_RDWR|O_F_CREATED"},
        {"evt.arg[90]", "<absent>"},
        {"evt.rawarg.flags", "16391"},
        {"evt.rawarg.name", "secret"},
        {"evt.res", "SUCCESS"},
        {"evt.rawres", "3"},
        {"evt.failed", "false"},
        {"evt.is_io", "false"},
        {"evt.is_wait", "false"},
        {"evt.count", "1"},
        {"evt.count.error", "0"},
        {"evt.count.exit", "1"},
        {"evt.count.procinfo", "0"},
        {"evt.count.threadinfo", "0"},
        {"evt.is_open_read", "true"},
        {"evt.is_open_write", "true"},
        {"evt.is_open_exec", "true"},
        {"evt.is_open_create", "true"},
        {"evt.buffer", "<absent>"},
        {"evt.buflen", "<absent>"},
        {"evt.args",
         "fd=3(<f>/root/secret) dirfd=-100(AT_FDCWD) name=secret(/root/secret) "
         "flags=16391(O_CREAT|O_RDWR|O_F_CREATED) mode=0755 dev=100003 ino=99"},
    });
    CHECK_EQ(text("evt.info"), text("evt.args"));
    CHECK_EQ(text("evt.outputtime"), text("evt.time"));
    CHECK_EQ(text("evt.time").size(), std::string("22:13:25.000000123").size());
    CHECK_EQ(text("evt.time.s") + ".000000123", text("evt.time"));
    CHECK(text("evt.datetime").ends_with(text("evt.time")));
    CHECK_EQ(text("evt.datetime.s") + ".000000123", text("evt.datetime"));
  }
};
TEST_CASE_FIXTURE(OpenFields, "fields of an opened file and of the event itself") { run(); }

struct FailedOpenFields : FieldFixture {
  void run() {
    EventBuilder event = open_event();
    event.ret(-ENOENT).number("flags", 1);
    on(event);
    check({{"evt.res", "ENOENT"},
           {"evt.rawres", "-2"},
           {"evt.failed", "true"},
           {"evt.count.error", "1"},
           {"evt.count.error.file", "1"},
           {"evt.count.error.net", "<absent>"},
           {"evt.count.error.memory", "<absent>"},
           {"evt.count.error.other", "<absent>"},
           {"evt.is_open_read", "true"},
           {"evt.is_open_write", "false"},
           {"evt.is_open_create", "false"},
           {"fd.num", "-1"},
           {"fd.name", "/root/secret"},
           {"evt.arg.fd", "ENOENT"}});
  }
};
TEST_CASE_FIXTURE(FailedOpenFields, "a failed open counts as one and keeps its name") { run(); }

struct ConnectionFields : FieldFixture {
  void run() {
    EventBuilder event(EventCode::SENDTO);
    RecordBuilder record(static_cast<uint16_t>(EventCode::SENDTO));
    record.task(300, 200, "cat")
        .ret(5)
        .structure(FC_ITEM_FD, ip_socket(4, 1, IPPROTO_TCP, "10.0.0.2", 40000, "10.0.0.9", 443), 2);
    event.record(record).ret(5).number("fd", 4).number("size", 5);
    event.bytes("data", std::string("ab\0\n!", 5));
    event.bytes("tuple", ip_tuple("10.0.0.2", 40000, "10.0.0.9", 443));
    on(event);
    check({{"fd.name", "10.0.0.2:40000->10.0.0.9:443"},
           {"fd.typechar", "4"},
           {"fd.l4proto", "tcp"},
           {"fd.sockfamily", "ip"},
           {"fd.ip", "10.0.0.2 10.0.0.9"},
           {"fd.cip", "10.0.0.2"},
           {"fd.sip", "10.0.0.9"},
           {"fd.lip", "10.0.0.2"},
           {"fd.rip", "10.0.0.9"},
           {"fd.port", "40000 443"},
           {"fd.proto", "40000 443"},
           {"fd.cport", "40000"},
           {"fd.sport", "443"},
           {"fd.lport", "40000"},
           {"fd.rport", "443"},
           {"fd.cproto", "40000"},
           {"fd.sproto", "443"},
           {"fd.lproto", "40000"},
           {"fd.rproto", "443"},
           {"fd.net", "<IPNET> <IPNET>"},
           {"fd.cnet", "<IPNET>"},
           {"fd.snet", "<IPNET>"},
           {"fd.lnet", "<IPNET>"},
           {"fd.rnet", "<IPNET>"},
           {"fd.is_server", "false"},
           {"fd.connected", "true"},
           {"fd.name_changed", "true"},
           {"fd.directory", "<absent>"},
           {"fd.filename", "<absent>"},
           {"evt.category", "net"},
           {"evt.is_io", "true"},
           {"evt.is_io_read", "false"},
           {"evt.is_io_write", "true"},
           {"evt.io_dir", "write"},
           {"evt.is_syslog", "false"},
           {"evt.buffer", "ab..!"},
           {"evt.buflen", "5"},
           {"evt.buflen.in", "<absent>"},
           {"evt.buflen.out", "5"},
           {"evt.buflen.file", "<absent>"},
           {"evt.buflen.file.in", "<absent>"},
           {"evt.buflen.file.out", "<absent>"},
           {"evt.buflen.net", "5"},
           {"evt.buflen.net.in", "<absent>"},
           {"evt.buflen.net.out", "5"},
           {"evt.arg.fd", "<4t>10.0.0.2:40000->10.0.0.9:443"},
           {"evt.arg.tuple", "10.0.0.2:40000->10.0.0.9:443"}});
  }
};
TEST_CASE_FIXTURE(ConnectionFields, "fields of a connection") { run(); }

struct StandardDescriptorFields : FieldFixture {
  void run() {
    RecordBuilder record(static_cast<uint16_t>(EventCode::OPENAT));
    fc_fd terminal{};
    terminal.fd = 1;
    terminal.mode = 0020620;  // a character device
    fc_fd closed{};
    closed.fd = 2;
    record.task(300, 200, "cat")
        .structure(FC_ITEM_STANDARD_FD,
                   ip_socket(0, 7, IPPROTO_TCP, "10.0.0.2", 40000, "10.0.0.9", 443))
        .structure(FC_ITEM_STANDARD_FD, terminal, 1)
        .text(FC_ITEM_STANDARD_FD_PATH, "/dev/pts/0", 1)
        .structure(FC_ITEM_STANDARD_FD, closed, 2);
    EventBuilder event = open_event();
    event.record(record);
    on(event);
    check({{"proc.stdin.type", "ipv4"},
           {"proc.stdin.name", "10.0.0.2:40000->10.0.0.9:443"},
           {"proc.stdout.type", "file"},
           {"proc.stdout.name", "/dev/pts/0"},
           {"proc.stderr.type", "<absent>"},
           {"proc.stderr.name", "<absent>"}});
    EventBuilder without = open_event();
    on(without);
    check({{"proc.stdin.type", "<absent>"}, {"proc.stdin.name", "<absent>"}});
  }
};
TEST_CASE_FIXTURE(StandardDescriptorFields, "standard descriptors of the process") { run(); }

struct PathFields : FieldFixture {
  void run() {
    EventBuilder event(EventCode::RENAME);
    event.ret(0).text("oldpath", "a").text("newpath", "/b");
    on(event);
    check({{"fs.path.source", "/root/a"},
           {"fs.path.sourceraw", "a"},
           {"fs.path.target", "/b"},
           {"fs.path.targetraw", "/b"},
           {"evt.abspath.src", "/root/a"},
           {"evt.abspath.dst", "/b"},
           {"fd.num", "<absent>"},
           {"fd.connected", "<absent>"}});
  }
};
TEST_CASE_FIXTURE(PathFields, "a call with two paths names both") { run(); }

struct TruthFields : FieldFixture {
  void run() {
    RecordBuilder record(static_cast<uint16_t>(EventCode::OPENAT));
    fc_fd file{};
    file.fd = 3;
    file.mode = 0100600;
    record.task(300, 200, "cat")
        .structure(FC_ITEM_FD, file)
        .text(FC_ITEM_FD_PATH, "/srv/link")
        .text(FC_ITEM_FD_ALIAS, "/etc/shadow")
        .text(FC_ITEM_FD_ALIAS, "/of/another/parameter", 1);
    record.header().flags = FC_EVENT_IO_URING | FC_EVENT_TRUNCATED;
    EventBuilder event = open_event();
    event.record(record);
    on(event);
    check({{"evt.is_io_uring", "true"},
           {"evt.is_cut", "true"},
           {"fd.name", "/root/secret"},
           {"fd.truename", "/srv/link /etc/shadow"},
           {"fd.truename[0]", "/srv/link"},
           {"fd.truename[1]", "/etc/shadow"},
           {"fd.truename[2]", "<absent>"},
           {"proc.is_args_cut", "false"}});
    EventBuilder plain = open_event();
    on(plain);
    check({{"evt.is_io_uring", "false"}, {"evt.is_cut", "false"}, {"fd.truename", "<absent>"}});
  }
};
TEST_CASE_FIXTURE(TruthFields, "what the program did not say") { run(); }

// Falco then gives the number of open files (Q30).
TEST_CASE_FIXTURE(FieldFixture, "the age of a parent whose start is not known is absent") {
  for (const uint64_t parent_start : {uint64_t{0}, kNow + 1}) {
    Process parent = process(400, 1, "sh", "sh", {});
    parent.clone_time_ns = parent_start;
    table.add(parent);
    context.process = table.add(process(500, 400, "ls", "ls", {}));
    EventBuilder open(EventCode::OPEN);
    on(open);
    CHECK(text("proc.ppid.duration") == kAbsent);
    CHECK(text("proc.duration") != kAbsent);
  }
  context.process = table.add(process(600, 12345, "orphan", "orphan", {}));
  CHECK(text("proc.ppid.duration") == kAbsent);
}

TEST_CASE("a text counts as plain where its source holds no NUL, and only there") {
  FieldFixture fixture;
  EventBuilder event = open_event();
  fixture.on(event);
  const auto is_plain = [&](falcoc::FieldId id) {
    falcoc::FieldRef field;
    field.id = id;
    falcoc::Value value;
    REQUIRE(accessor(id)(&fixture.context, field, value));
    CHECK((value.is_plain == 0 || !value.text().contains('\0')));
    return value.is_plain != 0;
  };
  CHECK(is_plain(falcoc::FieldId::fd_name));
  CHECK(is_plain(falcoc::FieldId::fd_filename));
  CHECK(is_plain(falcoc::FieldId::evt_type));
  const auto of_process = {falcoc::FieldId::proc_name, falcoc::FieldId::proc_exepath,
                           falcoc::FieldId::proc_cmdline, falcoc::FieldId::proc_args};
  const auto cat = std::make_shared<Process>(*fixture.context.process);
  fixture.context.process = cat;
  for (const bool is_known : {false, true}) {
    cat->has_plain_texts = is_known;
    for (const falcoc::FieldId id : of_process) CHECK_EQ(is_plain(id), is_known);
  }
  cat->cwd.assign("/ro\0t/", 6);  // as a capture may say, and the name is relative to it
  fixture.on(event);
  CHECK_FALSE(is_plain(falcoc::FieldId::fd_name));
}

TEST_CASE("every supplied field is looked at by the cases above") {
  // Cases run in processes of their own.
  ProcessFields{}.run();
  OpenFields{}.run();
  FailedOpenFields{}.run();
  ConnectionFields{}.run();
  StandardDescriptorFields{}.run();
  PathFields{}.run();
  TruthFields{}.run();
  testing::look_at_fields_of_state();
  testing::look_at_fields_of_containers();
  testing::look_at_fields_of_pods();
  for (const falcoc::FieldInfo& field : falcoc::fields()) {
    const bool has_accessor = accessor(field.id) != nullptr;
    CHECK_EQ(field.supplied, has_accessor);
    if (field.supplied) CHECK_MESSAGE(FieldFixture::tested.contains(field.name), field.name);
  }
}

}  // namespace
}  // namespace falcod

// Every field of system calls on a live event: one row each, compared with what is known without
// falcod. A field without a row fails the test.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "compiler/catalog/catalog.h"
#include "compiler/ir/field_ref.h"
#include "tests/live/fields/expectations.h"

namespace falcod::test {
namespace {

struct Row {
  std::string field;  ///< as in an output, with its argument
  std::string scene;
  Expectation expectation;
};

/// Fields that compare only: a condition that must hold on an event of a scene, one that must not.
struct Comparison {
  std::string field;
  std::string scene;
  std::string holds, fails;
};

std::vector<Scene> scenes() {
  return {
      {"open", "evt.type = openat and fd.filename = known.txt", {}},
      {"missing", "evt.type = openat and fd.filename = missing.txt", {}},
      {"write", "evt.type = write and fd.filename = known.txt", {}},
      {"read", "evt.type = read and fd.filename = known.txt", {}},
      {"rename", "evt.type in (rename, renameat, renameat2)", {}},
      {"connect", "evt.type = connect and fd.typechar = 4 and evt.rawres = 0", {}},
      {"again", "evt.type = connect and fd.typechar = 4 and evt.failed = true", {}},
      {"send", "evt.type = sendto and fd.typechar = 4", {}},
      {"receive", "evt.type = recvfrom and fd.typechar = 4", {}},
      {"poll", "evt.type in (poll, ppoll)", {}},
      {"log", "evt.type = write and fd.type = unix", {}},
      {"map", "evt.type = mmap and evt.failed = true", {}},
      {"kill", "evt.type = kill and evt.failed = true", {}},
      {"thread", "evt.type in (open, openat) and fd.name = /etc/hosts", {}},
      {"generic", "evt.type = getppid", {}},
  };
}

constexpr double kDay = 86400e9;
constexpr const char* kFraction = "\\.[0-9]{9}";
const std::string kClock = "[0-2][0-9]:[0-5][0-9]:[0-5][0-9]";

std::vector<Row> event_rows() {
  return {
      {"evt.num", "open", between(1, 1e12)},
      {"evt.time", "open", matches(kClock + kFraction)},
      {"evt.time.s", "open", matches(kClock)},
      {"evt.time.iso8601", "open", matches("20[0-9-]{8}T" + kClock + kFraction + "\\+0000")},
      {"evt.datetime", "open", matches("20[0-9-]{8} " + kClock + kFraction)},
      {"evt.datetime.s", "open", matches("20[0-9-]{8} " + kClock)},
      {"evt.outputtime", "open", matches(kClock + kFraction)},
      {"evt.rawtime", "open", near_known("now_ns", kDay)},
      {"evt.rawtime.s", "open", near_known("now_s", kDay / 1e9)},
      {"evt.rawtime.ns", "open", between(0, 999'999'999)},
      {"evt.reltime", "open", between(1, kDay)},
      {"evt.reltime.s", "open", between(0, 86400)},
      {"evt.reltime.ns", "open", between(0, 999'999'999)},
      {"evt.deltatime", "write", between(1, kDay)},
      {"evt.deltatime.s", "write", between(0, 86400)},
      {"evt.deltatime.ns", "write", between(0, 999'999'999)},
      {"evt.pluginname", "open", absent()},
      {"evt.plugininfo", "open", absent()},
      {"evt.source", "open", text("syscall")},
      {"evt.is_async", "open", text("false")},
      {"evt.asynctype", "open", absent()},
      {"evt.hostname", "open", text("known-host")},
      {"evt.latency", "open", text("0")},
      {"evt.latency.s", "open", text("0")},
      {"evt.latency.ns", "open", text("000000000")},
      {"evt.latency.quantized", "open", text("0")},
      {"evt.latency.human", "open", text("0ns")},
      {"evt.wait_latency", "poll", text("0")},
      {"evt.dir", "open", text("<")},
      {"evt.type", "open", text("openat")},
      {"evt.type", "generic", text("getppid")},
      {"evt.type.is.openat", "open", text("1")},
      {"evt.type.is.open", "open", text("0")},
      {"syscall.type", "open", text("openat")},
      {"syscall.type", "generic", text("getppid")},
      {"evt.category", "open", text("file")},
      {"evt.category", "send", text("net")},
      {"evt.category", "map", text("memory")},
      {"evt.cpu", "open", between(0, 4096)},
      {"evt.args", "open",
       contains("dirfd={open_dirfd}(<d>{directory}) name=known.txt({directory}")},
      {"evt.args", "generic", text("")},
      {"evt.info", "open", contains("name=known.txt({directory}/known.txt) flags=")},
      {"evt.arg.name", "open", filled("{directory}/known.txt")},
      {"evt.arg[0]", "open", filled("<f>{directory}/known.txt")},
      {"evt.arg.mode", "open", text("0751")},
      {"evt.rawarg.mode", "open", text("751")},
      {"evt.rawarg.name", "open", text("known.txt")},
      {"evt.buffer", "send", text("ping.")},
      {"evt.buflen", "send", text("5")},
      {"evt.buflen", "open", absent()},
      {"evt.buflen.out", "send", text("5")},
      {"evt.buflen.in", "receive", text("5")},
      {"evt.buflen.in", "send", absent()},
      {"evt.buflen.file", "write", known("written")},
      {"evt.buflen.file", "send", absent()},
      {"evt.buflen.file.out", "write", known("written")},
      {"evt.buflen.file.in", "read", known("file_read")},
      {"evt.buflen.net", "send", text("5")},
      {"evt.buflen.net", "write", absent()},
      {"evt.buflen.net.in", "receive", text("5")},
      {"evt.buflen.net.out", "send", text("5")},
      {"evt.res", "open", text("SUCCESS")},
      {"evt.res", "missing", text("ENOENT")},
      {"evt.rawres", "open", known("open_fd")},
      {"evt.rawres", "missing", text("-2")},
      {"evt.failed", "open", text("false")},
      {"evt.failed", "missing", text("true")},
      {"evt.is_io", "write", text("true")},
      {"evt.is_io", "open", text("false")},
      {"evt.is_io_read", "read", text("true")},
      {"evt.is_io_read", "write", text("false")},
      {"evt.is_io_write", "write", text("true")},
      {"evt.io_dir", "write", text("write")},
      {"evt.io_dir", "receive", text("read")},
      {"evt.is_wait", "poll", text("true")},
      {"evt.is_wait", "open", text("false")},
      {"evt.is_syslog", "log", text("true")},
      {"evt.is_syslog", "write", text("false")},
      {"evt.count", "open", text("1")},
      {"evt.count.error", "open", text("0")},
      {"evt.count.error", "missing", text("1")},
      {"evt.count.error.file", "missing", text("1")},
      {"evt.count.error.file", "again", absent()},
      {"evt.count.error.net", "again", text("1")},
      {"evt.count.error.net", "missing", absent()},
      {"evt.count.error.memory", "map", text("1")},
      {"evt.count.error.memory", "kill", absent()},
      {"evt.count.error.other", "kill", text("1")},
      {"evt.count.error.other", "map", absent()},
      {"evt.count.exit", "open", text("1")},
      {"evt.count.procinfo", "open", text("0")},
      {"evt.count.threadinfo", "open", text("0")},
      {"evt.abspath", "open", filled("{directory}/known.txt")},
      {"evt.abspath.src", "rename", filled("{directory}/known.txt")},
      {"evt.abspath.dst", "rename", filled("{directory}/renamed.txt")},
      {"evt.is_open_read", "open", text("true")},
      {"evt.is_open_write", "open", text("true")},
      {"evt.is_open_write", "missing", text("false")},
      {"evt.is_open_exec", "open", text("true")},
      {"evt.is_open_exec", "missing", text("false")},
      {"evt.is_open_create", "open", text("true")},
      {"evt.is_open_create", "missing", text("false")},
      {"evt.is_io_uring", "open", text("false")},
      {"evt.is_cut", "open", text("false")},
      {"evt.infra.docker.name", "open", absent()},
      {"evt.infra.docker.container.id", "open", absent()},
      {"evt.infra.docker.container.name", "open", absent()},
      {"evt.infra.docker.container.image", "open", absent()},
      {"fs.path.name", "open", filled("{directory}/known.txt")},
      {"fs.path.nameraw", "open", text("known.txt")},
      {"fs.path.source", "rename", filled("{directory}/known.txt")},
      {"fs.path.sourceraw", "rename", text("known.txt")},
      {"fs.path.target", "rename", filled("{directory}/renamed.txt")},
      {"fs.path.targetraw", "rename", text("renamed.txt")},
      {"util.cnt", "open", between(1, 1e9)},
  };
}

std::vector<Row> process_rows() {
  return {
      {"proc.exe", "open", text("actor0")},
      {"proc.pexe", "open", known("test_exe")},
      {"proc.aexe[2]", "open", known("test_exe")},
      {"proc.exepath", "open", known("actor_path")},
      {"proc.pexepath", "open", known("test_path")},
      {"proc.aexepath[2]", "open", known("test_path")},
      {"proc.name", "open", text("fields_actor")},
      {"proc.pname", "open", known("test_comm")},
      {"proc.aname", "open", begins("{test_comm} {test_comm} ")},
      {"proc.aname[0]", "open", text("fields_actor")},
      {"proc.aname[1]", "open", known("test_comm")},
      {"proc.args", "open", filled("{report_path} first second word")},
      {"proc.args[2]", "open", text("second word")},
      {"proc.aargs[1]", "open", known("test_arguments")},
      {"proc.cmdline", "open", filled("fields_actor {report_path} first second word")},
      {"proc.pcmdline", "open", known("test_cmdline")},
      {"proc.acmdline[2]", "open", known("test_cmdline")},
      {"proc.cmdnargs", "open", text("3")},
      {"proc.cmdlenargs", "open", known("argument_bytes")},
      {"proc.exeline", "open", filled("actor0 {report_path} first second word")},
      {"proc.env", "open", text("HOME=/known/home MARK=of actor")},
      {"proc.env[MARK]", "open", text("of actor")},
      {"proc.aenv[PATH]", "open", known("path_variable")},
      {"proc.cwd", "open", filled("{directory}/")},
      {"proc.loginshellid", "open", known("login_shell")},
      {"proc.tty", "open", known("tty")},
      {"proc.pid", "open", known("pid")},
      {"proc.ppid", "open", known("leader_pid")},
      {"proc.apid[1]", "open", known("leader_pid")},
      {"proc.apid[2]", "open", known("test_pid")},
      {"proc.vpid", "open", text("1")},
      {"proc.pvpid", "open", known("leader_pid")},
      {"proc.sid", "open", known("leader_pid")},
      {"proc.sname", "open", known("test_comm")},
      {"proc.sid.exe", "open", known("test_exe")},
      {"proc.sid.exepath", "open", known("test_path")},
      {"proc.vpgid", "open", text("1")},
      {"proc.vpgid.name", "open", text("fields_actor")},
      {"proc.vpgid.exe", "open", text("actor0")},
      {"proc.vpgid.exepath", "open", known("actor_path")},
      {"proc.pgid", "open", known("pid")},
      {"proc.pgid.name", "open", text("fields_actor")},
      {"proc.pgid.exe", "open", text("actor0")},
      {"proc.pgid.exepath", "open", known("actor_path")},
      {"proc.duration", "open", between(1, kDay)},
      {"proc.ppid.duration", "open", between(1, kDay)},
      {"proc.pid.ts", "open", near_known("start_ns", 2e9)},
      {"proc.ppid.ts", "open", near_known("start_ns", kDay)},
      {"proc.is_exe_writable", "open", text("true")},
      {"proc.is_exe_upper_layer", "open", text("false")},
      {"proc.is_exe_lower_layer", "open", where_layers("true", "false")},
      {"proc.is_exe_from_memfd", "open", text("false")},
      {"proc.is_sid_leader", "open", text("false")},
      {"proc.is_vpgid_leader", "open", text("true")},
      {"proc.is_pgid_leader", "open", text("true")},
      {"proc.exe_ino", "open", known("exe_ino")},
      {"proc.exe_ino.ctime", "open", known("exe_ctime")},
      {"proc.exe_ino.mtime", "open", known("exe_mtime")},
      {"proc.exe_ino.ctime_duration_proc_start", "open", between(1, kDay)},
      {"proc.exe_ino.ctime_duration_pidns_start", "open", absent()},
      {"proc.pidns_init_start_ts", "open", near_known("start_ns", 2e9)},
      {"proc.fdopencount", "open", text("6")},
      {"proc.fdlimit", "open", text("512")},
      {"proc.fdusage", "open", text("1.2")},
      {"proc.vmsize", "open", between(1000, 1e9)},
      {"proc.vmrss", "open", between(1, 1e9)},
      {"proc.vmswap", "open", between(0, 1e9)},
      {"proc.is_args_cut", "open", text("false")},
      {"proc.nthreads", "open", text("1")},
      {"proc.nthreads", "thread", text("2")},
      {"proc.nchilds", "open", text("0")},
      {"proc.nchilds", "thread", text("1")},
      {"proc.stdin.type", "open", text("file")},
      {"proc.stdin.name", "open", text("/dev/null")},
      {"proc.stdout.type", "open", text("pipe")},
      {"proc.stdout.name", "open", text("")},
      {"proc.stderr.type", "open", text("file")},
      {"proc.stderr.name", "open", known("terminal")},
      {"thread.cap_permitted", "open", text("CAP_NET_RAW CAP_SYS_PTRACE")},
      {"thread.cap_inheritable", "open", text("CAP_NET_RAW CAP_SYS_PTRACE")},
      {"thread.cap_effective", "open", text("CAP_NET_RAW CAP_SYS_PTRACE")},
      {"thread.pfmajor", "open", between(0, 1e6)},
      {"thread.pfminor", "open", between(1, 1e6)},
      {"thread.tid", "open", known("pid")},
      {"thread.tid", "thread", known("tid")},
      {"thread.ismain", "open", text("true")},
      {"thread.ismain", "thread", text("false")},
      {"thread.vtid", "open", text("1")},
      {"thread.vtid", "thread", known("vtid")},
      {"thread.nametid", "open", filled("fields_actor{pid}")},
      {"thread.exectime", "open", text("0")},
      {"thread.totexectime", "open", text("0")},
      {"thread.cgroups", "open", contains("docker-{container}.scope")},
      {"thread.cgroup.pids", "open", known("cgroup_pids")},
      {"thread.cpu", "open", absent()},
      {"thread.cpu.user", "open", absent()},
      {"thread.cpu.system", "open", absent()},
      {"thread.vmsize", "open", between(1000, 1e9)},
      {"thread.vmsize", "thread", text("0")},
      {"thread.vmrss", "open", between(1, 1e9)},
      {"thread.vmsize.b", "open", between(1000 * 1024, 1e12)},
      {"thread.vmrss.b", "open", between(1024, 1e12)},
      {"user.uid", "open", text("65534")},
      {"user.name", "open", text("nobody")},
      {"user.homedir", "open", text("/nonexistent")},
      {"user.shell", "open", text("/usr/sbin/nologin")},
      {"user.loginuid", "open", text("65534")},
      {"user.loginname", "open", text("nobody")},
      {"group.gid", "open", text("65534")},
      {"group.name", "open", text("nogroup")},
      {"container.id", "open", in_container(text("000011112222"), text("host"))},
      {"container.full_id", "open", in_container(known("container"), text("host"))},
      {"container.name", "open", in_container(absent(), text("host"))},
      {"container.type", "open", in_container(text("docker"), text("host"))},
      {"container.start_ts", "open", in_container(near_known("start_ns", 2e9), absent())},
      {"container.duration", "open", in_container(between(1, kDay), absent())},
  };
}

std::vector<Row> descriptor_rows() {
  const std::string connection = "127.0.0.1:{client_port}->127.0.0.1:{server_port}";
  return {
      {"fd.num", "open", known("open_fd")},
      {"fd.type", "open", text("file")},
      {"fd.type", "connect", text("ipv4")},
      {"fd.typechar", "open", text("f")},
      {"fd.name", "open", filled("{directory}/known.txt")},
      {"fd.name", "connect", filled(connection)},
      {"fd.nameraw", "open", text("known.txt")},
      {"fd.directory", "open", known("directory")},
      {"fd.filename", "open", text("known.txt")},
      {"fd.cip", "connect", text("127.0.0.1")},
      {"fd.sip", "connect", text("127.0.0.1")},
      {"fd.lip", "connect", text("127.0.0.1")},
      {"fd.rip", "connect", text("127.0.0.1")},
      {"fd.cport", "connect", known("client_port")},
      {"fd.sport", "connect", known("server_port")},
      {"fd.lport", "connect", known("client_port")},
      {"fd.rport", "connect", known("server_port")},
      {"fd.lport", "receive", known("server_port")},
      {"fd.cproto", "connect", known("client_port")},
      {"fd.sproto", "connect", known("server_port")},
      {"fd.lproto", "connect", known("client_port")},
      {"fd.rproto", "connect", known("server_port")},
      {"fd.l4proto", "connect", text("tcp")},
      {"fd.sockfamily", "connect", text("ip")},
      {"fd.sockfamily", "log", text("unix")},
      {"fd.is_server", "connect", text("false")},
      {"fd.is_server", "receive", text("true")},
      {"fd.uid", "open", filled("{pid}{open_fd}")},
      {"fd.containername", "open",
       in_container(filled("000011112222:{directory}/known.txt"),
                    filled(":{directory}/known.txt"))},
      {"fd.containerdirectory", "open",
       in_container(filled("000011112222:{directory}"), filled(":{directory}"))},
      {"fd.connected", "connect", text("true")},
      {"fd.connected", "open", text("false")},
      {"fd.name_changed", "connect", text("true")},
      {"fd.name_changed", "open", text("false")},
      {"fd.cip.name", "connect", text("localhost")},
      {"fd.sip.name", "connect", text("localhost")},
      {"fd.lip.name", "connect", text("localhost")},
      {"fd.rip.name", "connect", text("localhost")},
      {"fd.dev", "open", known("open_dev_hex")},
      {"fd.dev.major", "open", known("open_dev_major")},
      {"fd.dev.minor", "open", known("open_dev_minor")},
      {"fd.ino", "open", known("open_ino")},
      {"fd.truename[0]", "open", contains("here/known.txt")},
      {"fd.types", "open", text("(file,pipe,directory)")},
      {"fd.types[4]", "open", text("(directory)")},
      {"fd.is_upper_layer", "open", where_layers("true", "false")},
      {"fd.is_lower_layer", "open", text("false")},
      {"fdlist.nums", "poll", filled("{client_fd},{polled_file},999")},
      {"fdlist.names", "poll", filled(connection + ",/etc/hostname,<NA>")},
      {"fdlist.cips", "poll", text("127.0.0.1")},
      {"fdlist.sips", "poll", text("127.0.0.1")},
      {"fdlist.cports", "poll", known("client_port")},
      {"fdlist.sports", "poll", known("server_port")},
  };
}

std::vector<Comparison> comparisons() {
  return {
      {"evt.around", "connect", "evt.around[{now_ns}] = 86400000", "evt.around[7] = 1000"},
      {"fd.ip", "connect", "fd.ip = 127.0.0.1", "fd.ip = 127.0.0.2"},
      {"fd.net", "connect", "fd.net in (127.0.0.0/8)", "fd.net in (10.0.0.0/8)"},
      {"fd.cnet", "connect", "fd.cnet = 127.0.0.0/8", "fd.cnet = 10.0.0.0/8"},
      {"fd.snet", "connect", "fd.snet = 127.0.0.0/8", "fd.snet = 10.0.0.0/8"},
      {"fd.lnet", "connect", "fd.lnet = 127.0.0.0/8", "fd.lnet = 10.0.0.0/8"},
      {"fd.rnet", "connect", "fd.rnet = 127.0.0.0/8", "fd.rnet = 10.0.0.0/8"},
      {"fd.port", "connect", "fd.port >= 1024", "fd.port = 1"},
      {"fd.proto", "connect", "fd.proto >= 1024", "fd.proto = 1"},
      {"fd.sip.name", "connect", "fd.sip.name = localhost", "fd.sip.name != localhost"},
      {"fd.cip.name", "connect", "fd.cip.name in (localhost)", "fd.cip.name = 192.0.2.1"},
  };
}

/// What the test itself knows of itself, as the kernel keeps it.
void know_test(Known& known) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  known["now_s"] = std::to_string(now.tv_sec);
  known["now_ns"] = std::to_string(now.tv_sec * 1'000'000'000);
  std::string command;
  std::getline(std::ifstream("/proc/self/cmdline"), command);
  while (command.ends_with('\0')) command.pop_back();
  std::ranges::replace(command, '\0', ' ');
  const size_t blank = command.find(' ');
  const char* path = getenv("PATH");
  known["path_variable"] = path == nullptr ? "" : path;
  known["test_arguments"] = blank == std::string::npos ? "" : command.substr(blank + 1);
}

uint64_t boot_time_s() {
  std::ifstream stat("/proc/stat");
  std::string word;
  uint64_t value = 0;
  while (stat >> word) {
    if (word == "btime" && stat >> value) return value;
  }
  return 0;
}

/// Pid of the eldest ancestor of the actor whose name ends in "sh", by /proc.
std::string login_shell() {
  std::string found = "<NA>";
  for (long pid = getpid(); pid > 0;) {
    std::string stat;
    std::getline(std::ifstream(fmt::format("/proc/{}/stat", pid)), stat);
    const size_t end = stat.rfind(')');
    if (end == std::string::npos) break;
    if (stat.substr(0, end).ends_with("sh")) found = std::to_string(pid);
    pid = std::atol(stat.substr(end + 4).c_str());
  }
  return found;
}

/// What follows from what is known.
void derive(Known& known) {
  const uint64_t ticks = static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  const uint64_t start = std::stoull(known["start_ticks"]);
  known["start_ns"] =
      std::to_string(boot_time_s() * 1'000'000'000 + start * (1'000'000'000 / ticks));
  known["argument_bytes"] =
      std::to_string(known["report_path"].size() + std::string("firstsecond word").size());
  const std::string& arguments = known["test_arguments"];
  known["test_cmdline"] = known["test_comm"] + (arguments.empty() ? "" : " " + arguments);
  known["open_dev_hex"] = fmt::format(
      "{:X}", std::stoul(known["open_dev_major"]) << 20 | std::stoul(known["open_dev_minor"]));
  known["login_shell"] = login_shell();
}

std::string without_argument(const std::string& field) {
  std::string name = field.substr(0, field.find('['));
  const falcoc::FieldInfo* row = falcoc::ir::field_prefix(name);
  return row == nullptr ? name : std::string(row->name);
}

std::vector<Row> all_rows() {
  std::vector<Row> rows = event_rows();
  for (auto part : {process_rows(), descriptor_rows()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

}  // namespace

TEST_CASE("the table has every field of system calls") {
  std::set<std::string, std::less<>> told;
  for (const Row& row : all_rows()) told.insert(without_argument(row.field));
  for (const Comparison& comparison : comparisons()) told.insert(comparison.field);
  for (const falcoc::FieldInfo& field : falcoc::fields()) {
    const bool of_engines = field.field_class == "container" || field.field_class == "k8smeta";
    const bool never_set = has(field.flags, falcoc::FieldFlag::DEPRECATED) && of_engines;
    if (of_engines && (!field.supplied || never_set)) continue;
    CHECK_MESSAGE(field.supplied, field.name, " has no accessor");
    CHECK_MESSAGE(told.contains(field.name), field.name, " has no row");
  }
}

TEST_CASE("every field shows on a live event what is known without it") {
  Known of_test;
  know_test(of_test);
  const std::vector<Row> rows = all_rows();
  std::vector<Scene> told = scenes();
  for (Scene& scene : told) {
    std::set<std::string> fields;
    for (const Row& row : rows) {
      if (row.scene == scene.name) fields.insert(row.field);
    }
    scene.fields.assign(fields.begin(), fields.end());
  }
  const std::vector<Scene> base = scenes();
  for (const Comparison& comparison : comparisons()) {
    const auto scene = std::ranges::find(base, comparison.scene, &Scene::name);
    const auto add = [&](const char* kind, const std::string& condition) {
      told.push_back(
          {comparison.field + kind, scene->condition + " and " + fill(condition, of_test), {}});
    };
    add(" holds", comparison.holds);
    add(" fails", comparison.fails);
  }
  Performance performance = perform(told);
  if (performance.known.empty()) return;
  performance.known.merge(of_test);
  derive(performance.known);

  for (const Scene& scene : base) CHECK_MESSAGE(performance.shown.contains(scene.name), scene.name);
  for (const Row& row : rows) {
    const auto& shown = performance.shown[row.scene];
    const auto found = shown.find(row.field);
    if (found == shown.end()) {
      CHECK_MESSAGE(shown.empty(), row.field, " is not in the alert of ", row.scene);
      continue;
    }
    CHECK_MESSAGE(row.expectation(found->second, performance.known), row.field, " of ", row.scene,
                  ": ", found->second.text, " (", found->second.value.dump(), ")");
  }
  for (const Comparison& comparison : comparisons()) {
    CHECK_MESSAGE(performance.shown.contains(comparison.field + " holds"), comparison.holds);
    CHECK_MESSAGE(!performance.shown.contains(comparison.field + " fails"), comparison.fails);
  }
}

}  // namespace falcod::test

#include "tools/falcoc/testing/made_events.h"

#include <fmt/format.h>
#include <string.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

namespace falcoc::cli {

namespace {

using testing::Fact;
using testing::Facts;

constexpr size_t kCommLength = 15;  // TASK_COMM_LEN without its end
constexpr int kLastError = 133;     // EHWPOISON
constexpr std::array<std::string_view, 5> kOpens = {"open", "openat", "openat2", "creat",
                                                    "open_by_handle_at"};
/// Calls that return a descriptor.
constexpr std::array<std::string_view, 18> kMakers = {"open",
                                                      "openat",
                                                      "openat2",
                                                      "creat",
                                                      "open_by_handle_at",
                                                      "dup",
                                                      "dup2",
                                                      "dup3",
                                                      "accept",
                                                      "accept4",
                                                      "socket",
                                                      "eventfd",
                                                      "eventfd2",
                                                      "memfd_create",
                                                      "pidfd_open",
                                                      "timerfd_create",
                                                      "userfaultfd",
                                                      "signalfd4"};

std::optional<std::string> text_of(const Facts& facts, const std::string& field) {
  const Fact* fact = facts.find(field);
  if (fact == nullptr || fact->items.empty()) return std::nullopt;
  return fact->items.front();
}

void add(Facts& facts, const std::string& field, std::string text) {
  if (facts.find(field) == nullptr) facts.set(field, std::move(text));
}

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> found;
  while (!line.empty()) {
    const size_t blank = std::min(line.find(' '), line.size());
    if (blank > 0) found.emplace_back(line.substr(0, blank));
    line.remove_prefix(std::min(blank + 1, line.size()));
  }
  return found;
}

/// The name that a kernel gives to the process of this command line.
std::string comm_of(std::string_view program) {
  return std::string(program.substr(program.rfind('/') + 1).substr(0, kCommLength));
}

struct Process {
  std::string name, exe, exepath, cmdline;
  std::vector<std::string> args;
};

Process process_of(const std::string& line) {
  std::vector<std::string> all = words(line);
  Process process;
  if (all.empty()) return process;
  process.exe = all.front();
  process.name = comm_of(process.exe);
  process.exepath = process.exe.starts_with('/') ? process.exe : "/usr/bin/" + process.exe;
  process.args.assign(all.begin() + 1, all.end());
  process.cmdline = process.name;
  for (const std::string& argument : process.args) process.cmdline += " " + argument;
  return process;
}

bool is_one_of(std::string_view name, const auto& names) {
  return std::ranges::find(names, name) != names.end();
}

/// `1.2.3.4:80->5.6.7.8:90` of a connection.
void add_endpoints(Facts& facts, std::string_view name) {
  const size_t arrow = name.find("->");
  if (arrow == std::string_view::npos || name.starts_with('/')) return;
  const auto add_side = [&](std::string_view side, const char* address, const char* port) {
    const size_t colon = side.rfind(':');
    if (colon == std::string_view::npos) return;
    add(facts, address, std::string(side.substr(0, colon)));
    add(facts, port, std::string(side.substr(colon + 1)));
  };
  add_side(name.substr(0, arrow), "fd.cip", "fd.cport");
  add_side(name.substr(arrow + 2), "fd.sip", "fd.sport");
  const bool is_ipv4 = name.substr(0, arrow).find('.') != std::string_view::npos;
  add(facts, "fd.type", is_ipv4 ? "ipv4" : "ipv6");
  add(facts, "fd.typechar", is_ipv4 ? "4" : "6");
  add(facts, "fd.l4proto", "tcp");
}

void add_file(Facts& facts, const std::string& name) {
  add(facts, "fd.type", "file");
  add(facts, "fd.typechar", "f");
  const size_t slash = name.rfind('/');
  add(facts, "fd.filename", name.substr(slash + 1));
  add(facts, "fd.directory", slash == 0 ? "/" : name.substr(0, slash));
  add(facts, "fd.nameraw", name);
  if (facts.find("fd.truename") == nullptr && facts.find("fd.truename[0]") == nullptr) {
    facts.set_list("fd.truename", {name});
  }
}

/// What a program asked of open(2), and got.
void add_opening(Facts& facts, const std::string& type, bool failed) {
  add(facts, "evt.arg.flags", type == "creat" ? "O_CREAT|O_TRUNC|O_WRONLY" : "O_RDONLY");
  const std::string flags = *text_of(facts, "evt.arg.flags");
  const bool both = flags.find("O_RDWR") != std::string::npos;
  const bool writes = both || flags.find("O_WRONLY") != std::string::npos;
  add(facts, "evt.is_open_write", writes ? "true" : "false");
  add(facts, "evt.is_open_read", both || !writes ? "true" : "false");
  const std::string mode = text_of(facts, "evt.arg.mode").value_or("");
  const bool creates =
      flags.find("O_CREAT") != std::string::npos || flags.find("O_TMPFILE") != std::string::npos;
  const bool executable = mode.find("S_IX") != std::string::npos;
  add(facts, "evt.is_open_exec", creates && executable && !failed ? "true" : "false");
}

}  // namespace

void set_processes(Facts& facts, const std::vector<std::string>& command_lines) {
  if (command_lines.empty()) return;
  const Process process = process_of(command_lines.back());
  facts.set("proc.name", process.name);
  facts.set("proc.exe", process.exe);
  facts.set("proc.exepath", process.exepath);
  facts.set("proc.cmdline", process.cmdline);
  facts.set_list("proc.args", process.args);
  std::vector<std::string> names, exes, paths, lines;
  for (auto line = command_lines.rbegin() + 1; line != command_lines.rend(); ++line) {
    const Process ancestor = process_of(*line);
    names.push_back(ancestor.name);
    exes.push_back(ancestor.exe);
    paths.push_back(ancestor.exepath);
    lines.push_back(ancestor.cmdline);
  }
  if (names.empty()) return;
  facts.set("proc.pname", names.front());
  facts.set("proc.pexe", exes.front());
  facts.set("proc.pexepath", paths.front());
  facts.set("proc.pcmdline", lines.front());
  facts.set_list("proc.aname", std::move(names));
  facts.set_list("proc.aexe", std::move(exes));
  facts.set_list("proc.aexepath", std::move(paths));
  facts.set_list("proc.acmdline", std::move(lines));
}

std::expected<void, std::string> set_result(Facts& facts, const std::string& result) {
  int64_t number = 0;
  const auto parsed = std::from_chars(result.data(), result.data() + result.size(), number);
  if (parsed.ec == std::errc{} && parsed.ptr == result.data() + result.size()) {
    facts.set("evt.rawres", result);
    return {};
  }
  for (int error = 1; error <= kLastError; ++error) {
    const char* name = ::strerrorname_np(error);
    if (name == nullptr || result != name) continue;
    facts.set("evt.rawres", std::to_string(-error));
    return {};
  }
  return std::unexpected(fmt::format("`{}` is neither a number nor the name of an error", result));
}

void complete(Facts& facts) {
  const std::string type = facts.event_type();
  add(facts, "evt.num", "1");
  const bool makes = is_one_of(type, kMakers);
  add(facts, "evt.rawres", text_of(facts, "fd.num").value_or(makes ? "3" : "0"));
  const std::string result = *text_of(facts, "evt.rawres");
  const bool failed = result.starts_with('-');
  const int error = failed ? std::atoi(result.c_str() + 1) : 0;
  const char* name = failed ? ::strerrorname_np(error) : nullptr;
  add(facts, "evt.res", name != nullptr ? name : failed ? result : "SUCCESS");
  add(facts, "evt.failed", failed ? "true" : "false");
  if (makes) add(facts, "fd.num", failed ? "-1" : result);
  if (is_one_of(type, kOpens)) add_opening(facts, type, failed);
  if (const auto fd = text_of(facts, "fd.name")) {
    if (fd->starts_with('/')) add_file(facts, *fd);
    add_endpoints(facts, *fd);
  }
  add(facts, "container.id", "host");
  add(facts, "user.uid", "0");
  if (*text_of(facts, "user.uid") == "0") add(facts, "user.name", "root");
  add(facts, "proc.tty", "0");
  for (const char* end : {"name", "source", "target"}) {
    const std::string field = fmt::format("fs.path.{}", end);
    if (const auto path = text_of(facts, field)) add(facts, field + "raw", *path);
  }
  // What is always known is no when nobody said yes.
  for (const char* field :
       {"proc.is_exe_writable", "proc.is_exe_upper_layer", "proc.is_exe_lower_layer",
        "proc.is_exe_from_memfd", "proc.is_sid_leader", "proc.is_vpgid_leader",
        "proc.is_pgid_leader", "fd.is_upper_layer", "fd.is_lower_layer"}) {
    add(facts, field, "false");
  }
}

}  // namespace falcoc::cli

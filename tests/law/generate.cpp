#include "tests/law/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/catalog/catalog.h"
#include "tests/law/sockets.h"
#include "tests/law/texts.h"

namespace falcoc::law {
namespace {

/// Events with registers and texts of every kind. What rules are mostly about is here several
/// times.
constexpr std::array kEventNames{
    "openat",         "openat",    "openat", "open",     "open",         "creat",
    "unlink",         "mkdir",     "open",   "openat",   "openat2",      "creat",
    "symlink",        "symlinkat", "link",   "linkat",   "unlink",       "unlinkat",
    "rename",         "renameat2", "mkdir",  "mkdirat",  "rmdir",        "chmod",
    "fchmodat",       "chown",     "mount",  "umount2",  "dup",          "dup2",
    "dup3",           "socket",    "ptrace", "kill",     "close",        "read",
    "write",          "fchmod",    "flock",  "setns",    "memfd_create", "eventfd2",
    "timerfd_create", "lseek",     "splice", "mprotect", "mmap",         "access",
    "connect",        "connect",   "dup",    "write",    "accept4",      "shutdown",
    "sendto",         "recvfrom",  "read",   "ioctl",    "getsockopt",   "fcntl",
};

/// Part of a text that an event may have, as a literal.
std::string a_piece(Random& random) {
  const std::string text = a_text(random);
  const size_t begin = random() % (text.size() + 1);
  switch (random() % 4) {
    case 0:
      return text.substr(0, begin);
    case 1:
      return text.substr(begin);
    case 2:
      return text.substr(begin, random() % 12);
    default:
      return text;
  }
}

std::string quoted(std::string text) {
  std::erase_if(text, [](char c) { return c == '"' || c == '\\'; });
  return "\"" + text + "\"";
}

std::string text_check(Random& random, const std::string& field) {
  static constexpr std::array kOperators{"=",        "!=",        "startswith", "endswith",
                                         "contains", "icontains", "glob",       "iglob"};
  const bool is_plain =
      !field.starts_with("evt.rawarg") && !field.starts_with("tolower") && field != "fd.truename";
  if (is_plain && chance(random, 12)) return text_check(random, "tolower(" + field + ")");
  if (is_plain && chance(random, 24)) {  // of the text and of its copy in small letters at once
    const std::string folded = text_check(random, "tolower(" + field + ")");
    return fmt::format("({} {} {})", folded, chance(random, 2) ? "or" : "and",
                       text_check(random, field));
  }
  switch (random() % 12) {
    case 0:
      return field + " exists";
    case 1:
    case 2: {
      std::string list;
      for (size_t i = random() % 6 + 1; i > 0; --i) {
        list += quoted(chance(random, 3) ? a_piece(random) : a_text(random)) + (i > 1 ? ", " : "");
      }
      return fmt::format("{} {} ({})", field, chance(random, 3) ? "pmatch" : "in", list);
    }
    case 3:
      return fmt::format(
          "{} glob {}", field,
          quoted(a_piece(random) + "*" + (chance(random, 2) ? a_piece(random) : "")));
    case 4:
      return fmt::format("{} regex {}", field, quoted(".*s[a-h]"));
    default:
      return fmt::format("{} {} {}", field, one_of(random, kOperators), quoted(a_piece(random)));
  }
}

std::string number_check(Random& random, const std::string& field) {
  static constexpr std::array kOperators{"=", "!=", "<", "<=", ">", ">="};
  static constexpr std::array kNumbers{"0", "1", "2", "3", "-1", "-2", "-13", "17", "100", "4096"};
  if (chance(random, 4)) {
    return fmt::format("{} in ({}, {})", field, one_of(random, kNumbers), one_of(random, kNumbers));
  }
  return fmt::format("{} {} {}", field, one_of(random, kOperators), one_of(random, kNumbers));
}

std::string descriptor_check(Random& random, std::span<const uint16_t> ports) {
  static constexpr std::array kChecks{
      "fd.type = ipv4",         "fd.type in (ipv4, ipv6)",   "fd.type != file",
      "fd.typechar = 4",        "fd.typechar in (u, n, p)",  "fd.type in (event, eventpoll, pipe)",
      "fd.type exists",         "fd.sockfamily = ip",        "fd.sockfamily != unix",
      "fd.l4proto = tcp",       "fd.l4proto in (udp, icmp)", "fd.l4proto != tcp",
      "fd.connected = true",    "fd.connected = false",      "fd.is_server = true",
      "fd.is_server = false",   "fd.type startswith ip",     "fd.sockfamily exists",
      "fd.type contains event", "fd.l4proto = \"<NA>\"",
  };
  static constexpr std::array kSides{"", "c", "s", "l", "r"};
  static constexpr std::array kAddresses{"127.0.0.5", "127.0.0.6", "127.0.0.7", "127.0.0.8",
                                         "0.0.0.0",   "10.0.0.1",  "\"::1\"",   "\"::\""};
  static constexpr std::array kNetworks{"\"127.0.0.0/8\"",  "\"127.0.0.4/30\"", "\"10.0.0.0/8\"",
                                        "\"::1/128\"",      "\"fe80::/10\"",    "\"0.0.0.0/0\"",
                                        "\"127.0.0.7/32\"", "\"::/64\"",        "\"::/0\""};
  const std::string side = one_of(random, kSides);
  const auto port = [&] {
    return std::to_string(chance(random, 6) ? 9
                                            : one_of(random, ports) + (chance(random, 6) ? 1 : 0));
  };
  const auto host = [&] {
    return quoted(chance(random, 5) ? std::string("0x0a000001")  // no socket's
                                    : std::string(one_of(random, kNamedAddresses).name));
  };
  switch (random() % 9) {
    case 0:
      return fmt::format("fd.{}ip {} {}", side, chance(random, 3) ? "!=" : "=",
                         one_of(random, kAddresses));
    case 1:
      return fmt::format("fd.{}ip in ({}, {})", side, one_of(random, kAddresses),
                         one_of(random, kAddresses));
    case 2:
      return fmt::format("fd.{}net {} {}", side, chance(random, 3) ? "!=" : "=",
                         one_of(random, kNetworks));
    case 3:
      return fmt::format("fd.{}net in ({}, {})", side, one_of(random, kNetworks),
                         one_of(random, kNetworks));
    case 4: {
      static constexpr std::array kOperators{"=", "!=", "<", "<=", ">", ">="};
      return fmt::format("fd.{}port {} {}", side, one_of(random, kOperators), port());
    }
    case 5:
      if (side.empty()) return fmt::format("fd.port in ({}, {})", port(), port());
      return fmt::format("fd.{}proto in ({}, {})", side, port(), port());
    case 6: {
      static constexpr std::array kOperators{"=", "=", "!=", "contains", "startswith"};
      const std::string end = side.empty() ? "s" : side;
      if (chance(random, 4)) return fmt::format("fd.{}ip.name in ({}, {})", end, host(), host());
      return fmt::format("fd.{}ip.name {} {}", end, one_of(random, kOperators), host());
    }
    default:
      return one_of(random, kChecks);
  }
}

std::string about_process(Random& random) {
  static constexpr std::array kChecks{
      "proc.name = law_test",
      "proc.name = cat",
      "proc.pname exists",
      "proc.cmdline contains law",
      "user.uid = 0",
      "user.uid = 1000",
      "proc.exepath endswith law_test",
      "proc.aname[2] exists",
      "proc.tty = 0",
      "user.name = root",
      "proc.pname = nobody",
      "group.gid != 0",
      "thread.cap_effective contains CAP_SYS_ADMIN",
      "container.id = host",
  };
  return one_of(random, kChecks);
}

std::string check(Random& random, std::span<const uint16_t> ports) {
  static constexpr std::array kTextFields{
      "fd.truename",     "fd.truename[0]",    "fd.name",           "fd.name",
      "fd.name",         "fd.nameraw",        "fd.directory",      "fd.filename",
      "fs.path.name",    "fs.path.name",      "fs.path.nameraw",   "fs.path.source",
      "fs.path.target",  "fs.path.sourceraw", "fs.path.targetraw", "evt.arg.name",
      "evt.arg.path",    "evt.arg.target",    "evt.arg.linkpath",  "evt.arg[1]",
      "evt.arg[2]",      "evt.arg[0]",        "evt.arg.oldpath",   "evt.arg.newpath",
      "evt.rawarg.name", "fd.type",           "fd.typechar",       "evt.arg.dev",
      "evt.arg.dir",     "evt.arg.filename",  "evt.arg.pathname",
  };
  static constexpr std::array kFlagChecks{
      "evt.arg.flags contains O_TRUNC",
      "evt.arg.flags contains O_RDWR",
      "evt.arg.flags contains O_CREAT",
      "evt.arg.flags contains O_",
      "evt.arg.flags contains AT_REMOVEDIR",
      "evt.arg.flags contains O_DIRECTORY",
      "evt.arg.domain = AF_INET",
      "evt.arg.domain contains PACKET",
      "evt.arg.request in (PTRACE_ATTACH, PTRACE_SEIZE)",
      "evt.arg.type = 3",
      "evt.arg.prot contains PROT_EXEC",
      "evt.arg.mode contains S_IXUSR",
      "evt.arg.operation contains LOCK_EX",
      "evt.arg.request contains ATT",
      "evt.arg.whence = SEEK_END",
      "evt.arg.sig = SIGKILL",
  };
  static constexpr std::array kNumberFields{
      "evt.rawres",      "fd.num",           "evt.rawarg.fd",
      "evt.rawarg.res",  "evt.rawarg.dirfd", "evt.rawarg.pid",
      "evt.rawarg.size", "evt.rawarg.newfd", "evt.rawarg.oldfd"};
  static constexpr std::array kOthers{
      "evt.failed = true",
      "evt.failed = false",
      "evt.is_open_read = true",
      "evt.is_open_write = true",
      "evt.is_open_exec = true",
      "evt.is_open_create = true",
      "evt.is_open_write = false",
      "evt.res = SUCCESS",
      "evt.res = EACCES",
      "evt.res != ENOENT",
      "evt.res startswith E",
      "evt.res in (EPERM, EINPROGRESS)",
      "fd.typechar = f",
      "fd.type in (file, directory)",
      "fd.num exists",
      "evt.arg.res startswith E",
      "fd.ino > 0",
      "evt.num > 0",
  };
  switch (random() % 20) {
    case 16:
    case 17:
    case 18:
    case 19:
      return descriptor_check(random, ports);
    case 0:
    case 1:
      return number_check(random, one_of(random, kNumberFields));
    case 2:
      return one_of(random, kFlagChecks);
    case 3:
    case 4:
    case 5:
      return one_of(random, kOthers);
    case 6:
    case 7:
      return about_process(random);
    default:
      return text_check(random, one_of(random, kTextFields));
  }
}

std::string condition(Random& random, std::span<const uint16_t> ports, int depth) {
  if (depth == 0 || chance(random, 3)) {
    return (chance(random, 4) ? "not " : "") + check(random, ports);
  }
  std::string text;
  const char* const connective = chance(random, 2) ? " and " : " or ";
  for (size_t i = random() % 3 + 2; i > 0; --i) {
    text += "(" + condition(random, ports, depth - 1) + ")" + (i > 1 ? connective : "");
  }
  return chance(random, 6) ? "not (" + text + ")" : text;
}

/// What the kernel decides of every event: most rules have such a check, or nothing would be
/// filtered.
std::string decidable(Random& random) {
  static constexpr std::array kChecks{"evt.failed = false", "evt.res = SUCCESS", "evt.res = ENOENT",
                                      "evt.res in (EACCES, EPERM)"};
  return chance(random, 2) ? one_of(random, kChecks) : number_check(random, "evt.rawres");
}

}  // namespace

const std::vector<EventKind>& kinds() {
  static const std::vector<EventKind> all = [] {
    std::vector<EventKind> found;
    for (const char* name : kEventNames) {
      const auto named = event_kinds_named(name);
      if (!named) continue;
      for (size_t kind = 0; kind < kEventKinds; ++kind) {
        const EventInfo* info = event_of_kind(static_cast<EventKind>(kind));
        if (named->test(kind) && kind < kGenericBase && info != nullptr) {
          found.push_back(static_cast<EventKind>(kind));
        }
      }
    }
    return found;
  }();
  return all;
}

std::string generate_rules(Random& random, std::span<const uint16_t> ports, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    std::string types;
    for (size_t j = random() % 4 + 1; j > 0; --j) {
      types += std::string(event_kind_name(one_of(random, kinds()))) + (j > 1 ? ", " : "");
    }
    std::string whole = condition(random, ports, 3);
    if (!chance(random, 12)) whole = fmt::format("{} and ({})", decidable(random), whole);
    text += fmt::format(
        "- rule: R{}\n  desc: d\n  condition: >\n    evt.type in ({}) and ({})\n  output: o\n"
        "  priority: INFO\n",
        i, types, whole);
  }
  return text;
}

std::string generate_large_sets(Random& random, std::span<const uint16_t> ports, size_t count) {
  constexpr size_t kMembers = 400;  // more than bpf::kMostCompared
  const auto list = [&](auto&& member) {
    std::string text;
    for (size_t i = 0; i < kMembers; ++i) text += member(i) + (i + 1 < kMembers ? ", " : "");
    return text;
  };
  const auto texts = [&](size_t i) {
    return quoted(chance(random, 8) ? a_text(random) : fmt::format("{}{}", a_piece(random), i));
  };
  const auto port = [&](size_t i) {
    return std::to_string(chance(random, 40) ? one_of(random, ports) : 2 * i);
  };
  const auto address = [&](size_t i) {
    return fmt::format("{}.{}.{}.{}", chance(random, 4) ? 127 : 10, i / 256,
                       chance(random, 2) ? i % 256 : 0, random() % 10);
  };
  static constexpr std::array kTexts{"fd.name", "fd.nameraw", "tolower(fd.name)", "fd.truename[0]"};
  static constexpr std::array kPorts{"fd.port", "fd.lport", "fd.rport", "fd.sport"};
  static constexpr std::array kAddresses{"fd.ip", "fd.lip", "fd.rip", "fd.sip"};
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    const std::string sets[] = {
        fmt::format("evt.type in (openat, creat) and {} and {}{} in ({})", decidable(random),
                    chance(random, 3) ? "not " : "", one_of(random, kTexts), list(texts)),
        fmt::format("evt.type in (write, connect) and {}{} in ({})",
                    chance(random, 3) ? "not " : "", one_of(random, kPorts), list(port)),
        fmt::format("evt.type in (write, connect) and {}{} in ({})",
                    chance(random, 3) ? "not " : "", one_of(random, kAddresses), list(address)),
    };
    text += fmt::format(
        "- rule: R{}\n  desc: d\n  condition: >\n    {}\n  output: o\n  priority: INFO\n", i,
        one_of(random, sets));
  }
  return text;
}

std::string generate_long_rules(Random& random, size_t count) {
  constexpr size_t kNames = 25;
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    std::string names;
    for (size_t j = 0; j < kNames; ++j) {
      const std::string name = chance(random, 4) ? a_text(random) : a_piece(random);
      names += quoted(name) + ", " + quoted(fmt::format("{}{}", name, random() % 100));
      names += j + 1 < kNames ? ", " : "";
    }
    text += fmt::format(
        "- rule: R{}\n  desc: d\n  condition: >\n    evt.type = openat and {} and ({} in ({}) or "
        "({}))\n"
        "  output: o\n  priority: INFO\n",
        i, decidable(random), chance(random, 2) ? "fd.name" : "fd.nameraw", names,
        text_check(random, "fd.name"));
  }
  return text;
}

}  // namespace falcoc::law

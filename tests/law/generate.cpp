#include "tests/law/generate.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/catalog/catalog.h"
#include "compiler/catalog/parameter_source.h"

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
};

constexpr std::array kTexts{
    "/etc/shadow",
    "/etc/passwd",
    "/etc/hostname",
    "/usr",
    "/usr/bin/env",
    "/etc/sudoers.d/local",
    "/etc/pam.d/sshd",
    "/var/log/auth.log",
    "/var/log",
    "/root/.ssh/id_rsa",
    "/tmp/x",
    "/tmp/a.b/c",
    "/",
    "/a",
    "",
    "x",
    "etc/passwd",
    "shadow",
    "shadow",
    "pam.d/sshd",
    "sudoers.d/local",
    "a/../shadow",
    "../etc/shadow",
    "./run",
    "/etc//shadow",
    "/etc/./shadow",
    "/etc/",
    "/usr/lib/x86_64-linux-gnu/libc.so.6",
    "/dev/null",
    "/dev/shm/payload",
    "/proc/self/fd/3",
    "/home/user/.bashrc",
    "/home/user/a..b",
    "/12345678",
    "/1234567",
    "/123456789abcdef",
    "/0123456789abcdef/x",
    "/etc/shadow.bak",
    "/etc/SHADOW",
    "/opt/app/bin/run",
    "/opt/app/bin/run.sh",
    "release_agent",
    "/sys/release_agent",
};

/// More than the kernel looks at.
constexpr size_t kLongText = 300;

template <typename Range>
const auto& one_of(Random& random, const Range& range) {
  return range[random() % std::size(range)];
}

bool chance(Random& random, unsigned one_in) { return random() % one_in == 0; }

std::string a_text(Random& random) {
  std::string text = one_of(random, kTexts);
  switch (random() % 16) {
    case 0:
      text += one_of(random, kTexts);
      break;
    case 1:
      text += "/";
      break;
    case 2:
      text += "x";
      break;
    case 3:
      text = "/" + text;
      break;
    case 4:
      if (!text.empty()) text.pop_back();
      break;
    case 5:
      text.append(kLongText, 'y');
      break;
    case 6:
      if (chance(random, 2)) text.resize(random() % 3 + 254, 'z');  // around the limit
      break;
    case 7: {  // what cleaning up takes away
      static constexpr std::array kOdd{"//", "/./", "/x/../"};
      const size_t slash = text.find('/', text.size() / 2);
      if (slash != std::string::npos) text.replace(slash, 1, one_of(random, kOdd));
      break;
    }
    default:
      break;
  }
  return text;
}

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
                                         "contains", "icontains", "glob"};
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

std::string check(Random& random) {
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
  switch (random() % 16) {
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

std::string condition(Random& random, int depth) {
  if (depth == 0 || chance(random, 3)) {
    return (chance(random, 4) ? "not " : "") + check(random);
  }
  std::string text;
  const char* const connective = chance(random, 2) ? " and " : " or ";
  for (size_t i = random() % 3 + 2; i > 0; --i) {
    text += "(" + condition(random, depth - 1) + ")" + (i > 1 ? connective : "");
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

std::string generate_rules(Random& random, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    std::string types;
    for (size_t j = random() % 4 + 1; j > 0; --j) {
      types += std::string(event_kind_name(one_of(random, kinds()))) + (j > 1 ? ", " : "");
    }
    std::string whole = condition(random, 3);
    if (!chance(random, 12)) whole = fmt::format("{} and ({})", decidable(random), whole);
    text += fmt::format(
        "- rule: R{}\n  desc: d\n  condition: >\n    evt.type in ({}) and ({})\n  output: o\n"
        "  priority: INFO\n",
        i, types, whole);
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

Calls::Calls(Random& random, std::vector<EventKind> kinds)
    : random_(random), kinds_(std::move(kinds)) {}

uint64_t Calls::text_argument() {
  switch (random_() % 20) {
    case 0:
      return 0;
    case 1:
      return 1;  // nothing is there
    default:
      return reinterpret_cast<uint64_t>(texts_.emplace_back(a_text(random_)).c_str());
  }
}

uint64_t Calls::number_argument(const ParamInfo* param) {
  static constexpr std::array<uint64_t, 18> kNumbers{0,
                                                     1,
                                                     2,
                                                     3,
                                                     5,
                                                     7,
                                                     10,
                                                     16,
                                                     17,
                                                     64,
                                                     100,
                                                     0x241,
                                                     0x10000,
                                                     0x10241,
                                                     0x80000,
                                                     ~uint64_t{0},
                                                     static_cast<uint64_t>(AT_FDCWD),
                                                     0xffffff9c};
  if (param != nullptr && param->name == "dirfd" && !chance(random_, 8)) {
    return chance(random_, 3) ? uint64_t{kFirstFile} + random_() % kFiles
                              : static_cast<uint64_t>(AT_FDCWD);
  }
  switch (random_() % 4) {
    case 0:
      return random_();
    case 1:
      return random_() % 0x80000;
    default:
      return one_of(random_, kNumbers);
  }
}

Call Calls::next() {
  static constexpr std::array<int64_t, 20> kResults{
      0, 1, 2, 3, 3, 3, 17, 100, 101, 102, 103, 104, 105, 3, -1, -2, -13, -115, -516, -4095};
  texts_.clear();
  Call call{.kind = one_of(random_, kinds_)};
  call.ret = one_of(random_, kResults);
  for (uint64_t& argument : call.args) argument = number_argument(nullptr);
  const EventInfo& info = *event_of_kind(call.kind);
  // what the test got from others could have been made by an open that this one is not
  const bool opens = has(info.flags, EventFlag::CREATES_FD);
  if (opens && call.ret >= 0 && call.ret < kFirstFile) call.ret = kFirstFile + call.ret % kFiles;
  const auto sources = param_sources(info.code);
  for (size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].kind != SourceKind::ARG && sources[i].kind != SourceKind::INT_ARG) continue;
    const ParamType type = info.params[i].type;
    const bool is_text =
        type == ParamType::CHARBUF || type == ParamType::FSPATH || type == ParamType::FSRELPATH;
    call.args[sources[i].a] = is_text ? text_argument() : number_argument(&info.params[i]);
  }
  return call;
}

std::string Calls::print(const Call& call) const {
  std::string text = std::string(event_kind_name(call.kind)) + "(";
  for (const uint64_t argument : call.args) {
    const auto found = std::ranges::find_if(texts_, [&](const std::string& each) {
      return reinterpret_cast<uint64_t>(each.c_str()) == argument;
    });
    text +=
        found == texts_.end() ? fmt::format("{:#x}, ", argument) : fmt::format("\"{}\", ", *found);
  }
  return fmt::format("{}) = {}", text, call.ret);
}

}  // namespace falcoc::law

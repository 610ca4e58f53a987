// Literals that the field they are compared with never has.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "compiler/lint/context.h"
#include "compiler/lint/values.h"
#include "compiler/lint/words.h"

namespace falcoc::lint {

namespace {

using ir::Operator;

/// Of a command's name the kernel keeps this many bytes (TASK_COMM_LEN without its NUL).
constexpr size_t kLongestName = 15;

constexpr std::array kNames = {FieldId::proc_name,       FieldId::proc_pname,
                               FieldId::proc_aname,      FieldId::proc_sname,
                               FieldId::proc_vpgid_name, FieldId::proc_pgid_name};
constexpr std::array kPaths = {FieldId::fd_name,          FieldId::fd_directory,
                               FieldId::fs_path_name,     FieldId::fs_path_source,
                               FieldId::fs_path_target,   FieldId::proc_exepath,
                               FieldId::proc_pexepath,    FieldId::proc_aexepath,
                               FieldId::proc_sid_exepath, FieldId::proc_vpgid_exepath,
                               FieldId::proc_cwd,         FieldId::fd_truename};

struct Vocabulary {
  FieldId field;
  std::vector<std::string_view> words;
};

const std::vector<Vocabulary>& vocabularies() {
  static const std::vector<Vocabulary> kAll = {
      {FieldId::fd_type,
       {"file", "directory", "ipv4", "ipv6", "unix", "pipe", "event", "signalfd", "eventpoll",
        "inotify", "timerfd", "netlink", "bpf", "userfaultfd", "io_uring", "memfd", "pidfd",
        "unknown"}},
      {FieldId::fd_typechar,
       {"f", "4", "6", "d", "p", "u", "e", "s", "l", "i", "t", "n", "b", "r", "m", "P", "o", "X"}},
      {FieldId::fd_l4proto, {"tcp", "udp", "icmp", "raw", "<NA>"}},
      {FieldId::fd_sockfamily, {"ip", "unix"}},
      {FieldId::container_type,
       {"docker", "podman", "cri-o", "containerd", "cri", "lxc", "libvirt-lxc", "bpm", "host",
        "systemd_nspawn", "runc", ""}},
      {FieldId::evt_category,
       {"file",     "net",    "IPC",   "ipc",     "memory",     "process",   "sleep",
        "system",   "signal", "user",  "time",    "processing", "wait",      "scheduler",
        "internal", "meta",   "other", "unknown", "I/O read",   "I/O write", "I/O other"}}};
  return kAll;
}

template <typename Fields>
bool is_one_of(const FieldInfo& field, const Fields& fields) {
  return std::ranges::find(fields, field.id) != fields.end();
}

bool compares_whole(Operator op) {
  return op == Operator::EQ || op == Operator::NE || op == Operator::IN;
}

bool compares_front(Operator op) {
  return compares_whole(op) || op == Operator::STARTSWITH || op == Operator::PMATCH;
}

class Literals {
 public:
  Literals(Context& context, const Condition& condition)
      : context_(context), condition_(condition) {}

  void look_at(const ast::Expr& check) {
    const FieldInfo* const field = left_field(check);
    if (field == nullptr || check.right_operand) return;
    repeated(check);
    covered(check);
    for (const ast::Literal& literal : literals_of(check)) {
      names(*field, check, literal);
      paths(*field, check, literal);
      words(*field, check, literal);
      wildcards(*field, check, literal);
      root(*field, check, literal);
    }
  }

 private:
  void add(Code code, const ast::Literal& literal, std::string message, std::string hint) {
    if (!told_.emplace(code, static_cast<uint32_t>(literal.span.file), literal.span.begin).second)
      return;
    context_.add(code, condition_.owner, literal.span, std::move(message), std::move(hint));
  }

  void names(const FieldInfo& field, const ast::Expr& check, const ast::Literal& literal) {
    if (!is_one_of(field, kNames)) return;
    if (compares_front(check.op) && check.op != Operator::PMATCH &&
        literal.text.size() > kLongestName) {
      add(Code::LINT_NAME_LONG, literal,
          fmt::format("`{}` has {} bytes, and the kernel keeps {} of a process's name",
                      literal.text, literal.text.size(), kLongestName),
          fmt::format("write `{}`, or compare proc.exepath", literal.text.substr(0, kLongestName)));
    } else if (compares_front(check.op) && literal.text.starts_with('/')) {
      add(Code::LINT_NAME_IS_PATH, literal,
          fmt::format("`{}` is a path, and {} the name behind its last slash", literal.text,
                      field.name),
          "compare proc.exepath, or the name alone");
    }
  }

  void paths(const FieldInfo& field, const ast::Expr& check, const ast::Literal& literal) {
    const std::string& text = literal.text;
    if (field.id == FieldId::fd_filename && compares_front(check.op) &&
        text.find('/') != std::string::npos) {
      add(Code::LINT_FILENAME_IS_PATH, literal,
          fmt::format("`{}` holds a slash, and fd.filename is the part behind the last one", text),
          "compare fd.name, or fd.directory and fd.filename");
    }
    if (!is_one_of(field, kPaths)) return;
    const bool begins_relative =
        !text.empty() && (std::isalnum(static_cast<unsigned char>(text[0])) != 0 || text[0] == '.');
    const bool looks_like_path = begins_relative && text.find('/') != std::string::npos &&
                                 text.find(':') == std::string::npos &&
                                 text.find("->") == std::string::npos;
    if (compares_front(check.op) && looks_like_path) {
      add(Code::LINT_PATH_RELATIVE, literal,
          fmt::format("`{}` does not begin with a slash, and paths of {} do", text, field.name),
          fmt::format("write `/{}`, or use `endswith`", text));
    }
    if (field.id == FieldId::fd_directory && compares_whole(check.op) && text.size() > 1 &&
        text.ends_with('/')) {
      add(Code::LINT_DIRECTORY_SLASH, literal,
          fmt::format("fd.directory never ends with a slash, as `{}` does", text),
          fmt::format("write `{}`", text.substr(0, text.size() - 1)));
    }
    if (field.id == FieldId::proc_cwd && compares_whole(check.op) && text.starts_with('/') &&
        !text.ends_with('/')) {
      add(Code::LINT_CWD_SLASH, literal,
          fmt::format("proc.cwd always ends with a slash, `{}` does not", text),
          fmt::format("write `{}/`", text));
    }
    if (compares_front(check.op) && check.op != Operator::PMATCH && text.starts_with('/') &&
        (text.find("//") != std::string::npos || text.find("/../") != std::string::npos ||
         text.find("/./") != std::string::npos)) {
      add(Code::LINT_PATH_NOT_CLEAN, literal,
          fmt::format("{} never holds `//`, `/./` or `/../`, as `{}` does", field.name, text),
          "write the path without them");
    }
  }

  void words(const FieldInfo& field, const ast::Expr& check, const ast::Literal& literal) {
    if (!compares_whole(check.op)) return;
    const auto known = std::ranges::find(vocabularies(), field.id, &Vocabulary::field);
    if (known == vocabularies().end() ||
        std::ranges::find(known->words, literal.text) != known->words.end())
      return;
    std::string hint = fmt::format("it is one of {}", fmt::join(known->words, ", "));
    if (const std::string_view closest = closest_name(literal.text, known->words);
        !closest.empty()) {
      hint = fmt::format("did you mean `{}`?", closest);
    }
    add(Code::LINT_WORD_UNKNOWN, literal, fmt::format("{} is never `{}`", field.name, literal.text),
        hint);
  }

  void wildcards(const FieldInfo& field, const ast::Expr& check, const ast::Literal& literal) {
    if (literal.text.find('*') == std::string::npos) return;
    const bool plain = compares_whole(check.op) || check.op == Operator::STARTSWITH ||
                       check.op == Operator::ENDSWITH;
    if (!plain || literal.text.size() < 2 ||
        (!is_one_of(field, kPaths) && !is_one_of(field, kNames)))
      return;
    add(Code::LINT_WILDCARD_PLAIN, literal,
        fmt::format("`*` stands for itself behind `{}`", spelling(check.op)),
        "use `glob` or `pmatch`");
  }

  void root(const FieldInfo& field, const ast::Expr& check, const ast::Literal& literal) {
    const bool same = check.op == Operator::EQ || check.op == Operator::NE;
    if (field.id != FieldId::user_name || !same || literal.text != "root") return;
    add(Code::LINT_ROOT_BY_NAME, literal,
        "any name can stand for user 0, and a container can lack the name root",
        fmt::format("compare the number: `user.uid {} 0`", spelling(check.op)));
  }

  void repeated(const ast::Expr& check) {
    if (check.right.expanded) return;  // told of where the list is written
    std::set<std::string_view> seen;
    for (const ast::Literal& literal : check.right.items) {
      const bool is_written_here = check.right.span.begin <= literal.span.begin &&
                                   literal.span.end <= check.right.span.end &&
                                   check.right.span.file == literal.span.file;
      if (!is_written_here || seen.insert(literal.text).second) continue;
      add(Code::LINT_ITEM_REPEATED, literal,
          fmt::format("`{}` is in the list already", literal.text), "remove one of the two");
    }
  }

  /// pmatch of a path and of what lies below it.
  void covered(const ast::Expr& check) {
    const std::vector<ast::Literal>& literals = literals_of(check);
    if (check.op != Operator::PMATCH || literals.size() > kMostCompared) return;
    for (const ast::Literal& narrow : literals) {
      for (const ast::Literal& wide : literals) {
        if (wide.text == narrow.text || !path_includes(wide.text, narrow.text)) continue;
        add(Code::LINT_ITEM_COVERED, narrow,
            fmt::format("`{}` lies below `{}`, which is in the list too", narrow.text, wide.text),
            "remove the longer one");
        break;
      }
    }
  }

  static constexpr size_t kMostCompared = 300;
  Context& context_;
  const Condition& condition_;
  std::set<std::tuple<Code, uint32_t, uint32_t>> told_;
};

/// Items of several lists that one list names may well be the same; those written in one are a
/// slip.
void find_repeated_items(Context& context, const rules::List& list) {
  std::set<std::string_view> seen;
  for (const rules::Text& item : list.items) {
    if (seen.insert(item.str()).second) continue;
    context.add(Code::LINT_ITEM_REPEATED, list.name.str(), item.span,
                fmt::format("`{}` is in the list already", item.str()), "remove one of the two");
  }
}

}  // namespace

void find_odd_literals(Context& context) {
  for (const rules::List& list : context.input().rules.lists) find_repeated_items(context, list);
  for (const Condition& condition : context.conditions()) {
    Literals literals(context, condition);
    for_each_check(condition.own, [&](const ast::Expr& check, bool) { literals.look_at(check); });
    for (const ast::Expr& exception : condition.exceptions) {
      for_each_check(exception, [&](const ast::Expr& check, bool) { literals.look_at(check); });
    }
  }
}

std::span<const std::string_view> words_of(FieldId field) {
  const auto known = std::ranges::find(vocabularies(), field, &Vocabulary::field);
  if (known == vocabularies().end()) return {};
  return known->words;
}

}  // namespace falcoc::lint

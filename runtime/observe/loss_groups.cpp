// See loss_groups.h.
#include "runtime/observe/loss_groups.h"

#include <algorithm>
#include <array>

namespace falcod {

namespace {

using falcoc::EventCode;

constexpr std::array kClone{EventCode::CLONE, EventCode::CLONE3, EventCode::FORK, EventCode::VFORK};
constexpr std::array kExec{EventCode::EXECVE, EventCode::EXECVEAT};
constexpr std::array kConnect{EventCode::CONNECT};
constexpr std::array kOpen{EventCode::OPEN, EventCode::CREAT, EventCode::OPENAT, EventCode::OPENAT2,
                           EventCode::OPEN_BY_HANDLE_AT};
constexpr std::array kDirectories{
    EventCode::DUP,       EventCode::CHMOD,     EventCode::FCHMOD,  EventCode::FCHMODAT,
    EventCode::CHOWN,     EventCode::LCHOWN,    EventCode::FCHOWN,  EventCode::FCHOWNAT,
    EventCode::LINK,      EventCode::LINKAT,    EventCode::MKDIR,   EventCode::MKDIRAT,
    EventCode::MOUNT,     EventCode::UMOUNT,    EventCode::UMOUNT2, EventCode::RENAME,
    EventCode::RENAMEAT,  EventCode::RENAMEAT2, EventCode::RMDIR,   EventCode::SYMLINK,
    EventCode::SYMLINKAT, EventCode::UNLINK,    EventCode::UNLINKAT};
constexpr std::array kOther{EventCode::BPF,       EventCode::SETPGID, EventCode::PTRACE,
                            EventCode::SECCOMP,   EventCode::SETNS,   EventCode::SETRESGID,
                            EventCode::SETRESUID, EventCode::SETSID,  EventCode::UNSHARE,
                            EventCode::CAPSET};
constexpr std::array kClose{EventCode::CLOSE};
constexpr std::array kExit{EventCode::PROCEXIT};

constexpr std::array kGroups{
    LossGroup{"clone_fork", kClone},     LossGroup{"execve", kExec},
    LossGroup{"connect", kConnect},      LossGroup{"open", kOpen},
    LossGroup{"dir_file", kDirectories}, LossGroup{"other_interest", kOther},
    LossGroup{"close", kClose},          LossGroup{"proc", kExit},
};

}  // namespace

std::span<const LossGroup> loss_groups() { return kGroups; }

uint64_t lost_events(const std::vector<LossCount>& losses, fc_loss reason, const LossGroup& group) {
  uint64_t sum = 0;
  for (const LossCount& loss : losses) {
    const bool meant = loss.reason == reason &&
                       std::ranges::count(group.events, static_cast<EventCode>(loss.kind)) != 0;
    if (meant) sum += loss.count;
  }
  return sum;
}

uint64_t lost_events(const std::vector<LossCount>& losses, fc_loss reason) {
  uint64_t sum = 0;
  for (const LossCount& loss : losses) sum += loss.reason == reason ? loss.count : 0;
  return sum;
}

}  // namespace falcod

// Native to Falco flag values, by the tables of flags.def.
#include "compiler/catalog/flag_encoding.h"

#include <fcntl.h>

#include <algorithm>
#include <iterator>

namespace falcoc {
namespace {

/// Kernel values that flags.def lacks because the header it was made with did not have them.
struct Extra {
  FlagTableId table;
  uint64_t native;
  uint64_t value;
};
constexpr Extra kExtras[] = {
    {FlagTableId::sockopt_levels, 6, 2},              // SOL_TCP
    {FlagTableId::ptrace_requests, 3, 4},             // PTRACE_PEEKUSR
    {FlagTableId::ptrace_requests, 6, 7},             // PTRACE_POKEUSR
    {FlagTableId::openat2_flags, 0x08, 1},            // RESOLVE_BENEATH
    {FlagTableId::openat2_flags, 0x10, 2},            // RESOLVE_IN_ROOT
    {FlagTableId::openat2_flags, 0x02, 4},            // RESOLVE_NO_MAGICLINKS
    {FlagTableId::openat2_flags, 0x04, 8},            // RESOLVE_NO_SYMLINKS
    {FlagTableId::openat2_flags, 0x01, 16},           // RESOLVE_NO_XDEV
    {FlagTableId::openat2_flags, 0x20, 32},           // RESOLVE_CACHED
    {FlagTableId::umount_flags, 8, 8},                // UMOUNT_NOFOLLOW
    {FlagTableId::prot_flags, 8, 8},                  // PROT_SEM
    {FlagTableId::pidfd_open_flags, 0x800, 1},        // PIDFD_NONBLOCK
    {FlagTableId::io_uring_setup_flags, 0x20, 64},    // IORING_SETUP_ATTACH_WQ
    {FlagTableId::io_uring_setup_feats, 0x100, 256},  // IORING_FEAT_EXT_ARG
    {FlagTableId::sockopt_options, 66, 20},           // SO_RCVTIMEO_NEW
    {FlagTableId::sockopt_options, 67, 21},           // SO_SNDTIMEO_NEW
    {FlagTableId::quotactl_cmds, 0x5801, 256},        // Q_XQUOTAON (linux/dqblk_xfs.h)
    {FlagTableId::quotactl_cmds, 0x5802, 512},        // Q_XQUOTAOFF
    {FlagTableId::quotactl_cmds, 0x5803, 1024},       // Q_XGETQUOTA
    {FlagTableId::quotactl_cmds, 0x5804, 2048},       // Q_XSETQLIM
    {FlagTableId::quotactl_cmds, 0x5805, 4096},       // Q_XGETQSTAT
    {FlagTableId::quotactl_cmds, 0x5806, 8192},       // Q_XQUOTARM
    {FlagTableId::quotactl_cmds, 0x5807, 16384},      // Q_XQUOTASYNC
};

/// Enumerations whose names print as bits but whose native values are numbers.
constexpr FlagTableId kNativeNumbers[] = {FlagTableId::semctl_commands, FlagTableId::quotactl_cmds,
                                          FlagTableId::quotactl_types,
                                          FlagTableId::quotactl_quota_fmts};

/// Numbers of these tables that have no name are 0, which none of the names is.
constexpr FlagTableId kUnnamedIsZero[] = {FlagTableId::quotactl_cmds, FlagTableId::quotactl_types};

/// Falco stores these as the kernel does, unnamed bits included.
constexpr FlagTableId kAsNative[] = {FlagTableId::mount_flags, FlagTableId::futex_operations};

template <typename Range, typename Value>
bool holds(const Range& range, const Value& value) {
  return std::ranges::find(range, value) != std::end(range);
}

uint64_t encode_number(FlagTableId id, const FlagTable& table, uint64_t native) {
  // the last match: for record locks the tables list the 64-bit commands first, with equal numbers
  for (auto flag = table.flags.rbegin(); flag != table.flags.rend(); ++flag) {
    if (flag->native == native) return flag->value;
  }
  for (const Extra& extra : kExtras) {
    if (extra.table == id && extra.native == native) return extra.value;
  }
  for (const FlagName& flag : table.flags) {
    if (flag.native == kNoNative && flag.name.ends_with("UNKNOWN")) return flag.value;
  }
  return holds(kUnnamedIsZero, id) ? 0 : native;
}

/// The error code of a page fault (X86_PF_*): Falco names both values of the first three bits.
uint64_t encode_page_fault(uint64_t native) {
  enum : uint64_t { PROTECTION = 1, WRITE = 2, USER = 4, RESERVED = 8, INSTRUCTION = 16 };
  uint64_t value = (native & PROTECTION) != 0 ? 1 : 2;
  value |= (native & WRITE) != 0 ? 4 : 8;
  value |= (native & USER) != 0 ? 16 : 32;
  if ((native & RESERVED) != 0) value |= 64;
  if ((native & INSTRUCTION) != 0) value |= 128;
  return value;
}

uint64_t encode_bits(FlagTableId id, const FlagTable& table, uint64_t native) {
  uint64_t value = 0;
  for (const FlagName& flag : table.flags) {
    if (flag.native == kNoNative || flag.native == 0) continue;
    if ((native & flag.native) == flag.native) value |= flag.value;
  }
  for (const Extra& extra : kExtras) {
    if (extra.table == id && (native & extra.native) != 0) value |= extra.value;
  }
  return value;
}

}  // namespace

uint64_t encode_flags(FlagTableId id, uint64_t native) {
  if (id == FlagTableId::none || holds(kAsNative, id)) return native;
  if (id == FlagTableId::pf_flags) return encode_page_fault(native);
  const FlagTable& table = flag_table(id);
  if (id == FlagTableId::file_flags) {
    // O_RDWR and O_WRONLY are numbers in the lowest bits: only opens have them
    return encode_bits(id, table, native & ~uint64_t{O_ACCMODE});
  }
  return table.exact || holds(kNativeNumbers, id) ? encode_number(id, table, native)
                                                  : encode_bits(id, table, native);
}

uint64_t encode_open_flags(uint64_t native) {
  constexpr uint64_t kAccess[] = {1, 2, 3, 1};  // O_RDONLY, O_WRONLY, O_RDWR, invalid
  return kAccess[native & O_ACCMODE] | encode_flags(FlagTableId::file_flags, native);
}

bool creates_file(uint64_t native_open_flags) {
  constexpr uint64_t kTmpfile = O_TMPFILE;
  return (native_open_flags & O_CREAT) != 0 || (native_open_flags & kTmpfile) == kTmpfile;
}

std::string flag_names(const FlagTable& table, uint64_t value) {
  std::string names;
  const auto add = [&](std::string_view name) {
    if (!names.empty()) names += '|';
    names += name;
  };
  uint64_t rest = value;
  for (const FlagName& flag : table.flags) {
    if (flag.value == value) {
      add(flag.name);
      if (!table.exact) break;
    } else if (!table.exact && flag.value != 0 && (rest & flag.value) == flag.value) {
      add(flag.name);
      rest &= ~flag.value;  // O_RDWR hides O_WRONLY and O_RDONLY
    }
  }
  return names;
}

}  // namespace falcoc

// The vocabulary's types: what a value is, how it prints, when it can change. Knows nothing else.
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>

namespace falcoc {

/// Parameter types of events and fields, in Falco's terms (RULE-LANGUAGE section 4.1).
enum class ParamType : uint8_t {
  NONE,
  INT8,
  INT16,
  INT32,
  INT64,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
  CHARBUF,
  BYTEBUF,
  ERRNO,
  FD,
  FD32,
  PID,
  PID32,
  SOCKADDR,
  SOCKTUPLE,
  PORT,
  L4PROTO,
  SOCKFAMILY,
  IPV4ADDR,
  IPV6ADDR,
  IPADDR,
  IPV4NET,
  IPV6NET,
  IPNET,
  FSPATH,
  FSRELPATH,
  SYSCALLID,
  SIGTYPE,
  SIGSET,
  FDLIST,
  RELTIME,
  ABSTIME,
  BOOL,
  DOUBLE,
  FLAGS8,
  FLAGS16,
  FLAGS32,
  ENUMFLAGS8,
  ENUMFLAGS16,
  ENUMFLAGS32,
  MODE,
  UID,
  GID,
  CHARBUFARRAY,
  CHARBUF_PAIR_ARRAY,
  DYN,
};

/// How a value prints where its type leaves a choice.
enum class PrintFormat : uint8_t { NA, DEC, HEX, OCT, ID, PADDED_DEC, DIR };

/// How many values a field has and how an operator is applied to them.
enum class Shape : uint8_t {
  SCALAR,
  LIST,         ///< `in`, `intersects`, `exists` on the whole list
  ANCESTORS,    ///< parent first; every operator holds if it holds for some ancestor
  EITHER_SIDE,  ///< both endpoints; `!=` needs both to differ, every other operator needs one
};

/// Scope in which a value cannot change, coarsest first (DESIGN section 5).
enum class BindingTime : uint8_t { CONSTANT, HOST, CONTAINER, PROCESS, EVENT };

/// Which argument a field takes.
enum class ArgumentRule : uint8_t {
  NONE,
  INDEX_OPTIONAL,  ///< name or name[3]
  INDEX_REQUIRED,  ///< name[3]
  KEY_OPTIONAL,    ///< name or name[KEY]
  KEY_REQUIRED,    ///< name[KEY]
  INDEX_OR_KEY_OPTIONAL,
  INDEX_OR_KEY_REQUIRED,
  SUFFIX_OPTIONAL,           ///< name or name.suffix
  SUFFIX_REQUIRED,           ///< name.suffix
  INDEX_OR_SUFFIX_REQUIRED,  ///< name[3] or name.suffix
};

/// Properties of a field, combined with |.
enum class FieldFlag : uint16_t {
  NONE = 0,
  FILTER_ONLY = 1 << 0,
  PRINT_ONLY = 1 << 1,
  HIDDEN = 1 << 2,
  DEPRECATED = 1 << 3,
  NO_RHS = 1 << 4,
  NO_TRANSFORMER = 1 << 5,
  ALL_SOURCES = 1 << 6,
  SUGGESTED_OUTPUT = 1 << 7,
  EXTENSION = 1 << 8,  ///< Falco does not have it: a rule file that uses it loads here only
};
constexpr FieldFlag operator|(FieldFlag a, FieldFlag b) {
  return static_cast<FieldFlag>(static_cast<uint16_t>(a) | static_cast<uint16_t>(b));
}
constexpr bool has(FieldFlag set, FieldFlag flag) {
  return (static_cast<uint16_t>(set) & static_cast<uint16_t>(flag)) != 0;
}

enum class EventClass : uint8_t { SYSCALL, TRACEPOINT, META };

enum class EventCategory : uint8_t {
  UNKNOWN,
  OTHER,
  FILE,
  NET,
  IPC,
  MEMORY,
  PROCESS,
  SLEEP,
  SYSTEM,
  SIGNAL,
  USER,
  TIME,
  IO_READ,
  IO_WRITE,
  IO_OTHER,
  WAIT,
  SCHEDULER,
  INTERNAL,
};

/// Properties of an event, combined with |.
enum class EventFlag : uint16_t {
  NONE = 0,
  CREATES_FD = 1 << 0,
  DESTROYS_FD = 1 << 1,
  USES_FD = 1 << 2,
  READS_FROM_FD = 1 << 3,
  WRITES_TO_FD = 1 << 4,
  MODIFIES_STATE = 1 << 5,
  WAITS = 1 << 6,
  SKIPPARSERESET = 1 << 7,
  UNUSED = 1 << 8,
  LARGE_PAYLOAD = 1 << 9,
};
constexpr EventFlag operator|(EventFlag a, EventFlag b) {
  return static_cast<EventFlag>(static_cast<uint16_t>(a) | static_cast<uint16_t>(b));
}
constexpr bool has(EventFlag set, EventFlag flag) {
  return (static_cast<uint16_t>(set) & static_cast<uint16_t>(flag)) != 0;
}

/// What a rule distinguishes as one event: an event code below kGenericBase, or kGenericBase plus
/// the code of a system call that has no event of its own. Unlike Falco's shared generic code this
/// keeps complements exact (`evt.type != getpid`, quirk Q32).
using EventKind = uint16_t;
inline constexpr EventKind kGenericBase = 512;
inline constexpr size_t kEventKinds = 1024;
using EventSet = std::bitset<kEventKinds>;

enum class Priority : uint8_t {
  EMERGENCY,
  ALERT,
  CRITICAL,
  ERROR,
  WARNING,
  NOTICE,
  INFORMATIONAL,
  DEBUG,
};

}  // namespace falcoc

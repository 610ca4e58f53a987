#include "compiler/catalog/type_name.h"

#include <iterator>

namespace falcoc {
namespace {

// In the order of ParamType.
constexpr std::string_view kTypeNames[] = {
    "NONE",        "INT8",    "INT16",      "INT32",    "INT64",        "UINT8",
    "UINT16",      "UINT32",  "UINT64",     "CHARBUF",  "BYTEBUF",      "ERRNO",
    "FD",          "FD32",    "PID",        "PID32",    "SOCKADDR",     "SOCKTUPLE",
    "PORT",        "L4PROTO", "SOCKFAMILY", "IPV4ADDR", "IPV6ADDR",     "IPADDR",
    "IPV4NET",     "IPV6NET", "IPNET",      "FSPATH",   "FSRELPATH",    "SYSCALLID",
    "SIGTYPE",     "SIGSET",  "FDLIST",     "RELTIME",  "ABSTIME",      "BOOL",
    "DOUBLE",      "FLAGS8",  "FLAGS16",    "FLAGS32",  "ENUMFLAGS8",   "ENUMFLAGS16",
    "ENUMFLAGS32", "MODE",    "UID",        "GID",      "CHARBUFARRAY", "CHARBUF_PAIR_ARRAY",
    "DYN"};
static_assert(std::size(kTypeNames) == static_cast<size_t>(ParamType::DYN) + 1);

}  // namespace

std::string_view type_name(ParamType type) { return kTypeNames[static_cast<size_t>(type)]; }

}  // namespace falcoc

// The tables of the doors beside the plain system call.
#include "runtime/capture/doors.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace falcod;
using falcoc::EventCode;

namespace {

falcoc::EventSet only(std::initializer_list<EventCode> codes) {
  falcoc::EventSet set;
  for (const EventCode code : codes) set.set(static_cast<size_t>(code));
  return set;
}

uint16_t kind(EventCode code) { return static_cast<uint16_t>(code); }

}  // namespace

TEST_CASE("a request has the kind of the system call it stands for, if that is wanted") {
  const RingKinds kinds = wanted_requests(only({EventCode::OPENAT, EventCode::SENDTO}));
  CHECK(kinds[FC_RING_OPENAT] == kind(EventCode::OPENAT));
  CHECK(kinds[FC_RING_SEND] == kind(EventCode::SENDTO));
  CHECK(kinds[FC_RING_SEND_ZC] == kind(EventCode::SENDTO));
  CHECK(std::ranges::count_if(kinds, [](uint16_t each) { return each != 0; }) == 3);
}

TEST_CASE("without a wanted kind no request is looked at") {
  const RingKinds kinds = wanted_requests(only({EventCode::EXECVE}));
  CHECK(std::ranges::all_of(kinds, [](uint16_t each) { return each == 0; }));
}

TEST_CASE("socketcall is taken apart if something it does is wanted") {
  constexpr size_t kSocketcall = 102, kConnect = 3, kAccept4 = 18;
  const falcoc::EventSet wanted = only({EventCode::CONNECT, EventCode::ACCEPT4});
  const SocketcallKinds kinds = wanted_socketcalls(wanted);
  CHECK(kinds[kConnect] == kind(EventCode::CONNECT));
  CHECK(kinds[kAccept4] == kind(EventCode::ACCEPT4));
  CHECK(kinds[1] == 0);
#if defined(__x86_64__)
  CHECK(wanted_syscalls(wanted)[kSocketcall][1] == FC_SOCKETCALL);
  CHECK(wanted_syscalls(only({EventCode::OPEN}))[kSocketcall][1] == 0);
#endif
}

#if defined(__x86_64__)
TEST_CASE("x32's own numbers are known") {
  const SyscallKinds kinds = wanted_syscalls(only({EventCode::EXECVE, EventCode::WRITEV}));
  CHECK(kinds[520][0] == kind(EventCode::EXECVE));
  CHECK(kinds[516][0] == kind(EventCode::WRITEV));
  CHECK(kinds[515][0] == 0);
}
#endif

TEST_CASE("names that leave nothing behind are caught at the entry, all else is read at the end") {
  for (const EventCode code : {EventCode::UNLINK, EventCode::UNLINKAT, EventCode::RENAME,
                               EventCode::LINKAT, EventCode::SYMLINK, EventCode::MKDIRAT,
                               EventCode::CHMOD, EventCode::MOUNT, EventCode::UMOUNT2}) {
    CAPTURE(falcoc::event_kind_name(kind(code)));
    CHECK(needs_entry(kind(code)));
  }
  for (const EventCode code :
       {EventCode::OPENAT, EventCode::OPEN_BY_HANDLE_AT, EventCode::EXECVE, EventCode::CONNECT,
        EventCode::CHDIR, EventCode::READ, EventCode::CLONE, EventCode::PROCEXIT}) {
    CAPTURE(falcoc::event_kind_name(kind(code)));
    CHECK_FALSE(needs_entry(kind(code)));
  }
  CHECK_FALSE(needs_entry(falcoc::kGenericBase + 1));
}

// Parameters that depend on a command, on records made by hand: what the live test of calls cannot
// make happen on every machine, and what no probe would send.
#include <doctest/doctest.h>
#include <linux/keyctl.h>
#include <linux/prctl.h>
#include <linux/quota.h>
#include <sys/socket.h>

#include "runtime/capture/decode.h"
#include "tests/support/record_builder.h"

using namespace falcod;
using falcoc::EventCode;
using falcod::testing::RecordBuilder;

namespace {

RecordBuilder record_of(EventCode code) {
  RecordBuilder record(static_cast<uint16_t>(code));
  record.task(42, 1, "tester");
  return record;
}

/// The decoded parameter of this name.
std::string param(RecordBuilder record, std::string_view name) {
  Decoder decoder(0);
  const Event* event = decoder.decode(record.bytes());
  REQUIRE(event != nullptr);
  for (size_t i = 0; i < event->params.size(); ++i) {
    if (event->info->params[i].name == name) {
      return {event->params[i].data, event->params[i].size};
    }
  }
  FAIL("no parameter ", name);
  return {};
}

uint64_t number(const RecordBuilder& record, std::string_view name) {
  const std::string bytes = param(record, name);
  uint64_t value = 0;
  std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
  return value;
}

template <typename Number>
std::string raw(Number value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace

TEST_CASE("socket options have the form that Falco gives them") {
  const auto option = [](uint64_t level, uint64_t name, std::string_view value) {
    return param(record_of(EventCode::GETSOCKOPT).arg(1, level).arg(2, name).item(4, value), "val");
  };
  CHECK(option(SOL_SOCKET, SO_ERROR, raw(111)) == '\1' + raw(int64_t{-111}));
  CHECK(option(SOL_SOCKET, SO_RCVBUF, raw(4096)) == '\2' + raw(4096));
  CHECK(option(SOL_SOCKET, SO_RCVBUF, "") == '\2' + raw(0));  // unreadable
  CHECK(option(SOL_SOCKET, SO_COOKIE, raw(uint64_t{9})) == '\3' + raw(uint64_t{9}));
  CHECK(option(SOL_SOCKET, SO_SNDTIMEO, raw(int64_t{1}) + raw(int64_t{5})) ==
        '\4' + raw(uint64_t{1'000'005'000}));
  CHECK(option(SOL_SOCKET, SO_SNDTIMEO, raw(int32_t{1})) == '\4' + raw(uint64_t{1'000'000'000}));
  CHECK(option(SOL_SOCKET, SO_PEERCRED, "abc") == std::string("\0abc", 4));
  CHECK(option(SOL_SOCKET, 1000, "xy") == std::string("\0xy", 3));
  CHECK(option(41, 1, "z") == std::string("\0z", 2));
  CHECK(option(41, 1, std::string(300, 'z')).size() == 1 + FC_DATA_BYTES);
}

TEST_CASE("times of 32-bit programs are read as such") {
  RecordBuilder record = record_of(EventCode::SETSOCKOPT).arg(1, SOL_SOCKET).arg(2, SO_RCVTIMEO);
  record.header().flags = FC_EVENT_COMPAT32;
  record.item(4, raw(int32_t{2}) + raw(int32_t{500}));
  CHECK(param(record, "val") == '\4' + raw(uint64_t{2'000'500'000}));
}

TEST_CASE("limits and times of quotas are shown where the call says that they are meant") {
  if_dqinfo info{};
  info.dqi_bgrace = 60;
  info.dqi_igrace = 70;
  info.dqi_flags = 1;
  info.dqi_valid = IIF_BGRACE | IIF_FLAGS;
  RecordBuilder record = record_of(EventCode::QUOTACTL)
                             .arg(0, QCMD(Q_SETINFO, USRQUOTA))
                             .item(3, {reinterpret_cast<const char*>(&info), sizeof info});
  CHECK(number(record, "cmd") == 16);
  CHECK(number(record, "type") == 1);
  CHECK(number(record, "dqi_bgrace") == 60);
  CHECK(number(record, "dqi_igrace") == 0);
  CHECK(number(record, "dqi_flags") == 1);
  CHECK(number(record, "dqb_bhardlimit") == 0);  // the bytes are not those of a struct if_dqblk
  record = record_of(EventCode::QUOTACTL).arg(0, QCMD(Q_GETFMT, GRPQUOTA)).item(3, raw(4));
  CHECK(number(record, "quota_fmt_out") == 8);  // QFMT_VFS_V1
  CHECK(number(record, "quota_fmt") == 1);      // QFMT_NOT_USED
  record = record_of(EventCode::QUOTACTL).arg(0, QCMD(0x5803, USRQUOTA)).arg(2, 77);
  CHECK(number(record, "cmd") == 1024);  // Q_XGETQUOTA
  CHECK(number(record, "id") == 77);
  record = record_of(EventCode::QUOTACTL).arg(0, 12345).arg(2, 77);
  CHECK(number(record, "cmd") == 0);
  CHECK(number(record, "id") == 0);
}

TEST_CASE("keyctl shows texts where its operation has them") {
  const RecordBuilder record = record_of(EventCode::KEYCTL)
                                   .arg(0, KEYCTL_RESTRICT_KEYRING)
                                   .arg(1, 5)
                                   .arg(4, 99)
                                   .text(3, "asymmetric");
  CHECK(param(record, "arg2") == std::string(1, '\0') + raw(int64_t{5}));
  CHECK(param(record, "arg3") == std::string("\1asymmetric\0", 12));
  CHECK(param(record, "arg4") == std::string("\1\0", 2));  // no text could be read
  CHECK(param(record, "arg5") == std::string(1, '\0') + raw(int64_t{0}));
  CHECK(param(record_of(EventCode::KEYCTL).arg(0, 1'000'000).arg(1, 5), "arg2") ==
        std::string(1, '\0') + raw(int64_t{0}));
}

TEST_CASE("a list of polled descriptors has what was returned for each") {
  const fc_poll_fd polled[] = {{.fd = 7,
                                .requested = 1,
                                .returned = 0x2010,
                                .anon_kind = 0,
                                .family = 0,
                                .mode = 0,
                                .reserved = 0}};
  const std::string bytes(reinterpret_cast<const char*>(polled), sizeof polled);
  const std::string one = raw(uint16_t{1}) + raw(int64_t{7}) + raw(int16_t{8 | 32});  // RDHUP, HUP
  CHECK(param(record_of(EventCode::POLL).item(1, bytes), "fds") == one);
  CHECK(param(record_of(EventCode::POLL).item(1, bytes + "rest"), "fds") == one);
  CHECK(param(record_of(EventCode::POLL), "fds") == raw(uint16_t{0}));
}

TEST_CASE("operations on semaphores that were not read are 0") {
  const RecordBuilder half =
      record_of(EventCode::SEMOP)
          .item(2, raw(uint16_t{3}) + raw(int16_t{-1}) + raw(int16_t{0x800}));
  CHECK(number(half, "sem_num_0") == 3);
  CHECK(number(half, "sem_op_0") == 0xffff);
  CHECK(number(half, "sem_flg_0") == 1);
  CHECK(number(half, "sem_num_1") == 0);
  CHECK(number(half, "sem_flg_1") == 0);
}

TEST_CASE("the second argument of prctl is a text, a number, or a number behind a pointer") {
  CHECK(number(record_of(EventCode::PRCTL).arg(0, PR_SET_DUMPABLE).arg(1, 9), "arg2_int") == 9);
  CHECK(number(record_of(EventCode::PRCTL).arg(0, PR_GET_NAME).arg(1, 9), "arg2_int") == 0);
  const RecordBuilder behind = record_of(EventCode::PRCTL)
                                   .arg(0, PR_GET_CHILD_SUBREAPER)
                                   .arg(1, 4711)
                                   .item(3, raw(uint64_t{1}));
  CHECK(number(behind, "arg2_int") == 1);
}

TEST_CASE("numbers that nobody could read are 0, limits of a failed call -1") {
  CHECK(number(record_of(EventCode::PRLIMIT).ret(-3), "oldcur") == 0);
  CHECK(number(record_of(EventCode::GETRLIMIT).ret(-22), "cur") == ~uint64_t{0});
  CHECK(number(record_of(EventCode::PIPE).ret(-14), "fd1") == ~uint64_t{0});
  CHECK(number(record_of(EventCode::READV).ret(-9), "size") == 0);
  CHECK(number(record_of(EventCode::OPENAT2).ret(-14), "flags") == 1);
}

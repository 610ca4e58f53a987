// Semaphores, futexes, keys, quotas.
#include <linux/futex.h>
#include <linux/keyctl.h>
#include <linux/quota.h>
#include <sys/sem.h>
#include <sys/syscall.h>

#include <cerrno>

#include "tests/live/calls/encode.h"
#include "tests/live/calls/families.h"

namespace calls {
namespace {

void semaphore_cases(Report& report) {
  const int set = report.ok("semget", SYS_semget, {IPC_PRIVATE, 2, IPC_CREAT | 0600})
                      .ret("res")
                      .num("key", 0)
                      .num("nsems", 2)
                      .num("semflg", 8192)
                      .fd();
  report.fails("semget", EINVAL, SYS_semget, {IPC_PRIVATE, -3, IPC_EXCL})
      .ret("res")
      .num("key", 0)
      .num("nsems", -3)
      .num("semflg", 16384);
  sembuf operations[] = {{0, 5, IPC_NOWAIT}, {1, 2, SEM_UNDO}};
  report.ok("semop", SYS_semop, {set, operations, 2})
      .ret("res")
      .num("nsops", 2)
      .num("sem_num_0", 0)
      .num("sem_op_0", 5)
      .num("sem_flg_0", 1)
      .num("sem_num_1", 1)
      .num("sem_op_1", 2)
      .num("sem_flg_1", 2)
      .num("semid", set);
  operations[0] = {0, -4, SEM_UNDO};
  report.ok("semop", SYS_semop, {set, operations, 1})
      .ret("res")
      .num("nsops", 1)
      .num("sem_num_0", 0)
      .num("sem_op_0", -4)
      .num("sem_flg_0", 2)
      .num("sem_num_1", 0)
      .num("sem_op_1", 0)
      .num("sem_flg_1", 0)
      .num("semid", set);
  report.fails("semop", EINVAL, SYS_semop, {-1, operations, 2})
      .ret("res")
      .num("nsops", 2)
      .num("sem_num_0", 0)
      .num("sem_op_0", 0)
      .num("sem_flg_0", 0)
      .num("sem_num_1", 0)
      .num("sem_op_1", 0)
      .num("sem_flg_1", 0)
      .num("semid", -1);
  report.ok("semctl", SYS_semctl, {set, 1, SETVAL, 9})
      .ret("res")
      .num("semid", set)
      .num("semnum", 1)
      .num("cmd", 4096)
      .num("val", 9);
  report.fails("semctl", EINVAL, SYS_semctl, {-1, 3, GETVAL, 4})
      .ret("res")
      .num("semid", -1)
      .num("semnum", 3)
      .num("cmd", 512)
      .num("val", 0);
  semctl(set, 0, IPC_RMID);
}

void futex_cases(Report& report) {
  uint32_t word = 3;
  report.ok("futex", SYS_futex, {&word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1})
      .ret("res")
      .address("addr", &word)
      .num("op", 129)
      .num("val", 1);
  report.fails("futex", EAGAIN, SYS_futex, {&word, FUTEX_WAIT, 77, nullptr})
      .ret("res")
      .address("addr", &word)
      .num("op", 0)
      .num("val", 77);
}

/// An argument of keyctl: a number, or a text.
std::string key_number(int64_t value) { return std::string(1, '\0') + raw(value); }
std::string key_text(const std::string& value) { return '\1' + value + '\0'; }

void key_cases(Report& report) {
  const int ring = KEY_SPEC_PROCESS_KEYRING;
  if (raw_call(SYS_keyctl, {KEYCTL_GET_KEYRING_ID, ring, 1}) == -ENOSYS) {
    report.skip("keyctl", false, "this kernel keeps no keys");
    report.fails("keyctl", ENOSYS, SYS_keyctl, {KEYCTL_GET_KEYRING_ID, ring, 1})
        .ret("res")
        .num("operation", KEYCTL_GET_KEYRING_ID)
        .bytes("arg2", key_number(ring))
        .bytes("arg3", key_number(1))
        .bytes("arg4", key_number(0))
        .bytes("arg5", key_number(0));
    return;
  }
  report.ok("keyctl", SYS_keyctl, {KEYCTL_GET_KEYRING_ID, ring, 1, 55, 66})
      .ret("res")
      .num("operation", KEYCTL_GET_KEYRING_ID)
      .bytes("arg2", key_number(ring))
      .bytes("arg3", key_number(1))
      .bytes("arg4", key_number(0))  // the operation has no more arguments
      .bytes("arg5", key_number(0));
  in_child([&] {
    report.ok("keyctl", SYS_keyctl, {KEYCTL_JOIN_SESSION_KEYRING, "a-ring"})
        .ret("res")
        .num("operation", KEYCTL_JOIN_SESSION_KEYRING)
        .bytes("arg2", key_text("a-ring"))
        .bytes("arg3", key_number(0))
        .bytes("arg4", key_number(0))
        .bytes("arg5", key_number(0));
  });
  report.fails("keyctl", ENOKEY, SYS_keyctl, {KEYCTL_SEARCH, ring, "user", "nothing", 0})
      .ret("res")
      .num("operation", KEYCTL_SEARCH)
      .bytes("arg2", key_number(ring))
      .bytes("arg3", key_text("user"))
      .bytes("arg4", key_text("nothing"))
      .bytes("arg5", key_number(0));
}

/// Parameters that only a call about limits or times has.
Measured& no_quota(Measured& measured) {
  for (const char* name :
       {"dqb_bhardlimit", "dqb_bsoftlimit", "dqb_curspace", "dqb_ihardlimit", "dqb_isoftlimit",
        "dqb_btime", "dqb_itime", "dqi_bgrace", "dqi_igrace", "dqi_flags"}) {
    measured.num(name, 0);
  }
  return measured.num("quota_fmt_out", 1);
}

void quota_cases(Report& report) {
  // all file systems
  const long synced = raw_call(SYS_quotactl, {QCMD(Q_SYNC, USRQUOTA), nullptr, 0, nullptr});
  if (synced < 0) {
    report.skip("quotactl", false, "this kernel has no quotas");
  } else {
    Measured done =
        report.ok("quotactl", SYS_quotactl, {QCMD(Q_SYNC, GRPQUOTA), nullptr, 8, nullptr});
    no_quota(done.ret("res").empty("special").empty("quotafilepath"));
    done.num("cmd", 128).num("type", 2).num("id", 0).num("quota_fmt", 1);
  }
  const auto fails = [&](int command, int type, int id, const void* address) -> Measured {
    const int call = report.mark();
    const long result =
        raw_call(SYS_quotactl, {QCMD(command, type), "/dev/no-such-device", id, address});
    return report.finish(call, "quotactl", static_cast<int>(-result), result);
  };
  {
    Measured on = fails(Q_QUOTAON, USRQUOTA, 2, "quota-file");  // QFMT_VFS_V0
    no_quota(on.ret("res").text("special", "/dev/no-such-device"));
    on.text("quotafilepath", "quota-file").num("cmd", 1).num("type", 1).num("id", 0);
    on.num("quota_fmt", 4);
  }
  if_dqblk block{};
  block.dqb_bhardlimit = 11;
  block.dqb_bsoftlimit = 12;
  block.dqb_curspace = 13;
  block.dqb_ihardlimit = 14;
  block.dqb_isoftlimit = 15;
  block.dqb_btime = 16;
  block.dqb_itime = 17;
  block.dqb_valid = QIF_BLIMITS | QIF_ILIMITS | QIF_BTIME;
  Measured set = fails(Q_SETQUOTA, GRPQUOTA, 1000, &block);
  set.ret("res").text("special", "/dev/no-such-device").empty("quotafilepath");
  set.num("dqb_bhardlimit", 11).num("dqb_bsoftlimit", 12).num("dqb_curspace", 0);  // not valid
  set.num("dqb_ihardlimit", 14).num("dqb_isoftlimit", 15).num("dqb_btime", 16).num("dqb_itime", 0);
  set.num("dqi_bgrace", 0).num("dqi_igrace", 0).num("dqi_flags", 0).num("quota_fmt_out", 1);
  set.num("cmd", 64).num("type", 2).num("id", 1000).num("quota_fmt", 1);
}

}  // namespace

void ipc_calls(Report& report) {
  semaphore_cases(report);
  futex_cases(report);
  key_cases(report);
  quota_cases(report);
}

}  // namespace calls

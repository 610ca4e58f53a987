// Modules, eBPF, io_uring, file system contexts.
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/mount.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>

#include "tests/live/calls/families.h"

namespace calls {
namespace {

/// A call that fails on every machine, each kernel with its own error.
Measured failing(Report& report, const char* event, long number, Arguments arguments) {
  const int id = report.mark();
  const long result = raw_call(number, arguments);
  return report.finish(id, event, static_cast<int>(-result), result);
}

void module_cases(Report& report) {
  char image[] = "not a module";
  failing(report, "init_module", SYS_init_module, {image, sizeof image, "a=1"})
      .ret("res")
      .bytes("img", std::string(image, sizeof image))
      .num("length", sizeof image)
      .text("uargs", "a=1");
  const int fd = open("module", O_RDONLY | O_CREAT, 0600);
  failing(report, "finit_module", SYS_finit_module, {fd, "b=2", 1 | 2})
      .ret("res")
      .num("fd", fd)
      .text("uargs", "b=2")
      .num("flags", 3);
  close(fd);
  failing(report, "delete_module", SYS_delete_module, {"no_such_module", O_NONBLOCK | O_TRUNC})
      .ret("res")
      .text("name", "no_such_module")
      .num("flags", 3);
  for (const char* event : {"init_module", "finit_module", "delete_module"}) {
    report.skip(event, false, "a test does not change the kernel");
  }
}

void bpf_cases(Report& report) {
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = attributes.value_size = 4;
  attributes.max_entries = 1;
  close(report.ok("bpf", SYS_bpf, {BPF_MAP_CREATE, &attributes, sizeof attributes})
            .ret("fd")
            .num("cmd", 0)
            .fd());
  failing(report, "bpf", SYS_bpf, {BPF_PROG_LOAD, nullptr, 8}).ret("fd").num("cmd", 5);
}

void ring_cases(Report& report) {
  io_uring_params parameters{};
  parameters.flags = IORING_SETUP_CLAMP;
  const long ring = raw_call(SYS_io_uring_setup, {4, &parameters});
  if (ring < 0) {
    for (const char* event : {"io_uring_setup", "io_uring_enter", "io_uring_register"}) {
      report.skip(event, false, "this kernel gives no rings");
    }
  } else {
    close(static_cast<int>(ring));
    parameters = {};
    parameters.flags = IORING_SETUP_CLAMP;
    parameters.sq_thread_idle = 30;
    Measured made = report.ok("io_uring_setup", SYS_io_uring_setup, {4, &parameters});
    made.ret("res").num("entries", 4).num("sq_entries", parameters.sq_entries);
    made.num("cq_entries", parameters.cq_entries).num("flags", 32);
    made.num("sq_thread_cpu", 0).num("sq_thread_idle", 30);
    made.num("features", parameters.features & 0x7ff);  // these have the same bits
    report.ok("io_uring_enter", SYS_io_uring_enter, {made.fd(), 0, 0, IORING_ENTER_GETEVENTS})
        .ret("res")
        .num("fd", made.fd())
        .num("to_submit", 0)
        .num("min_complete", 0)
        .num("flags", 1)
        .num("sig", 0);
    std::array<char, sizeof(io_uring_probe)> probe{};
    report
        .ok("io_uring_register", SYS_io_uring_register,
            {made.fd(), IORING_REGISTER_PROBE, probe.data(), 0})
        .ret("res")
        .num("fd", made.fd())
        .num("opcode", 8)
        .address("arg", probe.data())
        .num("nr_args", 0);
    close(made.fd());
  }
  failing(report, "io_uring_setup", SYS_io_uring_setup, {0, &parameters})
      .ret("res")
      .num("entries", 0)
      .num("sq_entries", parameters.sq_entries)
      .num("cq_entries", parameters.cq_entries)
      .num("flags", 32)
      .num("sq_thread_cpu", parameters.sq_thread_cpu)
      .num("sq_thread_idle", parameters.sq_thread_idle)
      .num("features", parameters.features & 0x7ff);
  failing(report, "io_uring_enter", SYS_io_uring_enter, {-1, 2, 1, 2, nullptr})
      .ret("res")
      .num("fd", -1)
      .num("to_submit", 2)
      .num("min_complete", 1)
      .num("flags", 2)
      .num("sig", 0);
  failing(report, "io_uring_register", SYS_io_uring_register, {-1, 1, nullptr, 3})
      .ret("res")
      .num("fd", -1)
      .num("opcode", 1)
      .num("arg", 0)
      .num("nr_args", 3);
}

void context_cases(Report& report) {
  const long context = raw_call(SYS_fsopen, {"tmpfs", 1});
  const int fd = static_cast<int>(context);
  if (context < 0) {
    report.skip("fsconfig", false, "this kernel opens no file system context");
  } else {
    report.ok("fsconfig", SYS_fsconfig, {fd, FSCONFIG_SET_STRING, "size", "1m", 0})
        .ret("res")
        .num("fd", fd)
        .num("cmd", 1)
        .text("key", "size")
        .empty("value_bytebuf")
        .text("value_charbuf", "1m")
        .num("aux", 0);
  }
  failing(report, "fsconfig", SYS_fsconfig, {fd, FSCONFIG_SET_BINARY, "key", "binary", 6})
      .ret("res")
      .num("fd", fd)
      .num("cmd", 2)
      .text("key", "key")
      .empty("value_bytebuf")  // shown of successful calls only, as in Falco
      .empty("value_charbuf")
      .num("aux", 6);
  if (fd >= 0) close(fd);
}

}  // namespace

void kernel_calls(Report& report) {
  module_cases(report);
  bpf_cases(report);
  ring_cases(report);
  context_cases(report);
}

}  // namespace calls

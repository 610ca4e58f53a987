// Each reason why the probe cannot be loaded has its own diagnostic.
#include "runtime/capture/load_failure.h"

#include <doctest/doctest.h>

#include <cerrno>

using falcoc::Code;
using falcod::explain;
using falcod::LoadFailure;

TEST_CASE("without capabilities the answer is to get them, whatever else is wrong") {
  const auto said = explain({.error = -EPERM,
                             .has_ring_buffer = false,
                             .has_capabilities = false,
                             .counts_locked = true,
                             .locked_limit = 65536});
  CHECK(said.code == Code::PROBE_PRIVILEGE);
  CHECK(said.hint.find("CAP_BPF") != std::string::npos);
}

TEST_CASE("a refusal in spite of capabilities names who may refuse") {
  const auto said = explain({.error = -EPERM});
  CHECK(said.code == Code::PROBE_PRIVILEGE);
  CHECK(said.hint.find("seccomp") != std::string::npos);
  const auto locked_down = explain({.error = -EPERM, .is_locked_down = true});
  CHECK(locked_down.code == Code::PROBE_PRIVILEGE);
  CHECK(locked_down.message.find("lockdown") != std::string::npos);
}

TEST_CASE("before 5.11 the limit of locked memory is told with its size") {
  const auto said = explain({.error = -EPERM, .counts_locked = true, .locked_limit = 65536});
  CHECK(said.code == Code::PROBE_LOCKED_MEMORY);
  CHECK(said.message.find("64 KiB") != std::string::npos);
  CHECK(explain({.error = -EPERM, .counts_locked = false, .locked_limit = 65536}).code ==
        Code::PROBE_PRIVILEGE);
}

TEST_CASE("an old kernel, a refusing verifier and too little memory are told apart") {
  CHECK(explain({.error = -EINVAL, .has_ring_buffer = false}).code == Code::PROBE_KERNEL_TOO_OLD);
  const auto refused =
      explain({.error = -EACCES, .log = "R1 invalid mem access", .from_verifier = true});
  CHECK(refused.code == Code::PROBE_REFUSED);
  CHECK(refused.message.find("R1 invalid mem access") != std::string::npos);
  CHECK(explain({.error = -ENOMEM, .ring_bytes = 4096}).code == Code::PROBE_MEMORY);
  CHECK(explain({.error = -EINVAL, .log = "?"}).code == Code::PROBE_REFUSED);
}

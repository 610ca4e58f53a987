// See fact_fields.h. A field that is not listed is no fact: new fields are safe by default.
#include "compiler/ir/fact_fields.h"

namespace falcoc::ir {

FieldDependencies field_dependencies(FieldId field) {
  using enum FieldId;
  using namespace fact_depends;
  if (field_info(field).binding == BindingTime::EVENT) return {NoFact::EVENT};
  switch (field) {
    // the process and its image
    case evt_hostname:
    case proc_exe:
    case proc_exepath:
    case proc_name:  // as of the last execve or fork: renaming does not change it
    case proc_args:
    case proc_cmdline:
    case proc_cmdnargs:
    case proc_cmdlenargs:
    case proc_exeline:
    case proc_env:
    case proc_pid:
    case proc_vpid:
    case proc_pid_ts:
    case proc_is_exe_writable:  // as of the execve
    case proc_is_exe_upper_layer:
    case proc_is_exe_lower_layer:
    case proc_is_exe_from_memfd:
    case proc_exe_ino:
    case proc_exe_ino_ctime:
    case proc_exe_ino_mtime:
    case proc_exe_ino_ctime_duration_proc_start:
    case proc_exe_ino_ctime_duration_pidns_start:
    case proc_pidns_init_start_ts:
      return {};
    case proc_pexe:
    case proc_aexe:
    case proc_pexepath:
    case proc_aexepath:
    case proc_pname:
    case proc_aname:
    case proc_aargs:
    case proc_pcmdline:
    case proc_acmdline:
    case proc_aenv:
    case proc_loginshellid:
    case proc_ppid:
    case proc_apid:
    case proc_pvpid:
    case proc_ppid_ts:
      return {NoFact::NONE, ANCESTORS};
    case proc_tty:
    case proc_sid:
    case proc_pgid:
    case proc_vpgid:
    case proc_is_sid_leader:
    case proc_is_pgid_leader:
    case proc_is_vpgid_leader:
      return {NoFact::NONE, SESSION};
    case user_uid:
    case group_gid:
      return {NoFact::NONE, CREDENTIALS};
    case user_name:
    case user_homedir:
    case user_shell:
    case group_name:
      return {NoFact::NONE, CREDENTIALS | CGROUPS | USERS};
    case user_loginname:
      return {NoFact::NONE, PRIVILEGES | CGROUPS | USERS};
    case user_loginuid:
    case thread_cap_effective:
    case thread_cap_permitted:
    case thread_cap_inheritable:
      return {NoFact::NONE, PRIVILEGES};
    case container_id:
    case container_full_id:
    case thread_cgroup:
    case thread_cgroups:
      return {NoFact::NONE, CGROUPS};
    case proc_cwd:
      return {NoFact::DIRECTORY};
    case proc_sname:
    case proc_sid_exe:
    case proc_sid_exepath:
    case proc_pgid_name:
    case proc_pgid_exe:
    case proc_pgid_exepath:
    case proc_vpgid_name:
    case proc_vpgid_exe:
    case proc_vpgid_exepath:
      return {NoFact::LEADER};
    case thread_tid:
    case thread_vtid:
    case thread_ismain:
    case thread_nametid:
      return {NoFact::THREAD};
    case proc_fdlimit:
      return {NoFact::LIMITS};
    default:
      break;
  }
  return {field_info(field).binding == BindingTime::CONTAINER ? NoFact::METADATA
                                                              : NoFact::UNVERSIONED};
}

std::string_view no_fact_reason(NoFact reason) {
  switch (reason) {
    case NoFact::NONE:
      return "it can be a process fact";
    case NoFact::EVENT:
      return "its value differs from event to event";
    case NoFact::DIRECTORY:
      return "directories are renamed without a trace in the process";
    case NoFact::LEADER:
      return "it asks for another process, the leader of the session or group";
    case NoFact::METADATA:
      return "the container engine may tell it later or otherwise";
    case NoFact::THREAD:
      return "it differs between threads of the process";
    case NoFact::LIMITS:
      return "limits change without a trace";
    case NoFact::UNVERSIONED:
      return "nothing says when it changes";
    case NoFact::NO_FILTER:
      return "it matters only for events that no filter may drop";
    case NoFact::TOO_MANY:
      return "there are too many process facts, and others are used more often";
  }
  return {};
}

}  // namespace falcoc::ir

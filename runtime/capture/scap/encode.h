// The blocks of a capture file as they are written today, one function each: appended to a buffer.
// What they take are the entries that tables.h reads. Source: SCAP notes, section 2.
#pragma once

#include <span>
#include <string>

#include "runtime/capture/event.h"
#include "runtime/capture/scap/tables.h"

namespace falcod::scap {

void append_section_header(std::string& out);
void append_machine(std::string& out, const Machine& machine);
void append_interfaces(std::string& out, std::span<const Interface> interfaces);
void append_users(std::string& out, std::span<const UserEntry> users);
/// Texts beyond the format's limits are cut.
void append_processes(std::string& out, std::span<const ProcessEntry> processes);
/// The descriptors of one thread. Entries of kind UNKNOWN are left out.
void append_fds(std::string& out, uint64_t tid, std::span<const FdEntry> fds);
/// `event.info` is set; parameters are as Falco encodes them. One beyond 64 KiB is cut. Before it
/// goes what older readers need (old_readers.h).
void append_event(std::string& out, const Event& event);

}  // namespace falcod::scap

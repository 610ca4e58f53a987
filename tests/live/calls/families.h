// The cases, by what the calls are about. Each works in the current directory, which is empty, and
// leaves the process as it was; what cannot be undone is done in children.
#pragma once

#include "tests/live/calls/report.h"

namespace calls {

void open_calls(Report& report);
void path_calls(Report& report);
void attribute_calls(Report& report);
void data_calls(Report& report);
void descriptor_calls(Report& report);
void wait_calls(Report& report);
void socket_calls(Report& report);
void message_calls(Report& report);
void option_calls(Report& report);
void memory_calls(Report& report);
void identity_calls(Report& report);
void process_calls(Report& report);
void namespace_calls(Report& report);
void ipc_calls(Report& report);
void kernel_calls(Report& report);
void compat_calls(Report& report);
void generic_calls(Report& report);

}  // namespace calls

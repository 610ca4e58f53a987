// falcod as a function: what main calls.
#pragma once

namespace falcod {

/// Runs the program; returns its exit status (exit_status.h).
int daemon_main(int argc, const char* const* argv);

}  // namespace falcod

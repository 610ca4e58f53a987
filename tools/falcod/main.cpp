// The program `falcod`.
#include "runtime/daemon/daemon.h"

int main(int argc, char** argv) { return falcod::daemon_main(argc, argv); }

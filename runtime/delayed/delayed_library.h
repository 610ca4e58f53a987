// Shared libraries that are loaded when one of their functions is first called
// (tools/cmake/DelayedLibrary.cmake has the functions).
#pragma once

#include <string>

namespace falcod {

/// Loads the library, for good. What is wrong with it, empty if nothing is: who would call its
/// functions asks this first. An empty soname is a library that the linker loaded.
std::string load_delayed(const char* soname);

}  // namespace falcod

// See delayed_library.h.
#include "runtime/delayed/delayed_library.h"

#include <dlfcn.h>

#include <stdexcept>

namespace falcod {

namespace {

/// Null: dlerror() says why. The loader itself knows what it has loaded.
void* handle_of(const char* soname) { return ::dlopen(soname, RTLD_NOW | RTLD_LOCAL); }

std::string last_error() {
  const char* error = ::dlerror();
  return error != nullptr ? error : "cannot be loaded";
}

}  // namespace

std::string load_delayed(const char* soname) {
  if (*soname == '\0' || handle_of(soname) != nullptr) return {};
  return last_error();
}

/// Called by the functions of functions.S.in. Throws where the library, or this version of it, has
/// no such function.
extern "C" void* falcoc_find_delayed(const char* soname, const char* function) {
  void* handle = handle_of(soname);
  void* address = handle != nullptr ? ::dlsym(handle, function) : nullptr;
  if (address == nullptr) throw std::runtime_error(last_error());
  return address;
}

}  // namespace falcod

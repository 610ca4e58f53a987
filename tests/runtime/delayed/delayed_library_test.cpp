// Functions of libraries that are loaded when they are called: every kind of argument arrives, and
// what is missing is told.
#include "runtime/delayed/delayed_library.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <stdexcept>
#include <string>

extern "C" {
double fma(double, double, double) noexcept;
void no_such_function();
void absent_function();
}

namespace falcod {
namespace {

TEST_CASE("a delayed function gets numbers in vector registers, the first time and later") {
  CHECK(::fma(3, 4, 5) == 17);
  CHECK(::fma(0.5, -2, 1) == 0);
}

TEST_CASE("a delayed function gets variable arguments, those on the stack too") {
  char text[128];
  for (int round = 0; round < 2; ++round) {
    const int size =
        std::snprintf(text, sizeof text, "%d %s %d %g %d %d %g %g %g %g %g %g %g %g %s", 1, "two",
                      3, 4.5, 5, 6, 7., 8., 9., 10., 11., 12., 13., 14., "last");
    CHECK(std::string(text, static_cast<size_t>(size)) ==
          "1 two 3 4.5 5 6 7 8 9 10 11 12 13 14 last");
  }
}

TEST_CASE("a library that is not there is told of, before a call and by it") {
  CHECK(load_delayed("libm.so.6").empty());
  CHECK(load_delayed("").empty());
  CHECK(load_delayed("libfalcoc-absent.so.1").find("libfalcoc-absent.so.1") != std::string::npos);
  CHECK_THROWS_AS(::absent_function(), std::runtime_error);
}

TEST_CASE("a function that the library does not have is told of") {
  try {
    ::no_such_function();
    FAIL("it was called");
  } catch (const std::runtime_error& error) {
    CHECK(std::string(error.what()).find("no_such_function") != std::string::npos);
  }
}

}  // namespace
}  // namespace falcod

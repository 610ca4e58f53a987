# How this project builds its libraries and tests: flags, warnings, ccache, sanitizers.

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

add_library(falcoc_flags INTERFACE)
target_include_directories(falcoc_flags INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(falcoc_flags INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
                                              -Woverloaded-virtual -Werror)
if(FALCOC_SANITIZE)
  # Not vptr: it needs the run-time type information that LLVM and its users go without.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr
                      -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(FALCOC_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # coverage of the libraries under test
endif()

# falcoc_library(name SOURCES a.cpp … LINK lib …)
function(falcoc_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC falcoc_flags ${ARG_LINK})
endfunction()

# falcoc_test(name SOURCES a_test.cpp … LINK lib … [LABELS l …]): one executable of doctest cases,
# each case its own ctest test. A case that lacks something of the machine says MESSAGE("SKIPPED: why")
# and returns; ctest then counts it as skipped, unless it also failed.
function(falcoc_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES} "${CMAKE_SOURCE_DIR}/tests/main.cpp")
  target_link_libraries(${name} PRIVATE falcoc_flags doctest::doctest ${ARG_LINK})
  set(properties SKIP_REGULAR_EXPRESSION "SKIPPED: .*Status: SUCCESS")
  if(ARG_LABELS)
    list(JOIN ARG_LABELS "\\;" labels)
    list(APPEND properties LABELS "${labels}")
  endif()
  doctest_discover_tests(${name} TEST_PREFIX "${name}: " PROPERTIES ${properties})
endfunction()

# falcoc_add_folders(a b …): subdirectories in order.
function(falcoc_add_folders)
  foreach(folder IN LISTS ARGN)
    if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/CMakeLists.txt")
      add_subdirectory(${folder})
    endif()
  endforeach()
endfunction()

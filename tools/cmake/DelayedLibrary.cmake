# Shared libraries that are loaded when one of their functions is first called: most runs of falcod send nothing by
# Kafka, and loading what libcurl alone depends on takes longer than arming the rules.

# falcoc_delayed_library(NAME target): of what pkg_check_modules(NAME IMPORTED_TARGET) found a library `target` that has its headers and
# its functions (runtime/delayed), and defines NAME_LIBRARY, the soname. Variables of the library are not in it: who uses
# one does not link. Where the instruction set is not known here the linker loads it as ever, and NAME_LIBRARY is "".
function(falcoc_delayed_library name target)
  if(NOT CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE PkgConfig::${name})
    target_compile_definitions(${target} INTERFACE "${name}_LIBRARY=\"\"")
    return()
  endif()
  list(GET ${name}_LINK_LIBRARIES 0 file)
  falcoc_shared_library("${file}" soname functions)
  falcoc_delayed_functions(${target} "${soname}" ${functions})
  target_include_directories(${target} SYSTEM INTERFACE ${${name}_INCLUDE_DIRS})
  target_compile_options(${target} INTERFACE ${${name}_CFLAGS_OTHER})
  target_compile_definitions(${target} INTERFACE "${name}_LIBRARY=\"${soname}\"")
endfunction()

# falcoc_shared_library(file soname functions): what a shared library says of itself.
function(falcoc_shared_library file soname functions)
  execute_process(COMMAND "${CMAKE_READELF}" -dW "${file}" OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
  if(NOT dynamic MATCHES "\\(SONAME\\)[^[]*\\[([^]]+)\\]")
    message(FATAL_ERROR "${file} has no soname")
  endif()
  set(${soname} "${CMAKE_MATCH_1}" PARENT_SCOPE)
  execute_process(COMMAND "${CMAKE_NM}" -D --defined-only "${file}" OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[0-9a-f]+ [TWi] [A-Za-z0-9_]+" symbols "${symbols}")
  list(TRANSFORM symbols REPLACE ".* " "")
  list(REMOVE_DUPLICATES symbols)
  set(${functions} "${symbols}" PARENT_SCOPE)
endfunction()

# falcoc_delayed_functions(target library function…)
function(falcoc_delayed_functions target library)
  list(TRANSFORM ARGN PREPEND "function ")
  list(JOIN ARGN "\n" functions)
  configure_file("${CMAKE_SOURCE_DIR}/runtime/delayed/functions.S.in" "${target}.S" @ONLY)
  add_library(${target} STATIC "${CMAKE_CURRENT_BINARY_DIR}/${target}.S")
  target_link_libraries(${target} PUBLIC falcod_delayed)
endfunction()

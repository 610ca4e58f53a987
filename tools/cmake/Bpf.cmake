# Programs for the kernel, compiled and wrapped for libbpf.

if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(FALCOC_BPF_ARCH arm64)
else()
  set(FALCOC_BPF_ARCH x86)
endif()

# the headers of <asm/…>, which the BPF target does not look for by itself
set(FALCOC_BPF_SYSTEM_INCLUDE "/usr/include/${CMAKE_LIBRARY_ARCHITECTURE}")

# falcoc_bpf(file name): file.bpf.c as the skeleton struct `name` in file.skel.h
function(falcoc_bpf file name)
  set(object "${CMAKE_CURRENT_BINARY_DIR}/${file}.bpf.o")
  set(skeleton "${CMAKE_CURRENT_BINARY_DIR}/${file}.skel.h")
  add_custom_command(
    OUTPUT "${object}"
    COMMAND "${CLANG_BPF}" -target bpf -D__TARGET_ARCH_${FALCOC_BPF_ARCH} -g -O2 -Wall -Wextra
            -Werror -Wno-unused-parameter -Wno-missing-declarations -I "${CMAKE_SOURCE_DIR}"
            -isystem "${FALCOC_BPF_SYSTEM_INCLUDE}" -MD -MF "${object}.d"
            -c "${CMAKE_CURRENT_SOURCE_DIR}/${file}.bpf.c" -o "${object}"
    DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${file}.bpf.c"
    DEPFILE "${object}.d"
    COMMENT "Compiling ${file}.bpf.c to eBPF")
  add_custom_command(
    OUTPUT "${skeleton}"
    COMMAND "${BPFTOOL}" gen skeleton "${object}" name ${name} > "${skeleton}"
    DEPENDS "${object}"
    VERBATIM
    COMMENT "Generating ${file}.skel.h")
endfunction()

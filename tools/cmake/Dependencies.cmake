# Every library the project uses, with the reason. tools/setup installs the packages.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(LLVM 19.1 REQUIRED CONFIG HINTS /usr/lib/llvm-19)         # code generation: ORC JIT and the BPF target
find_package(yaml-cpp REQUIRED)               # rule files and falco.yaml, with positions
find_package(fmt REQUIRED)                    # text formatting (std::format is not in gcc 12)
find_package(CLI11 REQUIRED)                  # command lines
find_package(nlohmann_json REQUIRED)          # JSON alerts and reports
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)              # Falco's regex engine: same dialect, linear time
find_package(doctest REQUIRED)                 # unit tests
find_package(rapidcheck REQUIRED)              # generated conditions and events in the differential tests
include(doctest)
pkg_check_modules(LIBBPF REQUIRED IMPORTED_TARGET libbpf)        # loads and attaches the probe
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)     # bundle hashes and signatures
find_package(FlatBuffers REQUIRED CONFIG)     # schema and verifier of bundles
find_package(antlr4-runtime REQUIRED)          # condition and output grammars
find_program(ANTLR4_TOOL antlr4 REQUIRED)
find_program(CLANG_BPF NAMES clang-19 clang REQUIRED)            # compiles the probe to eBPF
find_program(BPFTOOL bpftool PATHS /usr/sbin /sbin REQUIRED)     # skeleton of the probe

# Every library the project uses, with the reason. tools/setup installs the packages.

find_package(PkgConfig REQUIRED)
include(DelayedLibrary)
find_package(Threads REQUIRED)
find_package(LLVM 19.1 REQUIRED CONFIG HINTS /usr/lib/llvm-19)         # code generation: ORC JIT and the BPF target
find_package(yaml-cpp REQUIRED)               # rule files and falco.yaml, with positions
find_package(fmt REQUIRED)                    # text formatting (std::format is not in gcc 12)
find_package(CLI11 REQUIRED)                  # command lines
find_package(nlohmann_json REQUIRED)          # JSON alerts and reports
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)              # Falco's regex engine: same dialect, linear time
find_library(CADICAL_LIBRARY cadical REQUIRED) # falcoc diff: whether one condition implies another; Z3 is ten times its size
find_package(doctest REQUIRED)                 # unit tests
find_package(rapidcheck REQUIRED)              # generated conditions and events in the differential tests
include(doctest)
pkg_check_modules(LIBBPF REQUIRED IMPORTED_TARGET libbpf)        # loads and attaches the probe
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)     # bundle hashes and signatures
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)         # alerts over HTTP, with TLS
falcoc_delayed_library(CURL delayed_curl)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)  # the web server for health and metrics

# Destinations of alerts that speak a protocol of their own: built where the library is there, and can be switched
# off one by one.
function(falcod_channel name package source what)
  set(FALCOD_CHANNEL_${name} "${source}" PARENT_SCOPE) # below runtime/route
  pkg_check_modules(${name} IMPORTED_TARGET GLOBAL ${package})
  option(FALCOD_WITH_${name} "Alerts to ${what}" ${${name}_FOUND})
  if(FALCOD_WITH_${name})
    falcoc_delayed_library(${name} delayed_${package})
    set(FALCOD_LIBRARY_${name} delayed_${package} PARENT_SCOPE)
  endif()
endfunction()
falcod_channel(REDIS hiredis channels/redis.cpp "Redis")                      # reads and writes its protocol
falcod_channel(NATS libnats channels/nats.cpp "NATS")                         # the project's own client
falcod_channel(KAFKA rdkafka channels/kafka.cpp "Kafka")                      # the client that others build upon
falcod_channel(MQTT libmosquitto channels/mqtt.cpp "MQTT brokers")            # of the broker most run
falcod_channel(RABBITMQ librabbitmq channels/rabbitmq.cpp "RabbitMQ")         # of the broker's makers
falcod_channel(POSTGRES libpq channels/timescaledb.cpp "PostgreSQL and TimescaleDB") # of the database itself

find_package(FlatBuffers REQUIRED CONFIG)     # schema and verifier of bundles
find_package(ZLIB REQUIRED)                     # compressed capture files
find_program(CLANG_BPF NAMES clang-19 clang REQUIRED)            # compiles the probe to eBPF

# Condition and output grammars. Generated code and runtime must agree on the format that changed in
# 4.10; where the distribution's Java tool is older than its runtime (Ubuntu 24.04), tools/setup
# installs antlr-ng from npm.
find_package(antlr4-runtime REQUIRED)
if(antlr4-runtime_VERSION VERSION_LESS 4.10)
  find_program(ANTLR4_TOOL antlr4 REQUIRED)
  set(ANTLR4_OPTIONS -Werror -no-listener -no-visitor -package falcoc::grammar -lib)
else()
  find_program(ANTLR4_TOOL antlr-ng HINTS "${CMAKE_SOURCE_DIR}/.cache/antlr-ng/node_modules/.bin"
               REQUIRED)
  set(ANTLR4_OPTIONS --warnings-are-errors true --generate-listener false --generate-visitor false
                     --package falcoc::grammar --lib)
endif()

# Makes the skeleton of the probe. Ubuntu's /usr/sbin/bpftool works for the running kernel only, the
# binaries behind it for any.
file(GLOB bpftool_folders /usr/lib/linux-tools/* /usr/lib/linux-tools-*)
find_program(BPFTOOL bpftool HINTS ${bpftool_folders} PATHS /usr/sbin /sbin REQUIRED)

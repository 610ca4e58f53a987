// What a kubelet asks of a container engine, one call per run: pods and containers for the tests.
//   cri_client SOCKET version
//   cri_client SOCKET run-pod NAME NAMESPACE UID CGROUP
//   [host-network|host-pid|host-ipc|privileged|LABEL=VALUE]… cri_client SOCKET create POD NAME
//   IMAGE [privileged|SOURCE:DESTINATION[:ro]|LABEL=VALUE]… -- WORD… cri_client SOCKET start
//   CONTAINER cri_client SOCKET exec CONTAINER WORD… cri_client SOCKET remove-pod POD
#include <cstdio>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "runtime/metadata/grpc.h"
#include "runtime/metadata/wire.h"

namespace {

using falcod::metadata::GrpcClient;
using falcod::metadata::wire::bytes_of;
using falcod::metadata::wire::Writer;
using Words = std::span<const std::string>;

constexpr uint64_t kNode = 2;  // NamespaceMode

std::string call(const std::string& socket, const std::string& method, const Writer& request) {
  GrpcClient client(socket);
  auto reply = client.call("/runtime.v1.RuntimeService/" + method, request.bytes(),
                           std::chrono::milliseconds{60'000});
  if (!reply) {
    std::cerr << method << ": " << reply.error().status << ' ' << reply.error().message << '\n';
    std::exit(1);
  }
  return *reply;
}

/// Splits at the first `=`; false if there is none.
bool split(const std::string& text, std::string& key, std::string& value) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos) return false;
  key = text.substr(0, equals);
  value = text.substr(equals + 1);
  return true;
}

Writer pod_config(Words words) {
  Writer namespaces, security;
  Writer config;
  config.message(1, Writer().text(1, words[0]).text(2, words[2]).text(3, words[1]));
  bool host_network = false, host_pid = false, host_ipc = false, privileged = false;
  for (const std::string& word : words.subspan(4)) {
    std::string key, value;
    if (split(word, key, value)) config.entry(6, key, value);
    host_network |= word == "host-network";
    host_pid |= word == "host-pid";
    host_ipc |= word == "host-ipc";
    privileged |= word == "privileged";
  }
  if (!host_network) config.text(2, words[0]);  // the host has a name
  config.entry(7, "kubernetes.io/config.source", "api");
  namespaces.number(1, host_network ? kNode : 0).number(2, host_pid ? kNode : 1);
  namespaces.number(3, host_ipc ? kNode : 0);
  security.message(1, namespaces).number(6, privileged);
  config.message(8, Writer().text(1, words[3]).message(2, security));
  return config;
}

void run_pod(const std::string& socket, Words words) {
  const std::string reply = call(socket, "RunPodSandbox", Writer().message(1, pod_config(words)));
  std::cout << bytes_of(reply, 1) << '\n';
}

/// Containers of a pod are told of the pod's namespaces again, as kubelets do it.
void create(const std::string& socket, Words words) {
  const std::string status = call(socket, "PodSandboxStatus", Writer().text(1, words[0]));
  const std::string_view pod = bytes_of(status, 1);
  const std::string_view metadata = bytes_of(pod, 2);
  const std::string_view options = bytes_of(bytes_of(bytes_of(pod, 6), 1), 2);
  Writer namespaces;
  for (uint32_t field = 1; field <= 3; ++field) {
    namespaces.number(field, falcod::metadata::wire::number_of(options, field));
  }
  Writer config, security;
  config.message(1, Writer().text(1, words[1])).message(2, Writer().text(1, words[2]));
  size_t i = 3;
  bool privileged = false;
  for (; i < words.size() && words[i] != "--"; ++i) {
    std::string key, value;
    const size_t colon = words[i].find(':');
    if (split(words[i], key, value)) {
      config.entry(9, key, value);
    } else if (colon != std::string::npos) {
      std::string destination = words[i].substr(colon + 1);
      const bool readonly = destination.ends_with(":ro");
      if (readonly) destination.resize(destination.size() - 3);
      config.message(
          7, Writer().text(1, destination).text(2, words[i].substr(0, colon)).number(3, readonly));
    } else {
      privileged |= words[i] == "privileged";
    }
  }
  for (++i; i < words.size(); ++i) config.text(3, words[i]);
  security.number(2, privileged).message(3, namespaces);
  config.message(15, Writer().message(2, security));
  Writer sandbox;
  sandbox.message(1, Writer()
                         .text(1, bytes_of(metadata, 1))
                         .text(2, bytes_of(metadata, 2))
                         .text(3, bytes_of(metadata, 3)));
  Writer sandbox_security;
  sandbox_security.message(1, namespaces).number(6, privileged);
  sandbox.message(8, Writer().message(2, sandbox_security));
  const std::string reply = call(socket, "CreateContainer",
                                 Writer().text(1, words[0]).message(2, config).message(3, sandbox));
  std::cout << bytes_of(reply, 1) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 2) return 2;
  const std::string& socket = words[0];
  const std::string& what = words[1];
  const Words rest = Words(words).subspan(2);
  if (what == "version") {
    std::cout << bytes_of(call(socket, "Version", Writer()), 2) << '\n';
  } else if (what == "run-pod" && rest.size() >= 4) {
    run_pod(socket, rest);
  } else if (what == "create" && rest.size() >= 3) {
    create(socket, rest);
  } else if (what == "start" && rest.size() == 1) {
    call(socket, "StartContainer", Writer().text(1, rest[0]));
  } else if (what == "exec" && rest.size() >= 2) {
    Writer request;
    request.text(1, rest[0]);
    for (const std::string& word : rest.subspan(1)) request.text(2, word);
    std::cout << bytes_of(call(socket, "ExecSync", request), 1);
  } else if (what == "address" && rest.size() == 1) {
    const std::string reply = call(socket, "PodSandboxStatus", Writer().text(1, rest[0]));
    std::cout << bytes_of(bytes_of(bytes_of(reply, 1), 5), 1) << '\n';
  } else if (what == "remove-pod" && rest.size() == 1) {
    call(socket, "StopPodSandbox", Writer().text(1, rest[0]));
    call(socket, "RemovePodSandbox", Writer().text(1, rest[0]));
  } else {
    return 2;
  }
  return 0;
}

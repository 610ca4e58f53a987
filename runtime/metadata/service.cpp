// See service.h.
#include "runtime/metadata/service.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "runtime/metadata/containerd_api.h"
#include "runtime/metadata/cri.h"
#include "runtime/metadata/docker_api.h"
#include "runtime/metadata/podman_storage.h"

namespace falcod::metadata {

namespace {

/// The sockets of a setting, or the usual ones, under the host's root.
std::vector<std::string> sockets_of(const EngineSettings& settings, const std::string& host_root,
                                    std::vector<std::string> usual) {
  std::vector<std::string> sockets;
  for (const std::string& path : settings.sockets.empty() ? usual : settings.sockets) {
    constexpr std::string_view kScheme = "unix://";
    sockets.push_back(host_root + (path.starts_with(kScheme) ? path.substr(kScheme.size()) : path));
  }
  return sockets;
}

std::vector<std::string> usual_podman_sockets(const std::string& host_root) {
  std::vector<std::string> sockets{"/run/podman/podman.sock"};
  std::error_code error;
  const std::string users = host_root + "/run/user";
  for (const auto& user : std::filesystem::directory_iterator(users, error)) {
    sockets.push_back("/run/user/" + user.path().filename().string() + "/podman/podman.sock");
  }
  return sockets;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string(value);
}

}  // namespace

Service::Service(MetadataSettings settings, std::optional<KubeAccess> cluster)
    : settings_(std::move(settings)) {
  if (settings_.host_root.empty()) settings_.host_root = environment("HOST_ROOT");
  if (cluster) {
    kubernetes_ =
        std::make_unique<Kubernetes>(std::move(*cluster), kube_node_name(settings_.kubernetes.node),
                                     settings_.label_max_len, answers_);
  }
  add_engines();
  thread_ = std::jthread([this] { run(); });
}

Service::~Service() {
  stopping_.store(true);
  asked_.release();
  thread_.join();
  for (auto& engine : engines_) engine->stop();
}

void Service::add_engines() {
  const auto add = [this](std::unique_ptr<ContainerEngine> engine) {
    engines_.push_back(std::make_unique<EngineRunner>(
        std::move(engine), answers_, [this](Container& container) { complete(container); }));
  };
  const std::string& root = settings_.host_root;
  if (settings_.docker.enabled) {
    for (const auto& socket : sockets_of(settings_.docker, root, {"/var/run/docker.sock"})) {
      add(make_docker_engine(DockerFlavor::DOCKER, socket, settings_));
    }
  }
  if (settings_.podman.enabled) {
    for (const auto& socket : sockets_of(settings_.podman, root, usual_podman_sockets(root))) {
      add(make_docker_engine(DockerFlavor::PODMAN, socket, settings_));
    }
    for (const std::string& storage : podman_storages(settings_)) {
      add(make_podman_storage(storage));
    }
  }
  if (settings_.cri.enabled) {
    for (const auto& socket : sockets_of(settings_.cri, root,
                                         {"/run/containerd/containerd.sock", "/run/crio/crio.sock",
                                          "/run/k3s/containerd/containerd.sock"})) {
      add(make_cri_engine(socket, settings_));
    }
  }
  if (settings_.containerd.enabled) {
    for (const auto& socket :
         sockets_of(settings_.containerd, root,
                    {"/run/containerd/containerd.sock", "/run/host-containerd/containerd.sock"})) {
      add(make_containerd_engine(socket, settings_));
    }
  }
}

/// What the engine knows goes on as soon as the pod is known too, or is not known in half the time
/// that rules wait.
void Service::complete(Container& container) {
  const auto uid = container.labels.find("io.kubernetes.pod.uid");
  if (kubernetes_ == nullptr || uid == container.labels.end()) return;
  kubernetes_->wait_for_pod(uid->second, settings_.wait / 2);
}

void Service::ask(std::vector<ContainerQuestion> questions) {
  if (questions.empty()) return;
  for (ContainerQuestion& question : questions) questions_.put(std::move(question));
  asked_.release();
}

void Service::run() {
  while (!stopping_.load()) {
    for (auto& engine : engines_) engine->look();
    for (ContainerQuestion& question : questions_.take()) distribute(std::move(question));
    static_cast<void>(asked_.try_acquire_for(kLook));
  }
}

void Service::distribute(ContainerQuestion question) {
  auto open = std::make_shared<OpenQuestion>();
  open->until = std::chrono::steady_clock::now() + settings_.wait;
  open->question = std::move(question);
  std::vector<EngineRunner*> asked;
  for (auto& engine : engines_) {
    if (engine->engine().serves(open->question.engine) && engine->look()) {
      asked.push_back(engine.get());
    }
  }
  if (asked.empty()) {
    answers_.put({.id = open->question.id});
    return;
  }
  open->engines.store(static_cast<int>(asked.size()));
  open->has_better =
      std::ranges::any_of(asked, [](auto* runner) { return !runner->engine().is_makeshift(); });
  for (EngineRunner* runner : asked) runner->ask(open);
}

}  // namespace falcod::metadata

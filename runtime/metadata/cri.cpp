// See cri.h.
#include "runtime/metadata/cri.h"

#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "runtime/metadata/cri_messages.h"
#include "runtime/metadata/grpc.h"
#include "runtime/metadata/json.h"
#include "runtime/metadata/wire.h"

namespace falcod::metadata {

namespace {

using wire::bytes_of;
using wire::Writer;

constexpr std::string_view kService = "/runtime.v1.RuntimeService/";

/// How often an engine without a stream of events is asked whether it is there.
constexpr std::chrono::seconds kAlive{2};

/// container.type by the name that the engine calls itself.
std::string_view type_of(std::string_view runtime) {
  if (runtime == "containerd") return "containerd";
  if (runtime == "cri-o") return "cri-o";
  return "cri";
}

class CriEngine final : public ContainerEngine {
 public:
  CriEngine(const std::string& socket, const MetadataSettings& settings)
      : settings_(settings), grpc_(socket) {}

  std::string name() const override { return "CRI at " + grpc_.socket(); }
  bool serves(std::string_view shown) const override {
    return shown.empty() || shown == "containerd" || shown == "cri-o" || shown == "cri";
  }
  bool is_present() const override { return ::access(grpc_.socket().c_str(), F_OK) == 0; }

  std::expected<std::optional<Container>, std::string> find(const std::string& id) override {
    auto type = runtime_type();
    if (!type) return std::unexpected(std::move(type.error()));
    const Writer filter = std::move(Writer().text(1, id));
    auto listed = call("ListContainers", Writer().message(1, filter));
    if (!listed) return std::unexpected(std::move(listed.error().message));
    const std::string_view found = bytes_of(*listed, 1);
    if (found.empty()) return find_sandbox(id, *type);
    auto status = call("ContainerStatus", Writer().text(1, id).number(2, 1));
    if (!status) return absent_or_error(status.error());
    Container container = cri::container_of(*status, settings_.label_max_len);
    container.type = *type;
    if (container.id.empty()) return std::nullopt;
    auto sandbox = call("PodSandboxStatus", Writer().text(1, cri::sandbox_of(found)).number(2, 1));
    if (sandbox) cri::add_sandbox(container, *sandbox, settings_.label_max_len);
    return container;
  }

  std::expected<std::vector<std::string>, std::string> list() override {
    std::vector<std::string> ids;
    for (const char* method : {"ListContainers", "ListPodSandbox"}) {
      auto listed = call(method, Writer());
      if (!listed) return std::unexpected(std::move(listed.error().message));
      wire::Reader reader(*listed);
      while (const auto entry = reader.next()) {
        if (entry->number == 1) ids.emplace_back(bytes_of(entry->bytes, 1));
      }
    }
    return ids;
  }

  bool has_events() const override { return true; }

  /// Engines without a stream of events are told of their containers by the look-ups alone: what
  /// there was at the start has been listed.
  std::string follow(const std::function<void(std::string id)>& on_container) override {
    const GrpcError ended =
        grpc_.stream(method_path("GetContainerEvents"), {}, [&](std::string_view event) {
          constexpr uint32_t kContainerId = 1, kType = 2;
          constexpr uint64_t kCreated = 0, kStarted = 1;
          const uint64_t type = wire::number_of(event, kType);
          if ((type == kCreated && settings_.on_create) ||
              (type == kStarted && settings_.on_start)) {
            on_container(std::string(bytes_of(event, kContainerId)));
          }
        });
    if (ended.status == kGrpcUnimplemented) wait_for_end();
    return ended.message;
  }

  void stop() override {
    grpc_.stop();
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stopped_.notify_all();
  }

 private:
  static std::string method_path(std::string_view method) {
    return std::string(kService) + std::string(method);
  }

  std::expected<std::string, GrpcError> call(std::string_view method, const Writer& request) {
    return grpc_.call(method_path(method), request.bytes());
  }

  /// Until the engine does not answer any more, so that it is listed again when it is back.
  void wait_for_end() {
    std::unique_lock lock(mutex_);
    while (!stopped_.wait_for(lock, kAlive, [this] { return stopping_; })) {
      lock.unlock();
      const bool alive = call("Version", Writer()).has_value();
      lock.lock();
      if (!alive) return;
    }
  }

  static std::expected<std::optional<Container>, std::string> absent_or_error(GrpcError& error) {
    if (error.status == kGrpcNotFound) return std::nullopt;
    return std::unexpected(std::move(error.message));
  }

  /// The container may be the sandbox itself.
  std::expected<std::optional<Container>, std::string> find_sandbox(const std::string& id,
                                                                    std::string_view type) {
    auto sandbox = call("PodSandboxStatus", Writer().text(1, id).number(2, 1));
    if (!sandbox) return absent_or_error(sandbox.error());
    Container container = cri::sandbox_container(*sandbox, settings_.label_max_len);
    container.type = type;
    if (container.full_id != id) return std::nullopt;
    return container;
  }

  std::expected<std::string_view, std::string> runtime_type() {
    {
      const std::lock_guard lock(mutex_);
      if (!type_.empty()) return type_;
    }
    auto version = call("Version", Writer());
    if (!version) return std::unexpected(std::move(version.error().message));
    const std::lock_guard lock(mutex_);
    type_ = type_of(bytes_of(*version, 2));
    return type_;
  }

  MetadataSettings settings_;
  GrpcClient grpc_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::string_view type_;  ///< empty: not asked yet
};

}  // namespace

std::unique_ptr<ContainerEngine> make_cri_engine(const std::string& socket,
                                                 const MetadataSettings& settings) {
  return std::make_unique<CriEngine>(socket, settings);
}

}  // namespace falcod::metadata

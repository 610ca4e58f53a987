// The metadata of containers, kept by threads of its own: finds the engines of this machine, asks
// them when the match loop asks, and passes on what they tell.
#pragma once

#include <memory>
#include <optional>
#include <semaphore>
#include <thread>
#include <vector>

#include "runtime/metadata/engine_runner.h"
#include "runtime/metadata/kubernetes.h"
#include "runtime/metadata/settings.h"

namespace falcod::metadata {

class Service final : public ContainerSource {
 public:
  /// How often it is looked for engines that were not there before.
  static constexpr std::chrono::milliseconds kLook{1000};

  /// `cluster`: the API server that is asked for pods; nothing: none.
  explicit Service(MetadataSettings settings, std::optional<KubeAccess> cluster = {});
  ~Service() override;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  void ask(std::vector<ContainerQuestion> questions) override;
  std::vector<ContainerAnswer> take() override { return answers_.take(); }
  PodStats pod_stats() const override {
    return kubernetes_ == nullptr ? PodStats{} : kubernetes_->stats();
  }
  /// What is to be said of engines and servers since the last call. Takes no lock.
  std::vector<std::string> take_notes() {
    return kubernetes_ == nullptr ? std::vector<std::string>{} : kubernetes_->take_notes();
  }

 private:
  void add_engines();
  void complete(Container& container);
  void run();
  void distribute(ContainerQuestion question);

  MetadataSettings settings_;
  Mailbox<ContainerAnswer> answers_;
  Mailbox<ContainerQuestion> questions_;
  std::counting_semaphore<> asked_{0};
  std::atomic<bool> stopping_ = false;
  std::unique_ptr<Kubernetes> kubernetes_;  ///< null: no API server is asked
  std::vector<std::unique_ptr<EngineRunner>> engines_;
  std::jthread thread_;
};

}  // namespace falcod::metadata

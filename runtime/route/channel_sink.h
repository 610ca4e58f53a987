// A sink that is a channel: every destination of `sinks` that does not speak HTTP.
#pragma once

#include <memory>
#include <string>

#include "runtime/route/channel.h"

namespace falcod::route {

class ChannelSink final : public Sink {
 public:
  ChannelSink(std::string name, std::unique_ptr<Channel> channel,
              std::shared_ptr<const AlertShape> shape)
      : name_(std::move(name)), channel_(std::move(channel)), shape_(std::move(shape)) {}

  std::string_view name() const override { return name_; }
  WriteResult write(std::span<const Message> batch, int stop_fd) override {
    std::vector<SinkAlert> alerts;
    for (const Message& message : batch) alerts.push_back(shape_->shape(message));
    return channel_->deliver(alerts, stop_fd);
  }

 private:
  std::string name_;
  std::unique_ptr<Channel> channel_;
  std::shared_ptr<const AlertShape> shape_;
};

}  // namespace falcod::route

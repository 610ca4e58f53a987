// Synthetic probe records and events for tests: what the probe would have sent, without a kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/capture/event.h"

namespace falcod::testing {

/// One record, item by item. `record()` may be called at any time and sees what was added so far.
class RecordBuilder {
 public:
  explicit RecordBuilder(uint16_t kind);

  /// Who acts: pid and tid are those given, vpid and vtid the same; start time 1 s per pid.
  RecordBuilder& task(uint32_t pid, uint32_t ppid, std::string_view comm, uint32_t tid = 0);
  RecordBuilder& time_ns(uint64_t time);
  RecordBuilder& ret(int64_t value);
  RecordBuilder& arg(size_t index, uint64_t value);
  /// The rest of the header and the task facts, to be set as they are.
  fc_event& header() { return header_; }

  RecordBuilder& item(uint16_t tag, std::string_view bytes, uint8_t index = 0);
  RecordBuilder& text(uint16_t tag, std::string_view text, uint8_t index = 0);
  template <typename Struct>
  RecordBuilder& structure(uint16_t tag, const Struct& value, uint8_t index = 0) {
    return item(tag, {reinterpret_cast<const char*>(&value), sizeof value}, index);
  }

  std::span<const std::byte> bytes();
  const fc_event& record();

 private:
  fc_event header_{};
  std::string items_;
  std::vector<uint64_t> buffer_;  ///< aligned as the ring buffer's records are
};

/// An event with parameters as Falco encodes them, with a record if one was given: for code that
/// takes decoded events. Parameters not set are empty.
class EventBuilder {
 public:
  explicit EventBuilder(falcoc::EventCode code);
  /// A state record without parameters (FC_STATE_*), or whatever kind `record` has.
  explicit EventBuilder(RecordBuilder record);

  EventBuilder& record(RecordBuilder record);
  EventBuilder& ret(int64_t value);  ///< also the parameter that holds it
  EventBuilder& time_ns(uint64_t epoch_ns);
  EventBuilder& tid(int64_t tid, int64_t pid);
  EventBuilder& number(std::string_view param, int64_t value);
  EventBuilder& text(std::string_view param, std::string_view value);
  EventBuilder& bytes(std::string_view param, std::string_view value);

  /// Borrows from the builder.
  const Event& event();

 private:
  std::string& slot(std::string_view param);

  Event event_;
  RecordBuilder record_{0};
  bool has_record_ = false;
  std::vector<std::string> values_;
  std::vector<Param> params_;
};

/// SOCKTUPLE of two IPv4 or IPv6 endpoints.
std::string ip_tuple(std::string_view source, uint16_t source_port, std::string_view destination,
                     uint16_t destination_port);
std::string unix_tuple(uint64_t source, uint64_t destination, std::string_view path);
/// SOCKADDR of an IP endpoint.
std::string ip_address(std::string_view address, uint16_t port);

/// A TCP or UDP socket as the kernel shows it; empty addresses are left zero.
fc_fd ip_socket(int64_t fd, uint64_t cookie, uint8_t protocol, std::string_view local,
                uint16_t local_port, std::string_view remote, uint16_t remote_port);

}  // namespace falcod::testing

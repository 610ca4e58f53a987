// Builder of synthetic records, see record_builder.h.
#include "tests/support/record_builder.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <stdexcept>

namespace falcod::testing {
namespace {

constexpr uint8_t kEstablished = 1;
constexpr uint8_t kClosed = 7;

size_t width_of(falcoc::ParamType type) {
  using falcoc::ParamType;
  switch (type) {
    case ParamType::INT8:
    case ParamType::UINT8:
    case ParamType::FLAGS8:
    case ParamType::ENUMFLAGS8:
    case ParamType::SIGTYPE:
      return 1;
    case ParamType::INT16:
    case ParamType::UINT16:
    case ParamType::FLAGS16:
    case ParamType::ENUMFLAGS16:
    case ParamType::SYSCALLID:
      return 2;
    case ParamType::INT32:
    case ParamType::UINT32:
    case ParamType::FLAGS32:
    case ParamType::ENUMFLAGS32:
    case ParamType::UID:
    case ParamType::GID:
    case ParamType::MODE:
      return 4;
    default:
      return 8;
  }
}

std::string address_bytes(std::string_view address) {
  std::string bytes(address.find(':') == std::string_view::npos ? 4 : 16, '\0');
  if (inet_pton(bytes.size() == 4 ? AF_INET : AF_INET6, std::string(address).c_str(),
                bytes.data()) != 1) {
    throw std::invalid_argument("not an address");
  }
  return bytes;
}

std::string port_bytes(uint16_t port) {
  return {reinterpret_cast<const char*>(&port), sizeof port};
}

char family_byte(const std::string& address) {
  return static_cast<char>(address.size() == 4 ? AF_INET : AF_INET6);
}

}  // namespace

RecordBuilder::RecordBuilder(uint16_t kind) {
  header_.kind = kind;
  task(100, 1, "test");
}

RecordBuilder& RecordBuilder::task(uint32_t pid, uint32_t ppid, std::string_view comm,
                                   uint32_t tid) {
  fc_task& task = header_.task;
  task.pid = task.vpid = pid;
  task.tid = task.vtid = tid == 0 ? pid : tid;
  task.ppid = ppid;
  task.start_time_ns = uint64_t{1'000'000'000} * pid;
  std::fill_n(task.comm, sizeof task.comm, '\0');
  comm.copy(task.comm, sizeof task.comm - 1);
  return *this;
}

RecordBuilder& RecordBuilder::time_ns(uint64_t time) {
  header_.time_ns = time;
  return *this;
}
RecordBuilder& RecordBuilder::ret(int64_t value) {
  header_.ret = value;
  return *this;
}
RecordBuilder& RecordBuilder::arg(size_t index, uint64_t value) {
  header_.args[index] = value;
  return *this;
}

RecordBuilder& RecordBuilder::item(uint16_t tag, std::string_view bytes, uint8_t index) {
  const fc_item header{tag, 0, index, static_cast<fc_u32>(bytes.size())};
  items_.append(reinterpret_cast<const char*>(&header), sizeof header);
  items_.append(bytes);
  items_.resize((items_.size() + 7) & ~size_t{7});
  ++header_.item_count;
  return *this;
}

RecordBuilder& RecordBuilder::text(uint16_t tag, std::string_view text, uint8_t index) {
  return item(tag, std::string(text) + '\0', index);
}

std::span<const std::byte> RecordBuilder::bytes() {
  header_.size = static_cast<fc_u32>(sizeof header_ + items_.size());
  buffer_.assign(header_.size / sizeof(uint64_t), 0);
  auto* start = reinterpret_cast<char*>(buffer_.data());
  std::memcpy(start, &header_, sizeof header_);
  std::memcpy(start + sizeof header_, items_.data(), items_.size());
  return std::as_bytes(std::span(buffer_));
}

const fc_event& RecordBuilder::record() {
  return *reinterpret_cast<const fc_event*>(bytes().data());
}

EventBuilder::EventBuilder(falcoc::EventCode code) {
  event_.info = falcoc::find_event(code);
  if (event_.info == nullptr) throw std::invalid_argument("no such event");
  event_.kind = static_cast<falcoc::EventKind>(code);
  event_.number = 1;
  event_.tid = event_.pid = 100;
  values_.resize(event_.info->params.size());
}

EventBuilder::EventBuilder(RecordBuilder record) {
  event_.kind = record.header().kind;
  if (event_.kind < falcoc::kGenericBase) {
    event_.info = falcoc::find_event(static_cast<falcoc::EventCode>(event_.kind));
  }
  if (event_.info != nullptr) values_.resize(event_.info->params.size());
  event_.number = 1;
  this->record(std::move(record));
}

EventBuilder& EventBuilder::record(RecordBuilder record) {
  record_ = std::move(record);
  has_record_ = true;
  event_.tid = record_.header().task.tid;
  event_.pid = record_.header().task.pid;
  event_.ret = record_.header().ret;
  event_.time_ns = record_.header().time_ns;
  return *this;
}

EventBuilder& EventBuilder::ret(int64_t value) {
  event_.ret = value;
  if (!values_.empty()) number(event_.info->params.front().name, value);
  return *this;
}
EventBuilder& EventBuilder::time_ns(uint64_t epoch_ns) {
  event_.time_ns = epoch_ns;
  return *this;
}
EventBuilder& EventBuilder::tid(int64_t tid, int64_t pid) {
  event_.tid = tid;
  event_.pid = pid;
  return *this;
}

std::string& EventBuilder::slot(std::string_view param) {
  const auto params = event_.info->params;
  const auto found = std::ranges::find(params, param, &falcoc::ParamInfo::name);
  if (found == params.end()) throw std::invalid_argument("no parameter " + std::string(param));
  return values_[static_cast<size_t>(found - params.begin())];
}

EventBuilder& EventBuilder::number(std::string_view param, int64_t value) {
  std::string& bytes = slot(param);
  const size_t index = static_cast<size_t>(&bytes - values_.data());
  bytes.assign(reinterpret_cast<const char*>(&value), width_of(event_.info->params[index].type));
  return *this;
}
EventBuilder& EventBuilder::text(std::string_view param, std::string_view value) {
  slot(param) = std::string(value) + '\0';
  return *this;
}
EventBuilder& EventBuilder::bytes(std::string_view param, std::string_view value) {
  slot(param) = value;
  return *this;
}

const Event& EventBuilder::event() {
  params_.clear();
  for (const std::string& value : values_) {
    params_.push_back({value.data(), static_cast<uint32_t>(value.size())});
  }
  event_.params = params_;
  event_.record = has_record_ ? &record_.record() : nullptr;
  if (has_record_) event_.flags = record_.header().flags;
  return event_;
}

std::string ip_tuple(std::string_view source, uint16_t source_port, std::string_view destination,
                     uint16_t destination_port) {
  const std::string from = address_bytes(source);
  return family_byte(from) + from + port_bytes(source_port) + address_bytes(destination) +
         port_bytes(destination_port);
}

std::string unix_tuple(uint64_t source, uint64_t destination, std::string_view path) {
  std::string tuple(1, static_cast<char>(AF_UNIX));
  tuple.append(reinterpret_cast<const char*>(&source), sizeof source);
  tuple.append(reinterpret_cast<const char*>(&destination), sizeof destination);
  return tuple.append(path).append(1, '\0');
}

std::string ip_address(std::string_view address, uint16_t port) {
  const std::string bytes = address_bytes(address);
  return family_byte(bytes) + bytes + port_bytes(port);
}

fc_fd ip_socket(int64_t fd, uint64_t cookie, uint8_t protocol, std::string_view local,
                uint16_t local_port, std::string_view remote, uint16_t remote_port) {
  fc_fd socket{};
  socket.fd = fd;
  socket.socket_cookie = cookie;
  socket.mode = S_IFSOCK | 0777;
  socket.protocol = protocol;
  socket.socket_type = protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
  socket.family = local.find(':') == std::string_view::npos ? AF_INET : AF_INET6;
  if (!local.empty()) std::ranges::copy(address_bytes(local), socket.local_addr);
  if (!remote.empty()) std::ranges::copy(address_bytes(remote), socket.remote_addr);
  socket.local_port = local_port;
  socket.remote_port = remote_port;
  socket.tcp_state = remote.empty() ? kClosed : kEstablished;
  return socket;
}

}  // namespace falcod::testing

// Any bytes as a capture file: framing, tables, events, conversion of old ones.
#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/capture/scap/capture_file.h"

namespace {

using namespace falcod::scap;

/// Reads all of every text, so that ASan sees one that reaches beyond its block.
class Toucher : public CaptureVisitor {
 public:
  void on_section() override {}
  void on_machine(const Machine& machine) override { touch(machine.hostname); }
  void on_interface(const Interface& interface) override { touch(interface.name); }
  void on_user(const UserEntry& user) override {
    touch(user.name);
    touch(user.home);
    touch(user.shell);
  }
  void on_process(const ProcessEntry& process) override {
    touch(process.comm);
    touch(process.exe);
    touch(process.exe_path);
    touch(process.args);
    touch(process.cwd);
    touch(process.env);
    touch(process.cgroups);
    touch(process.root);
  }
  void on_fd(const FdEntry& fd) override { touch(fd.name); }
  void on_tables_end() override {}
  void on_event(const StoredEvent& event, uint64_t number) override {
    sum_ += number;
    for (const falcod::Param& param : event.params) touch({param.data, param.size});
  }
  uint64_t sum() const { return sum_; }

 private:
  void touch(std::string_view text) {
    for (const char byte : text) sum_ += static_cast<unsigned char>(byte);
  }
  uint64_t sum_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto capture =
      CaptureFile::of_bytes({reinterpret_cast<const std::byte*>(data), size}, "fuzz.scap");
  if (!capture) return 0;
  Toucher toucher;
  for (;;) {
    const auto more = capture->next(toucher);
    if (!more || !*more) break;
  }
  return toucher.sum() == ~uint64_t{0} ? 1 : 0;
}

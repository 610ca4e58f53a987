#include "ring.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <vector>

namespace {
constexpr unsigned kEntries = 4;
constexpr unsigned kIdleMs = 2000;  // of a polling thread
}  // namespace

Ring::Ring(unsigned flags) {
  params_.flags = flags;
  params_.sq_thread_idle = kIdleMs;
  const long fd = syscall(SYS_io_uring_setup, kEntries, &params_);
  if (fd < 0) return;
  queues_size_ = std::max<size_t>(params_.sq_off.array + params_.sq_entries * sizeof(unsigned),
                                  params_.cq_off.cqes + params_.cq_entries * sizeof(io_uring_cqe));
  queues_ = mmap(nullptr, queues_size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                 static_cast<int>(fd), IORING_OFF_SQ_RING);
  void* const entries =
      mmap(nullptr, params_.sq_entries * sizeof(io_uring_sqe), PROT_READ | PROT_WRITE,
           MAP_SHARED | MAP_POPULATE, static_cast<int>(fd), IORING_OFF_SQES);
  if (queues_ == MAP_FAILED || entries == MAP_FAILED) return;
  entries_ = static_cast<io_uring_sqe*>(entries);
  fd_ = static_cast<int>(fd);
}

Ring::~Ring() {
  if (fd_ < 0) return;
  munmap(entries_, params_.sq_entries * sizeof(io_uring_sqe));
  munmap(queues_, queues_size_);
  close(fd_);
}

bool Ring::make_file_table(unsigned slots) {
  const std::vector<int> none(slots, -1);
  return syscall(SYS_io_uring_register, fd_, IORING_REGISTER_FILES, none.data(), slots) == 0;
}

void Ring::add(const io_uring_sqe& request) {
  unsigned* const tail = in(queues_, params_.sq_off.tail);
  const unsigned slot = *tail & *in(queues_, params_.sq_off.ring_mask);
  entries_[slot] = request;
  in(queues_, params_.sq_off.array)[slot] = slot;
  std::atomic_ref(*tail).store(*tail + 1, std::memory_order_release);
  ++added_;
}

int Ring::submit_only() {
  const long done = syscall(SYS_io_uring_enter, fd_, added_, 0, 0, nullptr, 0);
  added_ = 0;
  return done < 0 ? -errno : static_cast<int>(done);
}

int Ring::submit(unsigned results) {
  unsigned flags = results > 0 ? IORING_ENTER_GETEVENTS : 0;
  if (params_.flags & IORING_SETUP_SQPOLL) flags |= IORING_ENTER_SQ_WAKEUP;
  unsigned* const head = in(queues_, params_.cq_off.head);
  int result = 0;
  for (unsigned seen = 0; seen < results || added_ > 0;) {
    if (syscall(SYS_io_uring_enter, fd_, added_, results - seen, flags, nullptr, 0) < 0 &&
        errno != EINTR) {
      return -errno;
    }
    added_ = 0;
    const unsigned tail =
        std::atomic_ref(*in(queues_, params_.cq_off.tail)).load(std::memory_order_acquire);
    while (*head != tail) {
      auto* entries = reinterpret_cast<io_uring_cqe*>(in(queues_, params_.cq_off.cqes));
      result = entries[*head & *in(queues_, params_.cq_off.ring_mask)].res;
      std::atomic_ref(*head).store(*head + 1, std::memory_order_release);
      ++seen;
    }
  }
  return result;
}

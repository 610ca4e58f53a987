// An io_uring by its system calls, for tests: one request at a time, or several at once.
#pragma once

#include <linux/io_uring.h>

#include <cstddef>
#include <cstdint>

class Ring {
 public:
  /// `flags` are IORING_SETUP_*; ok() tells whether the kernel has it.
  explicit Ring(unsigned flags);
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  bool ok() const { return fd_ >= 0; }
  /// A table for files that live in the ring alone.
  bool make_file_table(unsigned slots);
  /// Puts a request into the submission queue.
  void add(const io_uring_sqe& request);
  /// Submits all that was added and waits for `results` results; the last one's, or a negative
  /// errno.
  int submit(unsigned results);
  /// Submits all that was added and leaves the results where they are. How many, or a negative
  /// errno.
  int submit_only();
  /// Both of it, for one request.
  int run(const io_uring_sqe& request) {
    add(request);
    return submit(1);
  }

 private:
  unsigned* in(void* base, unsigned offset) {
    return reinterpret_cast<unsigned*>(static_cast<char*>(base) + offset);
  }

  int fd_ = -1;
  io_uring_params params_{};
  void* queues_ = nullptr;
  size_t queues_size_ = 0;
  io_uring_sqe* entries_ = nullptr;
  unsigned added_ = 0;
};

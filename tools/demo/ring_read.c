// Opens a file without the system call that everybody watches: through io_uring. For record.
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  struct io_uring_params params = {0};
  const int ring = (int)syscall(SYS_io_uring_setup, 1, &params);
  if (ring < 0) return 1;
  const size_t size = params.sq_off.array + params.sq_entries * sizeof(unsigned);
  char* queue = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
  struct io_uring_sqe* request = mmap(0, params.sq_entries * sizeof *request,
                                      PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
  if (queue == MAP_FAILED || request == MAP_FAILED) return 1;
  request->opcode = IORING_OP_OPENAT;
  request->fd = AT_FDCWD;
  request->addr = (uintptr_t)argv[1];
  request->open_flags = O_RDONLY;
  *(unsigned*)(queue + params.sq_off.array) = 0;
  __atomic_store_n((unsigned*)(queue + params.sq_off.tail), 1, __ATOMIC_RELEASE);
  return syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, 0, 0) == 1 ? 0 : 1;
}

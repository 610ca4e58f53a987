// Lives as short as a program can: no runtime, one system call. The kernel has forgotten it before
// anyone could read /proc.
extern "C" [[noreturn]] void _start() {
  asm volatile("mov $60, %%eax; xor %%edi, %%edi; syscall" ::
                   : "rax", "rdi", "rcx", "r11", "memory");
  __builtin_unreachable();
}

#!/usr/bin/env python3
"""Makes a capture with nearly every system call that `sysdig -L` lists, enter and exit, in the forms of sysdig 0.29.

  every_event.py EVENTS LIST OUT

EVENTS is the specification's table of events, LIST what sysdig -L prints. Each call gets a descriptor first, a read shows
afterwards what became of it. Left out are calls that need more of a story (clones, execve, close), tracepoints, and what
means something else today: accept4 was called accept, dup and umount have other parameters, some values had other types,
fchmod had no descriptor and fstat64 has lost it."""
import re
import struct
import sys

THREAD = 50
OPENAT, READ, SOCKET = 307, 7, 19  # exits; enters are one less
INET = 2
SOCKET_CALLS = {"connect", "sendto", "recvfrom", "sendmsg", "recvmsg", "send", "recv", "bind", "listen", "shutdown"}
LEFT_OUT = {
    "procexit", "clone", "fork", "vfork", "clone3", "switch", "execve", "execveat", "notification", "infra", "k8s",
    "mesos", "tracer", "container", "cpu_hotplug", "drop", "scapevent", "procinfo", "pluginevent", "signaldeliver",
    "page_fault", "close", "accept", "setsockopt", "getsockopt", "prlimit", "fstat64", "dup", "umount", "setpgid", "bpf",
    "fchmod",
}
SIZES = {
    1: "INT8 UINT8 FLAGS8 ENUMFLAGS8 SIGTYPE", 2: "INT16 UINT16 FLAGS16 ENUMFLAGS16 SYSCALLID PORT",
    4: "INT32 UINT32 FLAGS32 ENUMFLAGS32 UID GID MODE SIGSET BOOL", 8: "INT64 UINT64 ERRNO FD PID RELTIME ABSTIME",
}
SIZE = {kind: size for size, kinds in SIZES.items() for kind in kinds.split()}
ADDRESS = bytes([INET, 10, 0, 0, 1]) + struct.pack("<H", 443)
TUPLE = bytes([INET, 10, 0, 0, 2]) + struct.pack("<H", 40000) + ADDRESS[1:]


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def text(value):
    return struct.pack("<H", len(value)) + value


def process(tid, comm, parent):
    path = text(b"/bin/" + comm)
    body = struct.pack("<QQQqq", tid, tid, parent, tid, tid) + text(comm) + path + path + text(b"-x\0y\0") + text(b"/root/")
    body += struct.pack("<q6IQQ", 1024, 0, 0, 0, 1, 2, 3, 4, 5) + text(b"A=1\0") + struct.pack("<qq", tid, tid)
    body += text(b"cpu=/\0") + text(b"/")
    return struct.pack("<I", len(body) + 4) + body


class Capture:
    def __init__(self):
        self.time = 1_600_000_000_000_000_000
        self.bytes = block(0x0A0D0D0A, struct.pack("<IHHQ", 0x1A2B3C4D, 1, 2, 2**64 - 1))
        machine = struct.pack("<IQQ", 2, 1 << 30, 32768) + b"host".ljust(128, b"\0") + struct.pack("<4Q", 10**18, 0, 0, 0)
        self.bytes += block(0x201, machine)
        self.bytes += block(0x215, process(1, b"init", 0) + process(THREAD, b"actor", 1))

    def event(self, code, params):
        self.time += 1000
        length = 26 + 2 * len(params) + sum(map(len, params))
        body = struct.pack("<HQqIHI", 0, self.time, THREAD, length, code, len(params))
        body += b"".join(struct.pack("<H", len(param)) for param in params) + b"".join(params)
        self.bytes += block(0x216, body)

    def open_file(self, name):
        asked = [struct.pack("<q", -100), name, struct.pack("<I", 1), struct.pack("<I", 0)]
        self.event(OPENAT - 1, asked)
        self.event(OPENAT, [struct.pack("<q", 3), *asked, struct.pack("<I", 5)])

    def open_socket(self):
        self.event(SOCKET - 1, [struct.pack("<I", n) for n in (INET, 2, 17)])
        self.event(SOCKET, [struct.pack("<q", 3)])

    def read(self):
        self.event(READ - 1, [struct.pack("<q", 3), struct.pack("<I", 9)])
        self.event(READ, [struct.pack("<q", 4), b"more"])


def value(kind, name):
    if kind in ("CHARBUF", "FSPATH", "FSRELPATH"):
        return b"some/" + name.encode() + b"\0"
    special = {"BYTEBUF": b"bytes", "SOCKADDR": ADDRESS, "SOCKTUPLE": TUPLE, "FDLIST": struct.pack("<Hqh", 1, 3, 1),
               "DYNAMIC": b"\0" + struct.pack("<Q", 7), "CHARBUFARRAY": b"", "CHARBUF_PAIR_ARRAY": b""}
    if kind in special:
        return special[kind]
    number = {"FD": 3, "PID": THREAD, "ERRNO": 0, "UID": 1000, "GID": 1000, "SIGTYPE": 15}.get(kind, 1)
    if name.endswith("dirfd"):
        number = -100
    if name in ("fd1", "fd2"):
        number = 20 + int(name[2])
    return struct.pack("<q", number)[: SIZE[kind]]


def exit_code(table, name, params):
    """The newest event of this name whose first parameters these are."""
    wanted = [param for _, param in params]
    codes = [int(row[0]) for row in table if row[2] == name and row[3] == "exit"
             and [p.split(":")[0] for p in row[12].split(" ; ") if p.strip()][: len(wanted)] == wanted]
    return max((code for code in codes if code <= 335), default=None)


def main():
    events, listing, out = sys.argv[1:]
    table = [line.rstrip("\n").split("\t") for line in open(events)][1:]
    calls = {}
    for side, name, params in re.findall(r"^([<>]) ([a-z0-9_]+)\((.*)\)$", open(listing).read(), re.M):
        calls.setdefault(name, {})[side] = [tuple(p.strip().split(" ")) for p in params.split(",") if p]
    capture, count = Capture(), 0
    for name, sides in calls.items():
        code = exit_code(table, name, sides.get("<", []))
        if name in LEFT_OUT or code is None:
            continue
        if name in SOCKET_CALLS:
            capture.open_socket()
        else:
            capture.open_file(b"/file/of/" + name.encode() + b"\0")
        capture.event(code - 1, [value(*param) for param in sides.get(">", [])])
        params = [value(*param) for param in sides["<"]]
        if sides["<"] and sides["<"][0][0] == "FD":
            params[0] = struct.pack("<q", 30)  # what the call makes
        capture.event(code, params)
        capture.read()
        count += 1
    open(out, "wb").write(capture.bytes)
    print(count)


main()

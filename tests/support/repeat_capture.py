#!/usr/bin/env python3
"""Makes a long capture of a short one: the same tables, its events again and again, later each time.

  repeat_capture.py CAPTURE TIMES OUT [--exits-only]

CAPTURE may be compressed, OUT is not. --exits-only leaves out the enter events, as Falco does. Prints
the number of event blocks of OUT, and how many of them are exits and other events that rules see."""
import gzip
import struct
import sys

EVENTS = {0x216: 2, 0x217: 6, 0x221: 2, 0x222: 6}  # block types: offset of the time in the body
# Events with even codes that are no enters.
TRACEPOINTS = {148, 150, 152, 186, 196, 234, 244, 272, 280, 286, 324, 354, 356, 358, 360, 402}


def main():
    exits_only = "--exits-only" in sys.argv
    path, times, out = [a for a in sys.argv[1:] if not a.startswith("--")]
    data = open(path, "rb").read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    head, events, seen, at = [], [], 0, 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        block = bytearray(data[at : at + length])
        at += length
        if kind not in EVENTS:
            head.append(bytes(block))
            continue
        offset = 8 + EVENTS[kind]
        (code,) = struct.unpack_from("<H", block, offset + 20)
        is_enter = code % 2 == 0 and code not in TRACEPOINTS
        if exits_only and (is_enter or kind in (0x217, 0x222)):
            continue
        seen += not is_enter
        events.append((offset, struct.unpack_from("<Q", block, offset)[0], block))
    span = events[-1][1] - events[0][1] + 3_000_000_000
    with open(out, "wb") as file:
        file.write(b"".join(head))
        for turn in range(int(times)):
            for offset, time, block in events:
                struct.pack_into("<Q", block, offset, time + turn * span)
            file.write(b"".join(block for _, _, block in events))
    print(len(events) * int(times), seen * int(times))


main()

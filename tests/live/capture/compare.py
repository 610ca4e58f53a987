#!/usr/bin/env python3
"""Compares what falcod and sysdig say about the events of one capture, event by event.

  compare.py OURS THEIRS KNOWN [--old-name=NAME] [--session=ID]

OURS    lines of falcod's JSON alerts of a rule that matches every event
THEIRS  lines of sysdig -j
KNOWN   output of sysdig -L: events that it has no name for are not compared
NAME    of a socket that was connected again: sysdig 0.29 keeps the first name of IPv6 sockets
ID      only threads that were in this session are compared

Compared are the number of events of each type, and of each event proc.name, fd.name and evt.args.
Arguments: everything that sysdig prints of an event, at its enter and its exit, falcod prints too.
Exit status 1 if anything differs."""
import collections
import json
import re
import sys

# sysdig 0.29 knows the descriptor of these by its argument alone.
NO_DESCRIPTOR = ("mmap", "mmap2")
# Events that sysdig does not show.
HIDDEN = ("procinfo", "scapevent", "drop", "cpu_hotplug", "container", "useradded", "userdeleted", "groupadded",
          "groupdeleted", "asyncevent")
# Events that sysdig shows as enters, although they are no calls.
TRACEPOINTS = ("procexit", "switch", "signaldeliver", "page_fault")


def load(path, wrap):
    events = []
    for line in open(path, encoding="utf-8", errors="replace"):
        line = line.strip().rstrip(",").lstrip("[,")
        if not line.startswith("{"):
            continue
        events.append(wrap(json.loads(line)))
    return events


def arguments(text):
    """`name=value` pieces; values may hold blanks."""
    return re.split(r" (?=[A-Za-z_0-9]+=)", text.rstrip(" ")) if text else []


def shown(value):
    return "" if value in (None, "<NA>") else str(value)


# Calls that name their own descriptor: there its argument is of before the call.
NAMES_DESCRIPTOR = ("bind", "connect", "send", "sendto", "sendmsg", "recv", "recvfrom", "recvmsg")


def normal(kind, piece, unconnected=frozenset()):
    """An argument without what the two print differently on purpose."""
    name, _, value = piece.partition("=")
    if name == "loginuid":  # a plain number there, a user here
        value = re.sub(r"\(.*\)$", "", value)
    elif name == "domain":  # the same number has two names
        value = value.replace("AF_LOCAL|AF_UNIX", "AF_LOCAL")
    elif name in ("spid", "next") or (name == "res" and kind in ("vfork", "fork", "clone", "clone3")):
        value = re.sub(r"\(.*\)$", "", value)  # it brings back what has ended
    elif name == "pid":  # 0 is the caller; there it is the idle task, if that had an event
        value = re.sub(r"^0\(.*\)$", "0", value)
    elif name in ("data", "args"):  # nothing: empty there
        value = "" if value == "NULL" else value
    elif name == "flags":  # what the call found, not what was asked for: not told there
        value = re.sub(r"\|(O_F_CREATED|FD_UPPER_LAYER|FD_LOWER_LAYER)", "", value)
    elif name in ("fd", "res"):
        value = re.sub(r"<([46])[tuir]>", r"<\1>", value)  # protocols known by type alone
        value = re.sub(r"\(<[lbrPm]>.*\)$", "", value)  # kinds of descriptors that it does not know
        for refused in unconnected:
            value = value.replace(f">{refused})", ">)")
        if kind in NAMES_DESCRIPTOR:
            value = re.sub(r"\(.*\)$", "", value)
    return f"{name}={value}".rstrip(" ")  # blanks at the end of data are not printed there


def main():
    ours = load(sys.argv[1], lambda alert: alert["output_fields"])
    theirs = load(sys.argv[2], lambda event: event)
    for session in [a.partition("=")[2] for a in sys.argv if a.startswith("--session=")]:
        threads = {e["thread.tid"] for e in ours if str(e["proc.sid"]) == session}
        ours = [e for e in ours if e["thread.tid"] in threads]
        theirs = [e for e in theirs if e["thread.tid"] in threads]
    signatures = open(sys.argv[3]).read()
    known = set(re.findall(r"^[<>] ([a-z0-9_]+)\(", signatures, re.M))
    # Calls that had no event of their own when an old capture was made: rules about the event that they
    # have today do not see them, in Falco neither.
    own = set(re.findall(r"^< ([a-z0-9_]+)\([^)]", signatures, re.M))
    here = {(e["evt.rawtime"], e["thread.tid"]) for e in ours}
    theirs = [e for e in theirs if e["evt.dir"] == ">" or e["evt.args"] or e["evt.type"] not in own
              or (e["evt.rawtime"], e["thread.tid"]) in here]
    known |= {e["evt.type"] for e in theirs}  # calls without events of their own
    ours = [e for e in ours if e["evt.type"] in known]

    # Calls that came after it have no name there.
    theirs = [e for e in theirs if e["evt.type"] != "<unknown>"]
    known -= {"<unknown>", *HIDDEN}

    # Enter events come right before the exits that they belong to.
    joined, entered = [], {}
    for event in theirs:
        if event["evt.dir"] == ">" and event["evt.type"] not in TRACEPOINTS:
            entered[event["thread.tid"]] = event
            continue
        enter = entered.pop(event["thread.tid"], None)
        event["pieces"] = arguments(event["evt.args"])
        if enter is not None and enter["evt.type"] == event["evt.type"]:
            # What poll was asked to wait for is told at its enter alone.
            event["pieces"] += [p for p in arguments(enter["evt.args"]) if not p.startswith("fds=")]
        joined.append(event)

    old_names = [a.partition("=")[2] for a in sys.argv if a.startswith("--old-name=")]
    problems = []
    count = lambda events: collections.Counter(e["evt.type"] for e in events)
    for kind in sorted(set(count(ours)) | set(count(joined))):
        if count(ours)[kind] != count(joined)[kind]:
            problems.append(f"{kind}: {count(ours)[kind]} events here, {count(joined)[kind]} there")
    compared = collections.Counter()
    unconnected = set()  # what a connect that failed was for
    for mine, other in zip(ours, joined):
        if "res=-9(EBADF)" in mine["evt.args"]:  # it does not know of close-on-exec
            continue
        kind = mine["evt.type"]
        what = f"{mine['evt.rawtime']} {mine['thread.tid']} {mine['evt.type']}"
        if any(str(mine[f]) != str(other[f]) for f in ("evt.rawtime", "thread.tid", "evt.type")):
            problems.append(f"{what}: there it is {other['evt.rawtime']} {other['evt.type']}")
            break
        for field in ("proc.name", "fd.name"):
            # A child is on a processor before its first call tells of it.
            if field == "proc.name" and mine["evt.type"] == "switch" and not shown(mine[field]):
                continue
            # A connect that failed leaves no name, in Falco neither; there it names the socket until it is closed.
            if field == "fd.name" and kind == "connect" and "res=-" in mine["evt.args"]:
                unconnected |= {p.partition("=")[2] for p in other["pieces"] if p.startswith("addr=")}
                continue
            if field == "fd.name" and not shown(mine[field]) and other[field] in unconnected:
                continue
            if field == "fd.name" and mine["evt.type"] in NO_DESCRIPTOR:
                continue
            if field == "fd.name" and other[field] in old_names:
                continue
            if shown(mine[field]) != shown(other[field]):
                problems.append(f"{what}: {field} is {mine[field]!r}, there {other[field]!r}")
        mine_pieces = {normal(kind, p, unconnected) for p in arguments(mine["evt.args"])}
        for piece in other["pieces"]:
            compared["arguments"] += 1
            if normal(kind, piece, unconnected) not in mine_pieces:
                same = [p for p in mine_pieces if p.startswith(piece.partition("=")[0] + "=")]
                problems.append(f"{what}: {piece!r} is {same} here")
        compared[mine["evt.type"]] += 1
    for problem in problems[:40]:
        print(problem)
    print(f"{len(problems)} differences; {sum(compared.values()) - compared['arguments']} events of "
          f"{len(compared) - 1} types, {compared['arguments']} arguments compared")
    return 1 if problems else 0


sys.exit(main())

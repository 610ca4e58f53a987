# A Kubernetes API server as far as reading goes, over TLS: lists in pages, watches with bookmarks, versions that are forgotten
# (410), tokens. api_server.py FOLDER: certificate server.pem and key server.key are there, valid tokens in tokens, one a line;
# writes its port to port. Commands come as JSON lines on standard input:
#   {"op": "put" | "delete", "kind": "pods", "object": {…}}    {"op": "break"}  ends all watches without a word
#   {"op": "forget"}  the same, and versions from before are gone
#   {"op": "refuse", "kinds": ["pods"]}  403 for these, from now on
#   {"op": "trouble", "how": "cut" | "busy" | "slow" | "garbage", "count": 3}  so many requests break off in the middle, get
#   429 and Retry-After, come in small pieces, or get what is no JSON
import json, socket, ssl, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

folder = sys.argv[1]
KINDS = {"pods": ("v1", "Pod"), "namespaces": ("v1", "Namespace"), "services": ("v1", "Service"),
         "replicationcontrollers": ("v1", "ReplicationController"),
         "replicasets": ("apps/v1", "ReplicaSet"), "deployments": ("apps/v1", "Deployment"),
         "statefulsets": ("apps/v1", "StatefulSet"), "daemonsets": ("apps/v1", "DaemonSet"),
         "jobs": ("batch/v1", "Job"), "cronjobs": ("batch/v1", "CronJob")}
GROUPS = ("apps/v1", "batch/v1")
lock = threading.Condition()
objects = {kind: {} for kind in KINDS}  # by (namespace, name)
history = []  # (version, kind, type, object)
version = 100
oldest = 100
generation = 0  # of watches: those of an earlier one end
refused = set()  # kinds
trouble = []  # of the next requests, in order
requests = open(folder + "/requests", "a", buffering=1)


def key(item):
    return (item["metadata"].get("namespace", ""), item["metadata"]["name"])


def command(line):
    global version, oldest, generation
    order = json.loads(line)
    with lock:
        if order["op"] == "break":
            generation += 1
        elif order["op"] == "forget":
            version += 50
            oldest = version
            generation += 1
            history.clear()
        elif order["op"] == "refuse":
            refused.clear()
            refused.update(order["kinds"])
            generation += 1
        elif order["op"] == "trouble":
            trouble.extend([order["how"]] * order["count"])
        else:
            kind, item = order["kind"], order["object"]
            version += 1
            known = key(item) in objects[kind]
            item["apiVersion"], item["kind"] = KINDS[kind]
            item["metadata"]["resourceVersion"] = str(version)
            if order["op"] == "put":
                objects[kind][key(item)] = item
                history.append((version, kind, "MODIFIED" if known else "ADDED", item))
            else:
                objects[kind].pop(key(item), None)
                history.append((version, kind, "DELETED", item))
        lock.notify_all()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, body):
        data = json.dumps(body).encode() + b"\n"
        how = self.trouble
        if how == "garbage":
            data = b"<html>\xff" + data[:20]
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status == 429:
            self.send_header("Retry-After", "1")
        self.end_headers()
        if how == "cut":
            self.wfile.write(data[:len(data) // 2])
            self.wfile.flush()
            self.close_connection = True
            return self.connection.close()
        step = len(data) if how != "slow" else max(len(data) // 4, 1)
        for at in range(0, len(data), step):
            if at:
                time.sleep(0.2)
            self.wfile.write(data[at:at + step])
            self.wfile.flush()

    def refuse(self, code, reason, message):
        self.answer(code, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code,
                           "reason": reason, "message": message})

    def refuse_kind(self, kind):
        self.refuse(403, "Forbidden", f'{kind} is forbidden: User "falcod" cannot list resource "{kind}"')

    def do_GET(self):
        url = urlparse(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        requests.write(f"{self.path} {token}\n")
        with lock:
            self.trouble = trouble.pop(0) if trouble else None
        if token not in open(folder + "/tokens").read().split():
            return self.refuse(401, "Unauthorized", "Unauthorized")
        parts = url.path.strip("/").split("/")
        if self.trouble == "busy":
            return self.refuse(429, "TooManyRequests", "try again later")
        if url.path in ("/api", "/apis", "/api/v1") + tuple("/apis/" + group for group in GROUPS):
            return self.answer(200, discovery(url.path))
        rest = parts[2:] if parts[0] == "api" else parts[3:]
        namespace = None
        if len(rest) > 2 and rest[0] == "namespaces":
            namespace, rest = rest[1], rest[2:]
        if not rest or rest[0] not in KINDS:
            return self.refuse(404, "NotFound", "no such resource")
        kind = rest[0]
        if kind in refused:
            return self.refuse_kind(kind)
        self.metadata_only = "as=PartialObjectMetadata" in self.headers.get("Accept", "")
        if len(rest) == 2:
            with lock:
                item = objects[kind].get((namespace or "", rest[1]))
            if item is None:
                return self.refuse(404, "NotFound", f"{kind} {rest[1]} not found")
            return self.answer(200, self.shown(item))
        selector = query.get("fieldSelector", "")
        node = selector.removeprefix("spec.nodeName=") if selector.startswith("spec.nodeName=") else None

        def wanted(item):
            return ((namespace is None or item["metadata"].get("namespace") == namespace) and
                    (node is None or item.get("spec", {}).get("nodeName") == node))

        if query.get("watch") in ("1", "true"):
            return self.watch(kind, int(query.get("resourceVersion") or 0), wanted,
                              query.get("allowWatchBookmarks") == "true")
        self.list(kind, query, wanted)

    def shown(self, item):
        if not self.metadata_only:
            return item
        return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": item["metadata"]}

    def list(self, kind, query, wanted):
        limit = min(int(query.get("limit") or 500), 2)  # pages are small here, so that there are several
        with lock:
            items = [item for _, item in sorted(objects[kind].items()) if wanted(item)]
            now = version
        start = int(query.get("continue") or 0)
        metadata = {"resourceVersion": str(now)}
        if "limit" in query and start + limit < len(items):
            metadata["continue"] = str(start + limit)
        page = items[start:start + limit] if "limit" in query else items
        api, name = KINDS[kind]
        if self.metadata_only:
            api, name = "meta.k8s.io/v1", "PartialObjectMetadata"
        self.answer(200, {"kind": name + "List", "apiVersion": api, "metadata": metadata,
                          "items": [self.shown(item) for item in page]})

    def event(self, type_, item):
        data = (json.dumps({"type": type_, "object": item}) + "\n").encode()
        half = len(data) // 2  # connections cut lines where they like
        for piece in (data[:half], data[half:]):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()

    def watch(self, kind, since, wanted, bookmarks):
        with lock:
            own = generation
            forbidden = kind in refused  # since it was looked at, an order may have come, and ended other watches
            gone = since < oldest
            ahead = since > version
        if forbidden:
            return self.refuse_kind(kind)
        if ahead:  # of a server that was restored
            return self.refuse(504, "Timeout", f"Too large resource version: {since}, current: {version}")
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if gone:
            self.event("ERROR", {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"})
            self.wfile.write(b"0\r\n\r\n")
            return
        last = since
        try:
            while True:
                with lock:
                    lock.wait_for(lambda: generation != own or version > last, timeout=1)
                    if generation != own:
                        self.connection.shutdown(socket.SHUT_RDWR)
                        return
                    events = [entry for entry in history if entry[0] > last and entry[1] == kind]
                    last = max(last, version)
                for _, _, type_, item in events:
                    if wanted(item):
                        self.event(type_, self.shown(item))
                if bookmarks:
                    api, name = KINDS[kind]
                    self.event("BOOKMARK", {"kind": name, "apiVersion": api, "metadata": {"resourceVersion": str(last)}})
        except OSError:
            pass


def discovery(path):
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
    if path == "/apis":
        groups = [{"name": group.split("/")[0], "versions": [{"groupVersion": group, "version": "v1"}],
                   "preferredVersion": {"groupVersion": group, "version": "v1"}} for group in GROUPS]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    wanted = path.split("/", 2)[2]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": wanted, "resources": [
        {"name": kind, "singularName": name.lower(), "namespaced": kind != "namespaces", "kind": name,
         "verbs": ["get", "list", "watch"]} for kind, (api, name) in KINDS.items() if api == wanted]}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *arguments):
        pass


server = Server(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder + "/server.pem", folder + "/server.key")
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(folder + "/port.new", "w") as file:
    file.write(str(server.server_address[1]))
import os
os.rename(folder + "/port.new", folder + "/port")
for line in sys.stdin:
    if line.strip():
        command(line)

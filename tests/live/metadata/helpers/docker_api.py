# Docker's API as far as containers and their images go, on a Unix socket: docker_api.py SOCKET ID. The container that it knows is
# as hostile as one can be. It answers after a moment, so that somebody has to wait.
import json, os, socketserver, sys, time
from http.server import BaseHTTPRequestHandler

path, identity = sys.argv[1:]
CONTAINER = {
    "Id": identity, "Name": "/evil\x1b[31m\"},{\"rule\":\"forged\"}\n%container.id", "Image": "sha256:" + "9" * 64,
    "Config": {
        "Image": "registry.example:5000/shop/web:v2", "User": "www",
        "Labels": {"huge": "x" * (1 << 20), "ansi": "\x1b[2J\x07", "json": "\",\"priority\":\"Emergency\"", "lines": "a\nb\r\u2028c",
                   "template": "{{ .Name }} ${HOME} %proc.name", "bytes": "BYTES", "plain": "value"},
        "Healthcheck": {"Test": ["CMD", "/bin/echo", "healthy"]},
    },
    "HostConfig": {"Privileged": False, "NetworkMode": "bridge", "PidMode": "", "IpcMode": "private"},
    "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.9"}}},
    "Mounts": [{"Source": "/var/run/docker.sock", "Destination": "/s:o,ck\n", "Mode": "ro", "RW": False, "Propagation": "rprivate"}],
}
IMAGE = {"RepoTags": ["registry.example:5000/shop/web:v2"], "RepoDigests": ["registry.example:5000/shop/web@sha256:" + "7" * 64]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def address_string(self):
        return "unix"

    def answer(self, status, body):
        data = json.dumps(body).encode().replace(b"BYTES", b"\xff\xfe\xc3(")
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path.startswith("/events"):
            self.send_response(200)
            self.end_headers()
            time.sleep(3600)
        elif self.path == "/containers/json":
            self.answer(200, [])
        elif self.path == f"/containers/{identity}/json":
            time.sleep(0.2)
            self.answer(200, CONTAINER)
        elif self.path.startswith("/images/sha256%3A999"):
            self.answer(200, IMAGE)
        else:
            self.answer(404, {"message": "no such thing"})


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def handle_error(self, *arguments):
        pass


server = Server(path + ".new", Handler)
os.rename(path + ".new", path)
server.serve_forever()

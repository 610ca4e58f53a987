# Writes down what is posted: receiver.py FOLDER [PORT]. FOLDER/port names the port once it listens, FOLDER/posted
# holds a line "CONTENT-TYPE BODY" for each request, FOLDER/headers its headers.
import http.server, os, sys

folder, port = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body go out together: apart, each answer waits for an acknowledgement

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(folder + "/posted", "ab") as file:
            file.write(self.headers["Content-Type"].encode() + b" " + body + b"\n")
        with open(folder + "/headers", "a") as file:
            file.writelines(f"{name}: {value}\n" for name, value in self.headers.items())
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"taken")

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
with open(folder + "/port.new", "w") as file:
    file.write(str(server.server_port))
os.rename(folder + "/port.new", folder + "/port")
server.serve_forever()

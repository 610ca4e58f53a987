# Mail: text and HTML, what the server is told and what it keeps.
source "$(dirname "$0")/lib.sh"
port=$(free_port)
cat >"$scratch/smtp.py" <<'PY'
import base64, email, email.policy, json, socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
out = open(sys.argv[2], "a")
def talk(peer):
    stream = peer.makefile("rwb")
    def say(text):
        stream.write(text.encode() + b"\r\n")
        stream.flush()
    say("220 test")
    told = {"to": []}
    while line := stream.readline():
        word = line.strip().decode()
        verb = word[:4].upper()
        if verb == "EHLO":
            say("250-test\r\n250 AUTH PLAIN")
        elif verb == "AUTH":
            if len(word.split()) == 2:
                say("334 ")
                word += " " + stream.readline().strip().decode()
            told["auth"] = word
            wrong = base64.b64decode(word.split()[-1]).endswith(b"wrong")
            say("535 who are you" if wrong else "235 welcome")
        elif verb == "MAIL":
            told["from"] = word
            say("250 yes")
        elif verb == "RCPT":
            told["to"].append(word)
            say("250 yes")
        elif verb == "DATA":
            say("354 go on")
            lines = []
            while (part := stream.readline()) != b".\r\n":
                lines.append(part[1:] if part.startswith(b"..") else part)
            mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            told |= {"subject": str(mail["subject"]), "parts": {
                p.get_content_type(): p.get_content() for p in mail.walk() if not p.is_multipart()}}
            print(json.dumps(told), file=out, flush=True)
            told = {"to": [], "auth": told.get("auth")}
            say("250 kept")
        elif verb == "QUIT":
            say("221 bye")
            return
        else:
            say("250 yes")
while True:
    peer, _ = server.accept()
    try:
        talk(peer)
    except OSError:
        pass  # who only looked whether somebody listens hung up in the middle of the greeting
    finally:
        peer.close()
PY
serve python3 "$scratch/smtp.py" "$port" "$scratch/mails"
wait_for 30 listens "$port" || fail "the server does not start"

common=("hostport: 127.0.0.1:$port" "tls: false" "from: falco@example.com" 'to: "one@example.com,two@example.com"')
send smtp "${common[@]}" "user: me" "password: secret"
python3 - "$scratch/mails" "$sent" <<'PY' || fail "the mails are not as they should be"
import base64, json, sys
mails = [json.loads(line) for line in open(sys.argv[1])]
assert len(mails) == int(sys.argv[2]), len(mails)
shell = next(m for m in mails if "Reverse shell" in m["subject"])
assert shell["subject"] == "[Falco] Critical: Reverse shell", shell
assert [t.split("<")[1].split(">")[0] for t in shell["to"]] == ["one@example.com", "two@example.com"], shell
assert base64.b64decode(mails[0]["auth"].split()[-1]) == b"\0me\0secret", mails[0]["auth"]
assert "Rule: Reverse shell" in shell["parts"]["text/plain"] and "proc.cmdline" in shell["parts"]["text/plain"]
assert "<td>Reverse shell</td>" in shell["parts"]["text/html"]
PY
: >"$scratch/mails"
send smtp "${common[@]}" "outputformat: text" "minimumpriority: critical"
python3 -c 'import json, sys
mails = [json.loads(line) for line in open(sys.argv[1])]
assert mails and all(list(m["parts"]) == ["text/plain"] and "Critical" in m["subject"] for m in mails), mails' "$scratch/mails" ||
  fail "text mails are not as they should be"
# A server that offers no encryption gets nothing where encryption is asked for.
: >"$scratch/mails"
expect_refused smtp "${common[@]/tls: false/tls: true}"
[[ ! -s $scratch/mails ]] || fail "a mail went out without encryption"
expect_refused smtp "${common[@]}" "user: me" "password: wrong"
[[ ! -s $scratch/mails ]] || fail "a mail went out with the wrong password"
expect_refused smtp "${common[@]/127.0.0.1:$port/127.0.0.1:1}"
done_testing

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Simulated ONVIF cameras: onvif_camera.py RTSP-PORT USER PASSWORD-FILE PORT=HABIT[@PEM]... With PEM, a certificate and its key, they
speak HTTPS there. They check the account as the specification says (digest, nonce once, clock at most 5 s off) and
name each wrong account on their output. Habits: good, ahead (its clock is 8 h off), digest (HTTP digest alone, each nonce once and for
one path; sha256 likewise; digest-old without qop), either (HTTP digest or token), forbids (digest, and 403 to a wrong account), huge,
slow, mute, broken, cut, redirect, https, other-host, other-stream, secure-stream (rtsps), alone (one profile), chunks (answers in
such), gzip (says so), no-http, not-found, fault, bomb, http-names (names its HTTP alone), old (TLS 1.0)."""
import base64
import datetime
import hashlib
import re
import secrets
import socketserver
import ssl
import sys
import threading
import time
import warnings

RTSP_PORT, USER = int(sys.argv[1]), sys.argv[2]
with open(sys.argv[3], encoding="utf-8") as secret:
    PASSWORD = secret.readline().rstrip("\n")
NONCES, CHALLENGES = set(), {}
ENVELOPE = ('<?xml version="1.0"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" '
            'xmlns:tt="http://www.onvif.org/ver10/schema"'
            ' xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl">'
            '<SOAP-ENV:Body>%s</SOAP-ENV:Body>'
            '</SOAP-ENV:Envelope>')
FAULT = ('<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Sender</SOAP-ENV:Value><SOAP-ENV:Subcode>'
         '<SOAP-ENV:Value>%s</SOAP-ENV:Value>'
         '</SOAP-ENV:Subcode></SOAP-ENV:Code><SOAP-ENV:Reason><SOAP-ENV:Text xml:lang="en">%s</SOAP-ENV:Text></SOAP-ENV:Reason>'
         '</SOAP-ENV:Fault>')


def now(habit):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=8 if habit == "ahead" else 0)


def clock(habit):
    t = now(habit)
    return (f"<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:LocalDateTime><tt:Date><tt:Year>1999</tt:Year></tt:Date>"
            f"</tt:LocalDateTime>"
            f"<tt:UTCDateTime><tt:Time><tt:Hour>{t.hour}</tt:Hour><tt:Minute>{t.minute}</tt:Minute><tt:Second>{t.second}</tt:Second>"
            f"</tt:Time>"
            f"<tt:Date><tt:Year>{t.year}</tt:Year><tt:Month>{t.month}</tt:Month><tt:Day>{t.day}</tt:Day></tt:Date></tt:UTCDateTime>"
            "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>")


def profile(token, source, width, height):
    return (f'<trt:Profiles fixed="true" token="{token}"><tt:Name>{token}</tt:Name><tt:VideoSourceConfiguration token="v">'
            f'<tt:SourceToken>{source}'
            f'</tt:SourceToken></tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration token="e"><tt:Encoding>H264</tt:Encoding>'
            f'<tt:Resolution>'
            f'<tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height></tt:Resolution></tt:VideoEncoderConfiguration></trt:Profiles>')


def is_right(body, habit):
    found = [re.search(f"<[a-z]:{name}(?: [^>]*)?>([^<]*)<", body) for name in ("Username", "Password", "Nonce", "Created")]
    if not all(found):
        return False
    user, digest, nonce, created = [one.group(1) for one in found]
    wanted = hashlib.sha1(base64.b64decode(nonce) + created.encode() + PASSWORD.encode()).digest()
    made = datetime.datetime.fromisoformat(created.replace("Z", "+00:00"))
    if nonce in NONCES or abs((made - now(habit)).total_seconds()) > 5:
        return False
    NONCES.add(nonce)
    return user == USER and base64.b64decode(digest) == wanted


def challenge(habit, path):
    nonce = secrets.token_hex(8)
    CHALLENGES[nonce] = path
    more = {"digest-old": "", "sha256": ', qop="auth", algorithm=SHA-256'}.get(habit, ', qop="auth,auth-int", opaque="5ccc"')
    return f'WWW-Authenticate: Basic realm="no"\r\nWWW-Authenticate: Digest realm="IP \\"Camera\\"", nonce="{nonce}"{more}\r\n'


def is_right_digest(words, path, habit):
    """RFC 7616 3.4.1; "The url does not match the nonce url", says a well-known maker's firmware."""
    given = {name: quoted or bare for name, quoted, bare in re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^, ]*))', words)}
    if CHALLENGES.pop(given.get("nonce"), None) != path or given.get("uri") != path or given.get("realm") != 'IP \\"Camera\\"':
        return False
    def digest(*parts):
        return hashlib.new("sha256" if habit == "sha256" else "md5", ":".join(parts).encode()).hexdigest()
    counts = [] if habit == "digest-old" else [given.get(name, "") for name in ("nc", "cnonce", "qop")]
    wanted = digest(digest(USER, 'IP "Camera"', PASSWORD), given["nonce"], *counts, digest("POST", path))
    return given["username"] == USER and given["response"] == wanted


class Answer(socketserver.StreamRequestHandler):
    def reply(self, status, body, head=""):
        data = body.encode()
        length = f"Content-Length: {len(data)}"
        if self.server.habit == "chunks":
            pieces = [data[i:i + 100] for i in range(0, len(data), 100)] + [b""]
            data, length = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces), "Transfer-Encoding: chunked"
        self.wfile.write(f"HTTP/1.1 {status} X\r\nServer: sim\r\n{length}\r\n{head}\r\n".encode() + data)

    def strange(self, habit):
        if habit == "huge":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            for _ in range(4096):
                self.wfile.write(b"<a>" * 1024)
        elif habit == "slow":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for _ in range(200):
                self.wfile.write(b"X: y\r\n")
                time.sleep(0.2)
        elif habit == "broken":
            self.reply(200, "<Envelope><Body></Envelope>")
        elif habit == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n<Envelope>")
        elif habit == "redirect":
            self.reply(302, "", "Location: http://192.0.2.99/onvif\r\n")
        elif habit == "https":
            self.reply(301, "", "Location: https://192.0.2.99/onvif\r\n")
        elif habit == "gzip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n")
        elif habit == "no-http":
            self.wfile.write(b"SSH-2.0-dropbear\r\n\r\n\r\n")
        elif habit == "not-found":
            self.reply(404, "no")
        elif habit == "fault":
            self.reply(500, ENVELOPE % FAULT % ("ter:Action", "busy \033[31m"))
        elif habit == "bomb":
            self.reply(200, '<!DOCTYPE a [<!ENTITY b "' + "c" * 99 + '">]>' + "<a>" * 99 + "&b;")
        else:
            return False
        return True

    def body_of(self, question, host):
        habit = self.server.habit
        if "<GetCapabilities " in question:
            there = "192.0.2.99" if habit == "other-host" else host
            scheme, port = "http" if not self.server.tls or habit == "http-names" else "https", self.server.server_address[1]
            return (f"<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media>"
                    f"<tt:XAddr>{scheme}://{there}:{9 if habit == 'http-names' else port}/onvif/Media"
                    "</tt:XAddr></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>")
        if "<GetProfiles " in question:
            profiles = profile("P102", "source1", 640, 360) + profile("P101", "source1", 1920, 1080) + profile("P202", "source2", 640, 360)
            return "<trt:GetProfilesResponse>" + (profile("P101", "s", 640, 360) if habit == "alone"
                                                  else profiles) + "</trt:GetProfilesResponse>"
        number = re.search("<ProfileToken>P([0-9]+)<", question).group(1)
        there = "192.0.2.99" if habit == "other-stream" else host
        scheme = "rtsps" if habit == "secure-stream" else "rtsp"
        return (f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{scheme}://{there}:{RTSP_PORT}/Streaming/Channels/{number}</tt:Uri>"
                f"</trt:MediaUri>"
                "</trt:GetStreamUriResponse>")

    def handle(self):
        if self.server.habit == "mute":
            time.sleep(40)
        if self.rfile.peek(1)[:1] == b"\x16":  # the hello of TLS, where nobody speaks it
            self.reply(400, "")
            return
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline(4096)
            if not line:
                return
            head += line
        length = int(re.search(rb"(?i)content-length: *(\d+)", head).group(1))
        host = re.search(rb"(?i)host: *([^\r:]+)", head).group(1).decode()
        question, habit = self.rfile.read(length).decode(), self.server.habit
        if self.strange(habit):
            return
        path, words = head.split()[1].decode(), re.search(rb"(?im)^authorization: *([^\r]+)", head)
        alone = habit in ("digest", "digest-old", "sha256", "forbids")
        digest = alone or habit == "either"
        if words:
            right, tried = digest and is_right_digest(words.group(1).decode(), path, habit), True
        else:
            right, tried = not alone and is_right(question, habit), "UsernameToken" in question
        if "<GetSystemDateAndTime " in question:
            self.reply(200, ENVELOPE % clock(habit))
        elif right:
            self.reply(200, ENVELOPE % self.body_of(question, host))
        else:
            if tried:
                sys.stdout.write(f"refused {self.server.server_address[1]}\n")  # in one piece: threads do not mix
                sys.stdout.flush()
            fault = ENVELOPE % FAULT % ("ter:NotAuthorized", "Sender not authorized")
            self.reply(403 if tried and habit == "forbids" else 401 if digest else 400, fault, challenge(habit, path) if digest else "")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    habit, tls = "", None

    def get_request(self):
        """Hands are shaken on the thread of the one that asks, with the first byte that is read."""
        connection, address = super().get_request()
        return (self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) if self.tls else connection), address

    def handle_error(self, request, client_address):
        """A client that hangs up amid a long answer is no fault of ours."""


def speak_tls(habit, pem):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if habit == "old":
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    context.load_cert_chain(pem)
    return context


for argument in sys.argv[4:]:
    port, name = argument.split("=", 1)
    name, _, certificate = name.partition("@")
    server = Server(("127.0.0.1", int(port)), Answer)
    server.habit, server.tls = name, speak_tls(name, certificate) if certificate else None
    threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", flush=True)
threading.Event().wait()

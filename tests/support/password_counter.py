# SPDX-License-Identifier: Apache-2.0
"""Between a program and a camera: how often a password was tried."""
import socket
import threading


class PasswordCounter:
    def __init__(self, port):
        self.camera, self.tries, self.deaf = port, 0, 0  # deaf: so many connections more end at once
        self.hangs_up = False  # behind each refusal, as many cameras do: what comes on that connection then is read by nobody
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                near, _address = self.listener.accept()
                if self.deaf > 0:
                    self.deaf -= 1
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self.camera))
            except OSError:
                return
            threading.Thread(target=self.copy, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self.copy, args=(far, near, False), daemon=True).start()

    def copy(self, source, target, counts):
        refused = False
        try:
            while not refused and (data := source.recv(65536)):
                self.tries += sum(b"\r\nAuthorization:" in request for request in data.split(b"\r\n\r\n")) if counts else 0
                target.sendall(data)
                refused = self.hangs_up and not counts and b" 401 " in data
            if refused:
                target.shutdown(socket.SHUT_WR)
                return
        except OSError:
            pass
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

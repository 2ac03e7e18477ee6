# SPDX-License-Identifier: Apache-2.0
"""Certificates for what the tests talk TLS with."""
import os
import subprocess


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def make(s, name, host, start="20200101000000Z", end="20400101000000Z"):
    """NAME.pem and NAME.key, signed by the test's own CA (ca.pem), from `start` to `end`."""
    if not os.path.exists(s.file("ca.pem")):
        make_own(s, "ca")
        for file in ("index.txt", "index.txt.attr"):
            open(s.file(file), "w", encoding="ascii").close()
    with open(s.file("ca.conf"), "w", encoding="ascii") as out:
        out.write(f"[ca]\ndefault_ca=d\n[d]\ndatabase={s.file('index.txt')}\nnew_certs_dir={s.folder}\nrand_serial=yes\n"
                  f"default_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n[e]\nsubjectAltName={host}\n")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", s.file(name + ".key"), "-out", s.file(name + ".csr"), "-subj", "/CN=broker")
    openssl("ca", "-batch", "-config", s.file("ca.conf"), "-cert", s.file("ca.pem"), "-keyfile", s.file("ca.key"), "-in",
            s.file(name + ".csr"), "-out", s.file(name + ".pem"), "-startdate", start, "-enddate", end, "-extensions", "e", "-notext")
    for file in (name + ".pem", name + ".key", "ca.pem"):
        os.chmod(s.file(file), 0o644)


def make_own(s, name, bits=2048):
    """The same, signed by itself, as cameras do."""
    openssl("req", "-x509", "-newkey", f"rsa:{bits}", "-nodes", "-keyout", s.file(name + ".key"), "-out", s.file(name + ".pem"),
            "-days", "3650", "-subj", "/CN=test " + name)

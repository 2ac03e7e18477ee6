#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Simulated ONVIF devices: answers WS-Discovery probes on loopback, each device from an address of its own (127.0.0.0/8).

    onvif_responder.py [--interface lo] DEVICE...

Where the interface has a link-local IPv6 address, it answers there too. DEVICE is ADDRESS=MAKER/HARDWARE/NAME for a camera (MAKER
becomes a part of its scopes; ADDRESS IPv4, IPv6, or both with a comma between: it answers by either), or one that misbehaves: twice
(each answer comes twice), foreign (answers another's question), printer, bomb (entities), large, latin1, cut, terminal (control
characters in its name), empty, crowd (300 cameras); or secure (a camera with HTTPS alone).
Says "ready" when it listens.
"""
import argparse
import re
import select
import socket
import struct
import urllib.parse
import uuid

GROUP, GROUP_SIX, PORT = "239.255.255.250", "ff02::c", 3702
ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl">
<env:Header><wsa:MessageID>urn:uuid:{id}</wsa:MessageID><wsa:RelatesTo>{to}</wsa:RelatesTo>
<wsa:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To>
<wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</wsa:Action></env:Header>
<env:Body><d:ProbeMatches>{matches}</d:ProbeMatches></env:Body></env:Envelope>"""
MATCH = """<d:ProbeMatch><wsa:EndpointReference><wsa:Address>urn:uuid:{uuid}</wsa:Address></wsa:EndpointReference>
<d:Types>{types}</d:Types><d:Scopes>{scopes}</d:Scopes><d:XAddrs>http://{address}/onvif/device_service</d:XAddrs>
<d:MetadataVersion>10</d:MetadataVersion></d:ProbeMatch>"""
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 16}">' for i in range(9)) + "]>"


def match(address, maker, hardware, name, types="dn:NetworkVideoTransmitter tds:Device"):
    onvif = "onvif://www.onvif.org/"
    scopes = [onvif + "type/video_encoder", onvif + "hardware/" + urllib.parse.quote(hardware), onvif + "name/" + urllib.parse.quote(name)]
    if maker:
        scopes.append(onvif + "manufacturer/" + urllib.parse.quote(maker))
    identity = uuid.uuid5(uuid.NAMESPACE_DNS, f"{address} {hardware} {name}")
    return MATCH.format(uuid=identity, types=types, scopes=" ".join(scopes), address=address.split(",")[0])


def answers(device, to):
    """[(address, bytes)] of one device to one probe."""
    def envelope(*matches):
        return ENVELOPE.format(id=uuid.uuid4(), to=to, matches="".join(matches))
    address, _, what = device.partition("=")
    parts = what.split("/")
    if len(parts) == 3:
        return [(address, envelope(match(address, *parts)).encode())]
    camera = match(address, "", "X1", "odd")
    if what == "twice":
        return [(address, envelope(camera, camera).encode())] * 2
    if what == "foreign":
        to = f"urn:uuid:{uuid.uuid4()}"
        return [(address, envelope(camera).encode())]
    if what == "secure":
        text = envelope(camera.replace(f"http://{address}/", f"https://{address}:8443/"))
        return [(address, text.encode())]
    if what == "printer":
        stranger = MATCH.format(uuid=uuid.uuid4(), types="wsdp:Device pri:PrintDeviceType", scopes="", address=address)
        return [(address, envelope(stranger).encode())]
    if what == "bomb":
        text = envelope(camera.replace("urn:uuid:", "&j;"))
        return [(address, text.replace("?>", "?>" + BOMB, 1).encode())]
    if what == "large":
        return [(address, envelope(camera.replace("<d:Scopes>", "<d:Scopes>" + "x " * 20000)).encode())]
    if what == "latin1":
        return [(address, envelope(match(address, "", "X1", "odd").replace("X1", "Stra\xdfe")).encode("latin-1"))]
    if what == "cut":
        return [(address, envelope(camera).encode()[:-40])]
    if what == "terminal":
        return [(address, envelope(match(address, "", "X1", 'a"\\\x1b[2J\n\u202eb')).encode())]
    if what == "empty":
        return [(address, b"")]
    if what == "crowd":
        return [(address, envelope(*[match(address, "", "X1", f"{part}-{i}") for i in range(15)]).encode()) for part in range(20)]
    raise SystemExit(f"onvif_responder: {device}: not a device")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--interface", default="lo")
    parser.add_argument("devices", nargs="+")
    options = parser.parse_args()
    for device in options.devices:
        answers(device, "")
    index = socket.if_nametoindex(options.interface)
    groups = [ear for ear in (four(index), six(index)) if ear]
    senders = {}
    print("ready", flush=True)
    while True:
        for sock in select.select(groups, [], [])[0]:
            answer(options.devices, sock, senders)


def four(index):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((GROUP, PORT))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("=4s4si", socket.inet_aton(GROUP), bytes(4), index))
    return sock


def six(index):
    """None: no IPv6 on that interface."""
    try:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((GROUP_SIX, PORT, 0, index))
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                        struct.pack("=16sI", socket.inet_pton(socket.AF_INET6, GROUP_SIX), index))
    except OSError:
        return None
    return sock


def answer(devices, sock, senders):
    probe, asker = sock.recvfrom(65536)
    to = re.search(rb"MessageID[^>]*>([^<]*)<", probe)
    if b"NetworkVideoTransmitter" not in probe or not to:
        return  # as most cameras: one type of the two
    for device in devices:
        for addresses, text in answers(device, to.group(1).decode()):
            for address in addresses.split(","):
                if (":" in address) != (sock.family == socket.AF_INET6):
                    continue
                if address not in senders:
                    senders[address] = socket.socket(sock.family, socket.SOCK_DGRAM)
                    senders[address].bind((address, 0, *asker[2:]))
                senders[address].sendto(text, asker)


if __name__ == "__main__":
    main()

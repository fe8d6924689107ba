"""Imported by every Python process of a test that watches for connections: notes and refuses each one attempted."""

import os
import socket
import sys

WATCHED = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}


def _refuse(event, args):
    if event not in WATCHED:
        return
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg") and args[0].family == socket.AF_UNIX:
        return
    log = os.open(os.environ["CONNECTIONS_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(log, f"{event} {args[1:] if isinstance(args[0], socket.socket) else args}\n".encode())
    os.close(log)
    raise OSError("no connections here")


sys.addaudithook(_refuse)

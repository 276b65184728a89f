"""Connections that asked once and stay: what they cost in memory."""
import resource, socket, sys, time

from . import machine, servers

COUNT = 10_000


def say(release, work):
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if limit < COUNT + 100:
        print(f"{COUNT:,} idle connections: not measured, only {limit} files may be open (ulimit -n)")
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    # By default idle connections are closed after 10 seconds; here all are to be there at once, however busy the machine.
    door = servers.doorward(release, work, "idle", [servers.site("bench", servers.HOST)], {"DOORWARD_HEAD_SECONDS": "300"})
    host, port = door.base[7:].split(":")
    before = machine.resident(door.process.pid)
    held = []
    for _ in range(COUNT):
        one = socket.create_connection((host, int(port)), 60)
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: bench.example\r\n\r\n")
        if not one.recv(4096).startswith(b"HTTP/1.1 200"):
            sys.exit("a connection was not answered")
        held.append(one)
    time.sleep(1)
    after = machine.resident(door.process.pid)
    for one in held:
        one.close()
    print(f"{COUNT:,} idle connections: {after - before:.1f} MiB more, {(after - before) * 1024 / COUNT:.1f} KiB each")

"""Ports for servers that a test starts: of a block that no other test takes, and that the system gives to nobody.

A port that was free a moment ago may be an outgoing connection's when a server wants it, or wants it again after a restart. So these
lie below the range that outgoing connections come from, in blocks: whoever listens on the first port of one has the others.
tests/console/lab.cjs does the same."""
import os, pathlib, random, socket

SIZE = 100
_taken = {}


def _listen(port):
    s = socket.socket()
    try:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", port))
        s.listen(1)
    except OSError:
        s.close()
        return None
    return s


def _blocks():
    file = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")
    low = int(file.read_text().split()[0]) if file.exists() else 32768
    top = low if low > 15000 else 32768
    return [top - SIZE * n for n in range(1, 121)]


def free_port():
    """A port that is free and stays so until who asked for it listens on it."""
    if os.getpid() not in _taken:  # a forked worker has a block of its own
        _taken.clear()
        for first in random.sample(_blocks(), 120):
            if held := _listen(first):
                _taken[os.getpid()] = [first, held, 0]
                break
        else:
            raise SystemExit("no block of ports is free")
    block = _taken[os.getpid()]
    for _ in range(SIZE):
        block[2] = block[2] % (SIZE - 1) + 1
        if tried := _listen(block[0] + block[2]):
            tried.close()
            return block[0] + block[2]
    raise SystemExit("no port of the block is free")

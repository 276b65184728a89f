"""The lab of the door tests: a Doorward on a PostgreSQL of its own, and an application that writes down every byte it gets.

All on loopback, on free ports, in a temporary directory; each is stopped by the process id of what was started here."""
import base64, glob, hashlib, http.client, json, os, pathlib, pwd, shutil, signal, socket, subprocess, sys, tempfile, threading, time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from ports import free_port

ROOT = HERE.parents[1]
HOST = "app.example.com"
TOKEN = "8aa1154a2186eadf2e3951c53b27540d"
BY_TOKEN = {"Authorization": f"token {TOKEN}"}
CLIENT = "127.0.0.5"  # no address of a proxy
PATIENCE = 90  # seconds: far more than anything here takes even on a busy machine, still an end


def clean_env(**more):
    return {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")} | {"LANG": "C.UTF-8"} | more


def until(what, tried):
    """Asks again until the answer is truthy."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := tried():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {PATIENCE} s")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        return ", ".join(v for k, v in self.headers if k.lower() == name.lower())

    def __repr__(self):
        return f"{self.status} {self.body[:200]!r}"


def raw(port, data):
    """Sends bytes as they are, and hears one answer; None if the other side only closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE, source_address=(CLIENT, 0)) as s:
        s.sendall(data)
        answer = http.client.HTTPResponse(s, method=data.split(b" ", 1)[0].decode("latin-1"))
        try:
            answer.begin()
            return Answer(answer.status, answer.getheaders(), answer.read().decode("utf-8", "replace"))
        except (http.client.HTTPException, ConnectionError):
            return None


def ask(port, method, target, headers=None, body=b"", host=HOST):
    """One request, its target exactly as given. Headers are a dict or a list of pairs."""
    pairs = list(headers.items()) if isinstance(headers, dict) else list(headers or [])
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"] + [f"{k}: {v}" for k, v in pairs]
    if body or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(body)}")
    if not any(k.lower() == "connection" for k, _ in pairs):
        lines.append("Connection: close")
    return raw(port, ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body)


def accept(key):
    """What a WebSocket's key must be answered with (RFC 6455 section 4.2.2)."""
    return base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()


def frame(stream):
    """One short WebSocket frame: its first byte and its payload without the mask; None at the end."""
    head = stream.read(2)
    if len(head) < 2:
        return None
    mask = stream.read(4) if head[1] & 0x80 else bytes(4)
    return head[0], bytes(b ^ mask[i % 4] for i, b in enumerate(stream.read(head[1] & 0x7F)))


def echo(connection, stream, key):
    """A WebSocket that says everything back until it is closed."""
    head = f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept(key)}\r\n\r\n"
    connection.sendall(head.encode())
    while heard := frame(stream):
        connection.sendall(bytes([heard[0], len(heard[1])]) + heard[1])
        if heard[0] == 0x88:
            return


class Application:
    """Writes down what arrives, to the byte, and says 200; or becomes a WebSocket that says everything back."""

    def __init__(self):
        self.seen, self.socket = [], socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            line = stream.readline()
            if not line:
                return  # a proxy that tried the port
            headers, body = [], b""
            while (field := stream.readline().rstrip(b"\r\n")):
                name, _, value = field.partition(b":")
                headers.append((name.decode("latin-1"), value.strip().decode("latin-1")))
            lower = {k.lower(): v for k, v in headers}
            if "content-length" in lower:
                body = stream.read(int(lower["content-length"]))
            elif "chunked" in lower.get("transfer-encoding", ""):
                while size := int(stream.readline().split(b";")[0], 16):
                    body += stream.read(size)
                    stream.readline()
                stream.readline()
            method, target, _ = (line.decode("latin-1").rstrip("\r\n") + "  ").split(" ", 2)
            self.seen.append({"method": method, "target": target, "headers": headers, "body": body})
            if lower.get("upgrade") == "websocket" and "upgrade" in lower.get("connection", "").lower():
                return echo(connection, stream, lower["sec-websocket-key"])
            said = b'{"said":"by the application"}'
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(said)
            connection.sendall(head + (b"" if method == "HEAD" else said))


class Postgres:
    """A server of its own: stopping it is how a store goes away."""

    def __init__(self, dir):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))
        self.bin = pathlib.Path(found[-1]).parent if found else pathlib.Path(shutil.which("postgres") or sys.exit("no PostgreSQL")).parent
        self.data, self.port = dir / "postgres", free_port()
        self.who = {}
        if os.getuid() == 0:  # which PostgreSQL refuses
            user = pwd.getpwnam("postgres" if any(u.pw_name == "postgres" for u in pwd.getpwall()) else "nobody")
            self.who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            self.data.mkdir()
            os.chown(self.data, user.pw_uid, user.pw_gid)
        subprocess.run([self.bin / "initdb", "-D", self.data, "-U", "doorward", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"],
                       check=True, capture_output=True, cwd="/", **self.who)
        self.process = None
        self.start()
        self.url = f"postgres://doorward@127.0.0.1:{self.port}/postgres"

    def start(self):
        options = ["-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}", "-c", "unix_socket_directories=", "-c", "fsync=off"]
        isready = [self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]

        def ready():
            # It ends at once where somebody's outgoing connection has been given its port meanwhile: begun again until that is gone.
            if not self.process or self.process.poll() is not None:
                self.process = subprocess.Popen([self.bin / "postgres", "-D", self.data, *options], stdin=subprocess.DEVNULL,
                                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **self.who)
            return subprocess.run(isready).returncode == 0

        until("PostgreSQL", ready)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(PATIENCE)
            self.process = None


class Lab:
    """`with Lab(binary) as lab:` gives a served site whose application is `lab.application`."""

    def __init__(self, binary):
        self.binary = str(pathlib.Path(binary).resolve())
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped by SIGTERM"))

    def __enter__(self):
        self.temp = tempfile.TemporaryDirectory(prefix="doorward-doors-")
        self.dir = pathlib.Path(self.temp.name)
        self.dir.chmod(0o755)
        self.application = Application()
        self.process, self.postgres = None, None
        self.port, self.grpc = free_port(), free_port()
        try:
            self.postgres = Postgres(self.dir)
            self.bundle = json.loads((HERE / "bundle.json").read_text())
            self.rules = self.bundle["sites"][0]["endpoints"]
            self.bundle["sites"][0]["upstream"] = f"http://127.0.0.1:{self.application.port}"
            self.import_bundle()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def run(self, *arguments):
        command = [self.binary, *arguments, "--data", str(self.dir / "data"), "--database", self.postgres.url]
        done = subprocess.run(command, capture_output=True, text=True, env=clean_env(), timeout=120)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

    def import_bundle(self, first=()):
        """Writes the site again, with rules before its own."""
        self.bundle["sites"][0]["endpoints"] = [*first, *self.rules]
        file = self.dir / "bundle.json"
        file.write_text(json.dumps(self.bundle))
        self.run("import", "bundle", str(file))

    def start(self):
        self.log = open(self.dir / "serve.log", "a")
        arguments = ["serve", "--data", str(self.dir / "data"), "--database", self.postgres.url, "--listen", f"127.0.0.1:{self.port}",
                     "--set", f"server.grpc_listen=127.0.0.1:{self.grpc}", "--metrics-listen", "", "--trusted-proxies", "127.0.0.1/32"]
        self.process = subprocess.Popen([self.binary, *arguments], stdout=self.log, stderr=subprocess.STDOUT, env=clean_env())

        def ready():
            if self.process.poll() is not None:
                raise AssertionError((self.dir / "serve.log").read_text()[-2000:])
            return is_open(self.port) and ask(self.port, "GET", "/readyz").status == 200

        until("Doorward", ready)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.process = None

    def __exit__(self, *_):
        self.stop()
        if self.postgres:
            self.postgres.stop()
        self.temp.cleanup()


def is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False

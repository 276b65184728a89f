"""The servers of the benchmark, each on a loopback port of its own, with one worker."""
import json, os, shutil, subprocess, sys, time, urllib.error, urllib.request

from . import machine

LOGIN = {"email": "bench@example.com", "password": "password"}
API_TOKEN = "bench-api-token-0123456789abcdef"
HOST = "bench.example"
STARTED = []
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


class Server:
    """A process that listens on a port; `pids` are those whose CPU time is its own."""

    def __init__(self, command, port, path="/", env=None):
        self.base = f"http://127.0.0.1:{port}"
        begun = time.perf_counter()
        self.process = subprocess.Popen(command, env={**os.environ, **(env or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        STARTED.append(self)
        self.wait(path)
        self.start = (time.perf_counter() - begun) * 1000
        self.pids = [self.process.pid]

    def wait(self, path, tries=5000):
        for _ in range(tries):
            try:
                with urllib.request.urlopen(self.base + path, timeout=1):
                    return
            except urllib.error.HTTPError:
                return
            except OSError:
                if self.process.poll() is not None:
                    sys.exit(f"the server for {self.base} stopped")
                time.sleep(0.002)
        sys.exit(f"nothing answers at {self.base}")



def stop_all():
    for server in STARTED:
        server.process.terminate()
    for server in STARTED:
        server.process.wait(20)


def hyper(release):
    port = machine.port()
    return Server([release / "examples/floor", f"127.0.0.1:{port}"], port)


def nginx(work, name, http):
    """One nginx worker; `http` is a function of the port that makes the `http` block's text."""
    port = machine.port()
    (work / f"{name}.conf").write_text(f"""
worker_processes 1; daemon off; pid {work}/{name}.pid; error_log {work}/{name}.log;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 100000000; {http(port)} }}
""")
    server = Server([NGINX, "-p", str(work), "-c", str(work / f"{name}.conf")], port)
    children = subprocess.run(["pgrep", "-P", str(server.process.pid)], capture_output=True, text=True, check=True)
    server.pids = [int(pid) for pid in children.stdout.split()]
    return server


def doorward(release, work, name, sites, env=None):
    """Doorward with these sites of a bundle."""
    port = machine.port()
    data = ["--data", str(work / name)]
    bundle = work / f"{name}.json"
    bundle.write_text(json.dumps({"doorward_bundle": 1, "sites": sites}))
    subprocess.run([release / "doorward", "import", "bundle", bundle, *data], check=True, stdout=subprocess.DEVNULL)
    env = {"DOORWARD_METRICS_LISTEN": f"127.0.0.1:{machine.port()}", "TOKIO_WORKER_THREADS": "1", **(env or {})}
    server = Server([release / "doorward", "serve", *data, "--listen", f"127.0.0.1:{port}"], port, "/healthz", env)
    time.sleep(1)
    server.idle = machine.resident(server.process.pid)
    return server


def site(name, host, upstream=None, rules=()):
    """A site of a bundle that speaks two languages and has one user with an API token."""
    user = {"id": 1, "login": "bench", "email": LOGIN["email"], "roles": ["subscriber"],
            "password_hash": "5f4dcc3b5aa765d61d8327deb882cf99", "api_tokens": [{"name": "bench", "token": f"{API_TOKEN}-{name}"}]}
    made = {"name": name, "url": f"http://{host}", "hosts": [host], "dialects": {"wporchestrix": {}, "jwt_auth": {}},
            "endpoints": list(rules), "users": [user]}
    return {**made, "upstream": upstream} if upstream else made


def token(server, host):
    """A JWT, by logging in."""
    headers = {"Content-Type": "application/json", "Host": host}
    request = urllib.request.Request(f"{server.base}/api/v1/jwt", json.dumps(LOGIN).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["access_token"]

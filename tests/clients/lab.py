"""The lab of the client tests: a Doorward server, an upstream behind it, and a page host beside it.

All on loopback, on free ports, in a temporary directory; each is stopped by whoever started it."""
import http.client, http.server, json, os, pathlib, re, signal, subprocess, sys, tempfile, threading, time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from ports import free_port

TOOLS = HERE.parents[1] / ".tools"
PYTHON = TOOLS / "venv/bin/python"
NODE_MODULES = TOOLS / "npm/node_modules"

POST = {"id": 7, "slug": "hello", "title": "Hello", "url": "https://example.com/hello"}
ANSWERS = {  # what the protected application says, in the words of the platform that owns the path
    "/api/v1/sites": [{"id": "site_1", "name": "Blog", "url": "https://blog.example.com", "status": "active"}],
    "/api/v1/posts": {"code": 200, "status": "success", "message": "Successfully fetched posts", "data": [POST],
                      "extra": {"total": 1, "count": 1, "page_size": 10, "current_page": 1, "last_page": 1,
                                "has_more": False, "next": None, "previous": None}},
    "/api/v1/posts/hello": {"code": 200, "status": "success", "message": "Successfully fetched post", "data": POST, "extra": []},
    "/api/v1/posts/store": {"code": 200, "status": "success", "message": "Post created", "data": POST, "extra": []},
    "/api/v1/tags/store": {"code": 200, "status": "success", "message": "tag #1 created", "data": {"id": 1}, "extra": []},
    "/v1/posts": {"data": [POST], "meta": {"requestId": "req_up1", "timestamp": "2026-01-02T03:04:05Z"},
                  "pagination": {"page": 1, "limit": 20, "totalItems": 1, "totalPages": 1, "hasNext": False, "hasPrev": False}},
    "/wp-json/dt-posts/v2/contacts/": {"posts": [{"ID": 3, "post_title": "Ann"}], "total": 1},
}


def render(text, values):
    """Puts values in for {{NAME}}; a value may hold names itself."""
    while (new := re.sub(r"\{\{(\w+)\}\}", lambda m: values[m[1]], text)) != text:
        text = new
    return text


def call(port, method, path, headers=None, body=None, host=None):
    """One plain request: (status, text)."""
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        c.request(method, path, body, {"Host": host or f"127.0.0.1:{port}", **(headers or {})})
        r = c.getresponse()
        return r.status, r.read().decode()
    finally:
        c.close()


def clean_env(**more):
    """Our environment without proxies: every address in these tests is this machine."""
    return {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")} | {"LANG": "C.UTF-8"} | more


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def reply(self, status, content_type, body):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def page(self, name):
        """A rendered sample; NAME.html for a module is a page that only loads it."""
        site = self.server.pages
        if name == "angular.min.js":
            return self.reply(200, "text/javascript", (NODE_MODULES / "angular/angular.min.js").read_bytes())
        if (site / name).is_file():
            kind = "text/html" if name.endswith(".html") else "text/javascript"
            return self.reply(200, f"{kind}; charset=utf-8", (site / name).read_bytes())
        module = name.removesuffix(".html") + ".mjs"
        if (site / module).is_file():
            return self.reply(200, "text/html; charset=utf-8", f'<!doctype html><script type="module" src="{module}"></script>'.encode())
        self.reply(404, "text/plain", b"no such page")


class Upstream(_Handler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.split("?")[0]
        if path.startswith("/page/"):
            return self.page(path.removeprefix("/page/"))
        if path == "/favicon.ico":  # a browser's own wish, no part of a sample
            return self.reply(404, "text/plain", b"no icon")
        known = path in ANSWERS
        said = json.dumps(ANSWERS.get(path, {"error": "no such path upstream"}))
        self.server.seen.append({"method": self.command, "path": path, "headers": self.headers.items(), "body": body.decode("utf-8", "replace"), "said": said})
        self.reply(200 if known else 404, "application/json", said.encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer


class Pages(_Handler):
    def do_GET(self):
        self.page(self.path.lstrip("/"))


def host(handler, pages):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.pages, server.seen = pages, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Lab:
    """`with Lab(binary) as lab:` gives a served bundle; lab.values holds the addresses."""

    def __init__(self, binary):
        self.binary = str(pathlib.Path(binary).resolve())
        # A run that is told to stop must not leave its server behind.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped by SIGTERM"))

    def __enter__(self):
        self.temp = tempfile.TemporaryDirectory(prefix="doorward-clients-")
        self.dir = pathlib.Path(self.temp.name)
        self.pages = self.dir / "pages"
        self.pages.mkdir()
        self.upstream, self.other_origin = host(Upstream, self.pages), host(Pages, self.pages)
        self.port = free_port()
        self.values = {
            "HOST": f"127.0.0.1:{self.port}", "BASE": f"http://127.0.0.1:{self.port}",
            "STRICT_HOST": f"localhost:{self.port}", "STRICT": f"http://localhost:{self.port}",
            "SDK_HOST": f"sdk.localhost:{self.port}", "SDK": f"http://sdk.localhost:{self.port}",
            "UPSTREAM": f"http://127.0.0.1:{self.upstream.server_port}",
            "PAGES": f"http://127.0.0.1:{self.other_origin.server_port}",
        }
        self.process, self.log = None, open(self.dir / "serve.log", "w+")
        try:
            self._serve()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _serve(self):
        bundle, data = self.dir / "bundle.json", str(self.dir / "data")
        bundle.write_text(render((HERE / "bundle.json").read_text(), self.values))
        done = subprocess.run([self.binary, "import", "bundle", str(bundle), "--data", data],
                              capture_output=True, text=True, env=clean_env(), timeout=60)
        if done.returncode:
            raise SystemExit(f"import bundle ended with {done.returncode}:\n{done.stderr}")
        self.process = subprocess.Popen([self.binary, "serve", "--data", data, "--listen", self.values["HOST"]],
                                        stdout=self.log, stderr=subprocess.STDOUT, env=clean_env())
        for _ in range(1200):  # 60 s: far more than a start takes, still an end
            if self.process.poll() is not None:
                raise SystemExit(f"serve ended with {self.process.returncode}:\n{self.last_words()}")
            try:
                if call(self.port, "GET", "/healthz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise SystemExit(f"/healthz did not answer 200 within 60 s:\n{self.last_words()}")

    def last_words(self):
        self.log.flush()
        self.log.seek(0)
        return "".join(self.log.readlines()[-30:])

    def stop(self):
        """SIGTERM to the server we started; says what was wrong with its end, or None."""
        process, self.process = self.process, None
        if process.poll() is not None:
            return f"the server had ended by itself with {process.returncode}:\n{self.last_words()}"
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return "the server did not stop within 60 s of SIGTERM"
        return None if code == 0 else f"the server stopped with {code}:\n{self.last_words()}"

    def __exit__(self, *_):
        if self.process:
            self.stop()
        for server in (self.upstream, self.other_origin):
            server.shutdown()
            server.server_close()
        self.log.close()
        self.temp.cleanup()

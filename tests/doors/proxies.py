"""The real proxies, each with its shipped example: only addresses, ports and files are put in place of the placeholders."""
import os, pathlib, shutil, subprocess

from lab import HOST, PATIENCE, ROOT, clean_env, free_port, is_open, until

EXAMPLES = ROOT / "examples"


class Proxy:
    """`with Nginx(lab) as proxy:` serves on proxy.port."""

    asks = True  # False: passes everything on to Doorward

    def __init__(self, lab):
        self.lab, self.port = lab, free_port()
        self.dir = lab.dir / self.name
        self.dir.mkdir(exist_ok=True)
        self.dir.chmod(0o777)

    def render(self, file, *more):
        text = (EXAMPLES / self.name / file).read_text()
        for placeholder, value in [("127.0.0.1:8080", f"127.0.0.1:{self.lab.port}"), *more]:
            assert placeholder in text, f"examples/{self.name}/{file} has no {placeholder}"
            text = text.replace(placeholder, value)
        return text

    @property
    def application(self):
        return ("127.0.0.1:9000", f"127.0.0.1:{self.lab.application.port}")

    def write(self, file, text):
        (self.dir / file).write_text(text)
        return str(self.dir / file)

    def __enter__(self):
        log = open(self.dir / "log", "w")
        self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.dir,
                                        env=clean_env(HOME=str(self.dir), XDG_DATA_HOME=str(self.dir), XDG_CONFIG_HOME=str(self.dir)))

        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended:\n{(self.dir / 'log').read_text()[-2000:]}")
            return is_open(self.port)

        try:
            until(self.name, ready)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Nginx(Proxy):
    name = "nginx"

    def command(self):
        site = self.write("doorward.conf", self.render("doorward.conf", self.application, ("listen 80;", f"listen 127.0.0.1:{self.port};")))
        temp = "".join(f"  {kind}_temp_path {self.dir}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;\n" if os.getuid() == 0 else ""
        conf = f"{user}daemon off;\nworker_processes 1;\npid {self.dir}/pid;\nerror_log {self.dir}/error.log;\n"
        conf += f"events {{}}\nhttp {{\n  access_log off;\n{temp}  include {site};\n}}\n"
        return [shutil.which("nginx"), "-c", self.write("nginx.conf", conf), "-e", f"{self.dir}/error.log"]


class Caddy(Proxy):
    name = "caddy"

    def command(self):
        site = self.render("Caddyfile", self.application, (f"http://{HOST} {{", f"http://{HOST}:{self.port} {{"))
        file = self.write("Caddyfile", "{\n\tadmin off\n}\n" + site)
        return [shutil.which("caddy"), "run", "--config", file, "--adapter", "caddyfile"]


class Haproxy(Proxy):
    name = "haproxy"

    def command(self):
        lua = self.write("doorward.lua", (EXAMPLES / "haproxy/doorward.lua").read_text())
        text = self.render("haproxy.cfg", self.application, ("bind :80", f"bind 127.0.0.1:{self.port}"), ("/etc/haproxy/doorward.lua", lua))
        return [shutil.which("haproxy"), "-db", "-f", self.write("haproxy.cfg", text)]


class Apache(Proxy):
    name = "apache"
    asks = False

    def command(self):
        self.behind = free_port()
        app = self.dir / "app"
        app.mkdir(exist_ok=True)
        program = app / "who.cgi"
        program.write_text('#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n%s" "$HTTP_AUTHORIZATION"\n')
        program.chmod(0o755)
        text = self.render("doorward.conf", ("<VirtualHost *:80>", f"<VirtualHost 127.0.0.1:{self.port}>"),
                           ("127.0.0.1:9000>", f"127.0.0.1:{self.behind}>"), ('"/srv/app"', f'"{app}"'))
        modules = ["mpm_event", "authz_core", "authz_host", "proxy", "proxy_http", "headers", "setenvif", "cgid", "mime"]
        conf = "".join(f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so\n" for m in modules)
        conf += f"ServerRoot {self.dir}\nServerName localhost\nPidFile {self.dir}/pid\nErrorLog {self.dir}/error.log\nScriptSock {self.dir}/cgid\n"
        conf += f"Listen 127.0.0.1:{self.port}\nListen 127.0.0.1:{self.behind}\nTypesConfig /dev/null\n"
        if os.getuid() == 0:
            conf += "User www-data\nGroup www-data\n"
        return [shutil.which("apache2"), "-D", "FOREGROUND", "-f", self.write("apache.conf", conf + text)]


REAL = [Nginx, Caddy, Haproxy, Apache]

"""Requests that reach an application: by Doorward's own proxy with its check, by nginx that asks Doorward, by nginx alone."""
import pathlib

from . import load, servers

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "examples/nginx/doorward.conf"
BODY = '{"sites":[{"id":1,"name":"example","url":"https://example.com"},{"id":2,"name":"other","url":"https://other.example.com"}]}'


def application(work):
    return servers.nginx(work, "application", lambda port: f"""
server {{ listen 127.0.0.1:{port}; location / {{ default_type application/json; return 200 '{BODY}'; }} }}""")


def lanes(release, work):
    behind = application(work)
    trusting = {"DOORWARD_TRUSTED_PROXIES": "127.0.0.1/32"}
    door = servers.doorward(release, work, "gateway", [servers.site("bench", servers.HOST, upstream=behind.base)], trusting)
    plain = servers.nginx(work, "plain", lambda port: f"""
upstream application {{ server {behind.base[7:]}; keepalive 64; keepalive_requests 100000000; }}
server {{ listen 127.0.0.1:{port}; location / {{
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host; proxy_pass http://application; }} }}""")
    asking = servers.nginx(work, "asking", lambda port: example(port, door, behind))
    headers = [f"Host: {servers.HOST}", f"Authorization: Bearer {servers.token(door, servers.HOST)}"]
    lane = lambda name, server, pids: load.Lane(name, pids, f"{server.base}/api/v1/sites", headers)
    return [
        lane("nginx, proxy_pass", plain, plain.pids),
        lane("nginx, auth_request + proxy_pass", asking, asking.pids + door.pids),
        lane("Doorward's own proxy, check by JWT", door, door.pids),
    ]


def example(port, door, behind):
    """The shipped example, with other addresses, and with as many kept connections as the load has."""
    text = EXAMPLE.read_text()
    for old, new in [("127.0.0.1:8080", door.base[7:]), ("127.0.0.1:9000", behind.base[7:]), ("listen 80;", f"listen 127.0.0.1:{port};"),
                     ("keepalive 16;", "keepalive 64; keepalive_requests 100000000;")]:
        assert old in text, f"the example has no {old}"
        text = text.replace(old, new)
    return text


def say(lanes):
    load.heading("A request to an application (CPU of the application not counted; of nginx and Doorward together)")
    plain, asking, own = lanes
    plain.say()
    asking.say((plain, "proxy_pass", None))
    own.say((plain, "proxy_pass", None), (asking, "auth_request + proxy_pass", "1.0"))

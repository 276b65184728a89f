"""Traefik's questions, as its documentation specifies ForwardAuth: the values are those of the shipped example.

A GET to `address` with the client's headers and X-Forwarded-Method, -Proto, -Host, -Uri, -For; 2xx lets pass, and the headers
that match authResponseHeadersRegex are removed from the request and set from the answer; else the answer is the client's."""
import re, urllib.parse

import yaml

from corpus import PATHS, PROXIES_SAY, means_shut
from lab import BY_TOKEN, CLIENT, HOST, ROOT, ask

TOLD = {"X-Doorward-Site": "yoursite", "X-Doorward-User-Id": "7", "X-Doorward-User": "ann", "X-Doorward-Roles": "admin,editor",
        "X-Doorward-Level": "9", "X-Doorward-Scopes": "*"}
FORWARDED = ["X-Forwarded-Method", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Uri", "X-Forwarded-For"]
EXAMPLE = yaml.safe_load((ROOT / "examples/traefik/doorward.yaml").read_text())["http"]
ASKS = EXAMPLE["middlewares"]["doorward"]["forwardAuth"]


class Traefik:
    def __init__(self, lab):
        self.lab, self.path = lab, urllib.parse.urlsplit(ASKS["address"]).path

    def question(self, method, target, headers=()):
        assert ASKS["trustForwardHeader"] is False
        kept = [(k, v) for k, v in headers if k.title() not in FORWARDED]
        return [*kept, ("X-Forwarded-Method", method), ("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", HOST), ("X-Forwarded-Uri", target),
                ("X-Forwarded-For", CLIENT)]

    def send(self, headers):
        return ask(self.lab.port, "GET", self.path, headers, host=f"127.0.0.1:{self.lab.port}")

    def ask(self, method, target, headers=()):
        """(answer, headers the application gets or None)"""
        answer = self.send(self.question(method, target, list(headers)))
        if not 200 <= answer.status < 300:
            return answer, None
        mine = re.compile(ASKS["authResponseHeadersRegex"])
        onward = [(k, v) for k, v in headers if not mine.search(k)] + [(k.title(), v) for k, v in answer.headers if mine.search(k)]
        return answer, onward

    def allow(self):
        _, onward = self.ask("POST", "/admin/x?y", BY_TOKEN.items())
        assert {k: v for k, v in onward if k.startswith("X-Doorward")} == TOLD, onward
        _, onward = self.ask("GET", "/public")
        assert onward == [("X-Doorward-Site", "yoursite")], onward

    def refuse(self):
        for method, target, headers, status in (("GET", "/admin", {}, 401), ("POST", "/admin", {"Authorization": "token no"}, 401), ("GET", "/editors", BY_TOKEN, 403),
                                                ("GET", "/outside", {}, 403), ("TRACE", "/public", {}, 405), ("GET", "/admin", {"Origin": "https://page.example"}, 401)):
            answer, onward = self.ask(method, target, headers.items())
            straight = ask(self.lab.port, method, target, {**headers, "X-Forwarded-For": CLIENT})
            assert onward is None and answer.status == status == straight.status, (target, answer, straight)
            changing = re.compile(r'"(requestId|request_id|timestamp)":"[^"]*"')
            assert changing.sub("", answer.body) == changing.sub("", straight.body), (answer, straight)
            for name in ("WWW-Authenticate", "Content-Type", "Access-Control-Allow-Origin"):
                assert answer.header(name) == straight.header(name), (name, answer.headers)

    def spoofed(self):
        for name in ("X-Doorward-User-Id", "X_Doorward_User_Id", "x.doorward.level", "X-Doorward_Level", "X-DOORWARD-ROLES"):
            answer, onward = self.ask("GET", "/public", [(name, "spoofed"), (name, "spoofed")])
            assert onward == [("X-Doorward-Site", "yoursite")], onward
        for name in ("X_Forwarded_Uri", "X_Forwarded_Method", "X-Original-URI", "X-Original-Method", "X-Forwarded.Uri"):
            answer, onward = self.ask("GET", "/admin", [(name, "/public")])
            assert answer.status == 401 and onward is None, (name, answer)

    def nobody_else_says_who_the_client_is(self):
        # Traefik itself removes these from clients that it was not told to trust, and says them anew.
        own = {f"x-forwarded-{rest}" for rest in ("for", "host", "method", "port", "prefix", "proto", "server", "uri")} | {"x-real-ip"}
        emptied = {k.lower() for k, v in EXAMPLE["middlewares"]["nobody-elses-words"]["headers"]["customRequestHeaders"].items() if v == ""}
        assert EXAMPLE["routers"]["application"]["middlewares"][0] == "nobody-elses-words"
        for name in map(str.lower, PROXIES_SAY):
            assert name in emptied or name in own, name
            assert "-" not in name or name.replace("-", "_") in emptied, name

    def what_is_missing_or_double_is_shut(self):
        good = self.question("GET", "/public")
        assert self.send(good).status == 204
        for name in FORWARDED:
            for bad in ([h for h in good if h[0] != name], [*good, (name, dict(good)[name])], [(k, "" if k == name else v) for k, v in good],
                        [(k, "\xff" if k == name else v) for k, v in good]):
                if len(bad) > len(good) and name == "X-Forwarded-For":
                    continue  # one list in two lines is still one list
                assert self.send(bad).status == 403, (name, bad)
        for name, value in (("X-Forwarded-Proto", "ftp"), ("X-Forwarded-Uri", "public"), ("X-Forwarded-Uri", "http://x/public"), ("X-Forwarded-Uri", "/public#x"),
                            ("X-Forwarded-Host", "app.example.com, x"), ("X-Forwarded-For", "unknown"), ("X-Forwarded-Method", "GET x")):
            assert self.send([(k, value if k == name else v) for k, v in good]).status == 403, (name, value)
        assert self.send([(k, "other.example.com" if k == "X-Forwarded-Host" else v) for k, v in good]).status == 404

    def preflights_are_sent_to_doorward(self):
        rule = EXAMPLE["routers"]["doorward"]["rule"]
        assert "Method(`OPTIONS`)" in rule and EXAMPLE["routers"]["doorward"]["priority"] > EXAMPLE["routers"]["application"]["priority"]
        answer, onward = self.ask("OPTIONS", "/admin", [("Origin", "https://page.example"), ("Access-Control-Request-Method", "GET")])
        assert onward is None and answer.header("X-Doorward-Send-Here") == "1", answer
        own = re.search(r"PathRegexp\(`([^`]*)`\)", rule)[1]
        for path in ("/api/v1/jwt", "/api/v1/auth", "/v1/auth/login", "/api/v1/token/generate", "/v1/api-keys/3", "/v1/users/me"):
            assert re.search(own, path), path
            assert self.ask("POST", path)[1] is None, path

    def paths(self):
        for target in PATHS:
            if target.startswith("/") and target.isascii() and not re.search(r"[\s]", target):
                _, onward = self.ask("GET", target)
                assert onward is None or not means_shut(target), target


def cases(lab):
    door = Traefik(lab)
    return [(f"traefik {name}", getattr(door, name))
            for name in ("allow", "refuse", "spoofed", "nobody_else_says_who_the_client_is", "what_is_missing_or_double_is_shut", "preflights_are_sent_to_doorward", "paths")]

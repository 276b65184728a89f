"""Envoy's questions over HTTP and over gRPC. The gRPC client is Google's, the messages are generated from Envoy's own API, and
the shipped examples are read into that API's configuration messages: a name that Envoy does not know fails here.

What Envoy does with an answer follows its documentation of ext_authz; each answer is applied to the client's request."""
import re, urllib.parse

import grpc, yaml
from google.protobuf import json_format
from envoy.config.bootstrap.v3 import bootstrap_pb2
from envoy.extensions.filters.http.ext_authz.v3 import ext_authz_pb2  # noqa: F401, for the configuration's Any
from envoy.extensions.filters.http.router.v3 import router_pb2  # noqa: F401
from envoy.extensions.filters.network.http_connection_manager.v3 import http_connection_manager_pb2
from envoy.extensions.http.early_header_mutation.header_mutation.v3 import header_mutation_pb2  # noqa: F401
from envoy.extensions.upstreams.http.v3 import http_protocol_options_pb2  # noqa: F401
from envoy.service.auth.v3 import external_auth_pb2, external_auth_pb2_grpc

from corpus import PATHS, PROXIES_SAY, means_shut
from lab import BY_TOKEN, CLIENT, HOST, ROOT, Answer, ask, until
from traefik import TOLD

CHANGING = re.compile(r'"(requestId|request_id|timestamp)":"[^"]*"')


def example(name):
    """The connection manager and the ext_authz filter of a shipped example."""
    read = yaml.safe_load((ROOT / f"examples/{name}/envoy.yaml").read_text())
    bootstrap = json_format.ParseDict(read, bootstrap_pb2.Bootstrap())
    manager = http_connection_manager_pb2.HttpConnectionManager()
    assert bootstrap.static_resources.listeners[0].filter_chains[0].filters[0].typed_config.Unpack(manager)
    filter = ext_authz_pb2.ExtAuthz()
    assert manager.http_filters[0].typed_config.Unpack(filter) and not filter.failure_mode_allow
    return manager, filter


class Door:
    def __init__(self, lab):
        self.lab = lab
        self.manager, self.filter = example(self.name)
        mutations = header_mutation_pb2.HeaderMutation()
        assert self.manager.early_header_mutation_extensions[0].typed_config.Unpack(mutations)
        self.removed = {m.remove for m in mutations.mutations}

    def early(self, headers):
        """The client's headers after the connection manager; None if it refuses them."""
        if any("_" in k for k, _ in headers):
            return None
        return [(k.lower(), v) for k, v in headers if k.lower() not in self.removed] + [("x-forwarded-for", CLIENT)]

    def allow(self):
        onward = self.ask("POST", "/admin/x?y", BY_TOKEN.items())[1]
        assert {k.title(): v for k, v in onward if k.startswith("x-doorward")} == TOLD, onward
        assert not [k for k, _ in onward if k in ("x-request-id", "cache-control")], onward
        onward = self.ask("GET", "/public", {})[1]
        assert [(k, v) for k, v in onward if k.startswith("x-doorward")] == [("x-doorward-site", "yoursite")], onward

    def refuse(self):
        for method, target, headers, status in (("GET", "/admin", {}, 401), ("POST", "/admin", {"Authorization": "token no"}, 401), ("GET", "/editors", BY_TOKEN, 403),
                                                ("GET", "/outside", {}, 403), ("PURGE", "/admin", {}, 401), ("GET", "/admin", {"Origin": "https://page.example"}, 401),
                                                ("DELETE", "/posts", {"X-HTTP-Method-Override": "TRACE"}, None)):
            answer, onward = self.ask(method, target, headers.items())
            straight = ask(self.lab.port, method, target, {**headers, "X-Forwarded-For": CLIENT})
            if status is None:
                assert (onward is None) == (straight.status >= 400), (answer, straight)
                continue
            assert onward is None and answer.status == status == straight.status, (target, answer, straight)
            assert CHANGING.sub("", answer.body) == CHANGING.sub("", straight.body), (answer, straight)
            for name in ("WWW-Authenticate", "Content-Type", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers"):
                assert answer.header(name) == straight.header(name), (name, answer.headers, straight.headers)

    def spoofed(self):
        for name in ("X-Doorward-User-Id", "X_Doorward_User_Id", "x.doorward.level", "x-doorward.level", "X-DOORWARD-ROLES", "x.doorward-user.id"):
            _, onward = self.ask("GET", "/public", [(name, "spoofed")])
            assert onward is None or [(k, v) for k, v in onward if k.startswith(("x-doorward", "x.doorward"))] == [("x-doorward-site", "yoursite")], onward
            _, onward = self.ask("GET", "/admin", [(name, "spoofed"), *BY_TOKEN.items()])
            assert onward is None or {k.title(): v for k, v in onward if k.startswith(("x-doorward", "x.doorward"))} == TOLD, onward
        for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
            assert self.ask("GET", "/outside", [(name, "203.0.113.9")])[0].status == 403, name

    def nobody_else_says_who_the_client_is(self):
        # With use_remote_address Envoy itself says these anew.
        own = {"x-forwarded-proto", "x-envoy-external-address", "x-envoy-internal"}
        assert self.manager.use_remote_address.value
        for name in map(str.lower, PROXIES_SAY):
            assert name in self.removed or name in own, name
            if "-" in name:
                assert self.early([(name.replace("-", "_"), "x")]) is None and self.manager.common_http_protocol_options.headers_with_underscores_action == 1

    def only_websocket_upgrades(self):
        assert [u.upgrade_type for u in self.manager.upgrade_configs] == ["websocket"]

    def hidden_credentials(self):
        rule = {"match": "prefix", "strip_credential": True}
        first = [{"path": "/bare", "auth": ["token"], "answers_as": "wporchestrix", **rule}, {"path": "/mixed", "auth": ["simple"], "answers_as": "wncms", **rule}]
        try:
            self.lab.import_bundle(first)
            until("the rules", lambda: ask(self.lab.port, "GET", "/bare").status == 401)
            _, onward = self.ask("GET", "/bare/x", BY_TOKEN.items())
            assert onward and "authorization" not in [k for k, _ in onward] and ("x-doorward-user-id", "7") in [(k.lower(), v) for k, v in onward], onward
            # In the query it cannot be removed: shut, not shown.
            answer, onward = self.ask("GET", f"/mixed/x?api_token={BY_TOKEN['Authorization'].split()[1]}", {})
            assert onward is None and answer.status == 403, (answer, onward)
        finally:
            self.lab.import_bundle()
        _, onward = self.ask("GET", "/admin", BY_TOKEN.items())
        assert "authorization" in [k for k, _ in onward], onward

    def preflight(self):
        answer, onward = self.ask("OPTIONS", "/admin", [("Origin", "https://page.example"), ("Access-Control-Request-Method", "DELETE")])
        assert onward is None and answer.status == 204 and answer.header("Access-Control-Allow-Methods") == "DELETE", (answer, answer.headers)
        assert answer.header("Access-Control-Allow-Origin") == "*", answer.headers

    def own_endpoints_are_sent_to_doorward(self):
        own = self.manager.route_config.virtual_hosts[0].routes[1]
        assert own.route.cluster == "doorward"
        for path in ("/api/v1/jwt", "/api/v1/auth", "/v1/auth/login", "/api/v1/token/generate", "/v1/api-keys/3", "/v1/users/me"):
            assert re.fullmatch(own.match.safe_regex.regex, path), path
            assert self.ask("POST", path, {})[1] is None, path

    def paths(self):
        for target in PATHS:
            if target.startswith("/") and target.isascii() and not re.search(r"[\s#]", target):
                _, onward = self.ask("GET", target, {})
                assert onward is None or not means_shut(target), target

    def store_down(self):
        assert self.ask("GET", "/admin", BY_TOKEN.items())[1]
        self.lab.postgres.stop()
        try:
            answer, onward = self.ask("GET", "/admin", {"Authorization": "token nobody-has-this-one"}.items())
            assert onward is None and (answer.status, answer.body) == (503, '{"error":"Service Unavailable"}'), answer
            assert self.ask("GET", "/admin", BY_TOKEN.items())[1]
        finally:
            self.lab.postgres.start()


class Http(Door):
    """`path_prefix` and the original path, the original method and Host; 200 lets pass."""

    name = "envoy-http"

    def ask(self, method, target, headers):
        client = self.early(list(dict(headers).items()) if isinstance(headers, dict) else list(headers))
        if client is None:
            return Answer(400, [], ""), None
        service, allowed = self.filter.http_service, self.filter.allowed_headers.patterns
        asked = [(k, v) for k, v in client if k == "authorization" or any(k == p.exact or (p.prefix and k.startswith(p.prefix)) for p in allowed)]
        answer = ask(self.lab.port, method, service.path_prefix + target, [*asked, ("Content-Length", "0")])
        if answer is None or answer.status != 200:
            return answer or Answer(400, [], ""), None
        upstream = [p.prefix for p in service.authorization_response.allowed_upstream_headers.patterns]
        told = [(k.lower(), v) for k, v in answer.headers if any(k.lower().startswith(p) for p in upstream)]
        removed = answer.header("x-envoy-auth-headers-to-remove").split(",")
        names = [k for k, _ in told]
        return answer, [(k, v) for k, v in client if k not in names and k not in removed] + told

    def what_is_missing_or_double_is_shut(self):
        path = "/_doorward/check/envoy/public"
        good = [("X-Forwarded-For", CLIENT)]
        assert ask(self.lab.port, "GET", path, good).status == 200
        for bad in ([], [("X-Forwarded-For", "unknown")], [("X-Forwarded-For", "")], [*good, ("Host", HOST)]):
            assert ask(self.lab.port, "GET", path, bad).status in (400, 403), bad
        for path in ("/_doorward/check/envoy", "/_doorward/check/envoy?x=/public", "/_doorward/check/envoy//public"):
            assert ask(self.lab.port, "GET", path, good).status in (400, 403, 404), path
        assert ask(self.lab.port, "GET", "/_doorward/check/envoy/public", good, host="other.example.com").status == 404


class Grpc(Door):
    """A CheckRequest with everything that Envoy fills in."""

    name = "envoy-grpc"

    def __init__(self, lab):
        super().__init__(lab)
        assert self.filter.grpc_service.envoy_grpc.cluster_name == "doorward_grpc"
        self.stub = None

    def check(self, request):
        with grpc.insecure_channel(f"127.0.0.1:{self.lab.grpc}", options=[("grpc.enable_http_proxy", 0)]) as channel:
            return external_auth_pb2_grpc.AuthorizationStub(channel).Check(request, timeout=20)

    def question(self, method, target, headers, raw=False):
        request = external_auth_pb2.CheckRequest()
        attributes = request.attributes
        attributes.source.address.socket_address.address, attributes.source.address.socket_address.port_value = CLIENT, 50123
        attributes.destination.address.socket_address.address, attributes.destination.address.socket_address.port_value = "127.0.0.1", 80
        attributes.request.time.GetCurrentTime()
        http = attributes.request.http
        http.id, http.method, http.path, http.host, http.scheme, http.protocol, http.size = "1", method, target, HOST, "http", "HTTP/1.1", -1
        pseudo = [(":method", method), (":path", target), (":authority", HOST), (":scheme", "http"), ("x-request-id", "an-id")]
        for name, value in [*pseudo, *headers]:
            if raw:
                http.header_map.headers.add(key=name, raw_value=value.encode())
            else:
                http.headers[name] = f"{http.headers[name]},{value}" if name in http.headers else value
        attributes.metadata_context.SetInParent()
        attributes.context_extensions["virtual_host"] = "app"
        return request

    def ask(self, method, target, headers, raw=False):
        client = self.early(list(dict(headers).items()) if isinstance(headers, dict) else list(headers))
        if client is None:
            return Answer(400, [], ""), None
        response = self.check(self.question(method, target, client, raw))
        if response.status.code == 0:
            assert response.WhichOneof("http_response") == "ok_response"
            ok = response.ok_response
            onward = [(k, v) for k, v in client if k not in [o.header.key for o in ok.headers]]
            for option in ok.headers:
                assert option.HasField("append") and not option.append.value, "a version of Envoy would append"
                onward.append((option.header.key, option.header.value))
            return None, [(k, v) for k, v in onward if k not in ok.headers_to_remove and k != "x-request-id"]
        denied = response.denied_response
        assert response.WhichOneof("http_response") == "denied_response" and denied.status.code
        return Answer(denied.status.code, [(o.header.key, o.header.value) for o in denied.headers], denied.body), None

    def raw_headers(self):
        assert self.ask("GET", "/admin", BY_TOKEN.items(), raw=True)[1]
        assert self.ask("GET", "/admin", {}, raw=True)[0].status == 401

    def what_is_missing_or_double_is_shut(self):
        def good():
            return self.question("GET", "/public", [("x-forwarded-for", CLIENT)])

        def broken(how):
            request = good()
            how(request.attributes)
            return self.check(request)

        assert self.check(good()).status.code == 0
        for how in (lambda a: a.ClearField("source"), lambda a: a.ClearField("request"), lambda a: a.request.ClearField("http"),
                    lambda a: a.request.http.ClearField("method"), lambda a: a.request.http.ClearField("path"), lambda a: a.request.http.ClearField("host"),
                    lambda a: a.request.http.ClearField("scheme"), lambda a: setattr(a.request.http, "scheme", "ftp"),
                    lambda a: setattr(a.request.http, "path", "/admin"), lambda a: setattr(a.request.http, "method", "POST"),
                    lambda a: setattr(a.request.http, "host", "other.example.com"), lambda a: setattr(a.request.http, "query", "x"),
                    lambda a: setattr(a.request.http, "fragment", "x"), lambda a: setattr(a.source.address.socket_address, "address", "unix"),
                    lambda a: a.request.http.header_map.headers.add(key="x", value="y"), lambda a: a.request.http.headers.update({"host": "x"}),
                    lambda a: a.request.http.headers.update({"a b": "x"}), lambda a: a.request.http.headers.update({"x": "a\nb"}),
                    lambda a: a.source.address.pipe.SetInParent()):
            response = broken(how)
            assert response.status.code != 0 and response.denied_response.status.code in (403, 404), response
        assert self.check(external_auth_pb2.CheckRequest()).status.code != 0

    def what_is_no_question_is_no_answer(self):
        with grpc.insecure_channel(f"127.0.0.1:{self.lab.grpc}", options=[("grpc.enable_http_proxy", 0)]) as channel:
            for method, data, code in (("/envoy.service.auth.v3.Authorization/Other", b"", grpc.StatusCode.UNIMPLEMENTED),
                                       ("/envoy.service.auth.v3.Authorization/Check", b"\xff\xff\xff", grpc.StatusCode.INVALID_ARGUMENT),
                                       ("/envoy.service.auth.v3.Authorization/Check", b"\x0a\x05", grpc.StatusCode.INVALID_ARGUMENT),
                                       ("/envoy.service.auth.v3.Authorization/Check", bytes(3 << 20), grpc.StatusCode.RESOURCE_EXHAUSTED)):
                try:
                    answer = channel.unary_unary(method, request_serializer=None, response_deserializer=None)(data, timeout=20)
                    raise AssertionError(f"{method}: {answer!r}")
                except grpc.RpcError as e:
                    assert e.code() == code, e
        assert self.ask("GET", "/public", {})[1], "the server goes on"


def cases(lab):
    for kind in (Http, Grpc):
        door = kind(lab)
        shared = [n for n in vars(Door) if not n.startswith("_") and n != "early"]
        own = [n for n in vars(kind) if not n.startswith("_") and n not in ("name", "ask", "check", "question")]
        for name in [*shared, *own]:
            yield f"{door.name} {name}", getattr(door, name)

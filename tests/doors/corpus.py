"""Paths that could mean two things, and an application that means all of them at once."""
import itertools, urllib.parse

SHUT = "/admin"

# By these, proxies, balancers and delivery networks tell applications of the client: its address, scheme, host, path or method.
PROXIES_SAY = """Forwarded X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Forwarded-By X-Forwarded-Client-Cert X-Forwarded-For-Original
    X-Forwarded-Method X-Forwarded-Path X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-Protocol X-Forwarded-Scheme X-Forwarded-Server X-Forwarded-Ssl
    X-Forwarded-Uri X-Forwarded-User X-Real-IP Client-IP X-Client-IP True-Client-IP X-Cluster-Client-IP CF-Connecting-IP CF-Connecting-IPv6
    CF-Pseudo-IPv4 Fastly-Client-IP Fly-Client-IP DO-Connecting-IP Incap-Client-IP CDN-Src-IP Ali-CDN-Real-IP X-Azure-ClientIP X-Azure-SocketIP
    X-Sucuri-ClientIP X-NF-Client-Connection-IP X-AppEngine-User-IP X-Envoy-External-Address X-Envoy-Internal CloudFront-Viewer-Address
    X-Vercel-Forwarded-For Proxy-Client-IP WL-Proxy-Client-IP X-ProxyUser-IP X-Remote-IP X-Remote-Addr X-Originating-IP X-Scheme X-Url-Scheme X-Proto
    X-Https Front-End-Https X-ARR-SSL Fastly-SSL CF-Visitor CloudFront-Forwarded-Proto WL-Proxy-SSL X-Host X-HTTP-Host-Override X-Original-Host
    X-Envoy-Original-Host X-Original-URL X-Original-URI X-Original-Method X-Original-Forwarded-For X-Rewrite-URL X-Envoy-Original-Path
    X-Envoy-Original-Method X-WAWS-Unencoded-URL Proxy""".split()

HOPS = ["..", "%2e%2e", "%2E%2E", ".%2e", "%2e.", "..;", "..;x=1", "%252e%252e", "..%00", "%c0%ae%c0%ae"]
SLASHES = ["/", "//", "/./", "\\", "%2f", "%2F", "%5c", "%5C", "/;/", "%252f", "/%2e/"]

PATHS = sorted(set(
    [f"/public{slash}{hop}{after}admin" for hop, slash, after in itertools.product(HOPS, SLASHES, SLASHES)]
    + [f"{front}admin{back}" for front, back in itertools.product(
        ["/", "//", "///", "/./", "/.//", "/%2e/", "/;/", "/x/../", "/x/%2e%2e/", "\\", "/\\", "%2f", "/%2f", "/public/../", "/public/x/../../"],
        ["", "/", "//", "/.", "/x", ".", "..", ";", ";x", ";/x", "%00", "%20", "%09", "%0a", "#", "#/x", "?", "?x=/../", "%3f", "%23", "\\", "%5c",
         "%2f", "%2f..", "/..", "/%2e%2e/admin", "/../admin", ".json", ".php", "%", "%zz", "%2"])]
    + ["/Admin", "/ADMIN", "/aDmin/x", "/%61dmin", "/%41dmin", "/adm%69n", "/adm%49n", "/admin%C3%A9", "/%2561dmin", "/a%64min/../public",
       "/admin/../public", "/public/..", "/public/../", "/public/%2e%2e", "/public/.", "/public//x", "/public/;x", "/public;x/y", "/index.php/admin",
       "/public/index.php/../../admin", "/?rest_route=/admin", "/index.php?rest_route=/admin", "/public?rest_route=/admin", "*",
       "http://app.example.com/admin", "http://app.example.com/public/../admin", "http://other.example.com/admin", "http://app.example.com",
       "http://app.example.com//admin", "https://app.example.com/admin", "/public?x=/../admin", "/public/x?y#z", "/public#/../admin",
       "/caf%C3%A9/../admin", "/public/%ff/../admin", "/public/..%ff/admin", "admin", "./admin", "../admin", "?/admin", "/public/a:b", "/public/%7e",
       "/public/%7E~", "/public/a+b%2Bc", "/public/a%20b", "/public/!$&'()*,;=:@", "/public/!$&'()*,=:@", "/public/%21%24", "/public/{x}", "/public/|",
       "/public/\"", "/public/<x>", "/public/^`", "/public/[1]", "/public/%5B1%5D", "/admin\t", "/admin%e2%80%8b", "/\u00e9/../admin"]))


def means(target):
    """Every path that some application would take the target for. Trailing dots and blanks stay: Doorward
    judges them as they are, and an application that drops them needs a rule that says so."""
    if "://" in target.split("?")[0]:
        rest = target.split("://", 1)[1]
        target = "/" + rest.split("/", 1)[1] if "/" in rest else "/"
    target = target.split("?")[0].split("#")[0]
    found, todo = set(), {target}
    while todo:
        one = todo.pop()
        if one in found or len(found) > 500:
            continue
        found.add(one)
        todo |= {one.split("\0")[0], one.lower(), one.replace("\\", "/"), one.replace("//", "/"),
                 urllib.parse.unquote(one, errors="replace"), "/".join(s.split(";")[0] for s in one.split("/"))}
        parts = []
        for part in one.split("/"):
            if part == "..":
                parts = parts[:-1] if len(parts) > 1 else parts
            elif part != ".":
                parts.append(part)
        todo.add("/".join(parts) if parts[:1] == [""] else "/" + "/".join(parts))
    return found


def means_shut(target):
    """True if somebody could take it for the shut part of the site."""
    return any(one == SHUT or one.startswith(SHUT + "/") for one in means(target))

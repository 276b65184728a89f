"""Compares an answer with what expect.json says of it.

A shape is JSON: members and their order count, literals are exact. Beside that:
  "@string", "@int", "@any"     a kind of value
  "@re PATTERN"                 a text that matches from end to end
  {"@any_of": [shape, …]}       one of them
  {"@jwt": {"header": exact JSON text, "claims": {listed ones only}, "life": exp - iat, "holds": payload text}}
A shape "@@name" stands for the one of that name under "shapes"."""
import base64, json, re


def segment(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def same_json(want, got):
    """Equal values with members in the same order."""
    return json.dumps(want) == json.dumps(got)


def differences(want, got, shapes, at="body"):
    if isinstance(want, str) and want.startswith("@@"):
        want = shapes[want[2:]]
    if isinstance(want, dict) and "@any_of" in want:
        tries = [differences(w, got, shapes, at) for w in want["@any_of"]]
        return min(tries, key=len)
    if isinstance(want, dict) and "@jwt" in want:
        return jwt(want["@jwt"], got, shapes, at)
    if isinstance(want, dict) and isinstance(got, dict):
        if list(want) != list(got):
            return [f"{at}: members {list(want)} expected, {list(got)} found"]
        return [d for k in want for d in differences(want[k], got[k], shapes, f"{at}.{k}")]
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        return [d for i, (w, g) in enumerate(zip(want, got)) for d in differences(w, g, shapes, f"{at}[{i}]")]
    if want == "@any":
        return []
    if want == "@string":
        good = isinstance(got, str) and got != ""
    elif want == "@int":
        good = type(got) is int
    elif isinstance(want, str) and want.startswith("@re "):
        good = isinstance(got, str) and re.fullmatch(want[4:], got)
    else:
        good = type(want) is type(got) and want == got
    return [] if good else [f"{at}: {json.dumps(want)} expected, {json.dumps(got)} found"]


def jwt(want, got, shapes, at):
    if not (isinstance(got, str) and re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", got)):
        return [f"{at}: a JWT expected, {json.dumps(got)} found"]
    header, payload = (segment(s) for s in got.split(".")[:2])
    claims, found = json.loads(payload), []
    if header != want["header"]:
        found.append(f"{at}: JOSE header {want['header']} expected, {header} found")
    for name, shape in want.get("claims", {}).items():
        found += differences(shape, claims.get(name), shapes, f"{at} claim {name}")
    if "life" in want and claims.get("exp", 0) - claims.get("iat", 0) != want["life"]:
        found.append(f"{at}: a life of {want['life']} s expected, claims are {payload}")
    if want.get("holds", "") not in payload:
        found.append(f"{at}: {want['holds']} expected in {payload}")
    return found

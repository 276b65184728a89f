"""A check among few rules and among many, about another page each time: the last rule is the one that fits."""
from . import load, servers

COUNTS = [10, 1_000, 100_000]


def lanes(release, work):
    sites = [servers.site(f"rules-{count}", f"r{count}.example", rules=list(rules(count))) for count in COUNTS]
    door = servers.doorward(release, work, "rules", sites)
    lane = lambda count: load.Lane(f"Doorward, check by API token, {count:,} rules", door.pids, f"{door.base}/_doorward/check/nginx", [
        "X-Original-Method: GET", f"X-Original-URI: /area/{count - 1:06}", f"Host: r{count}.example",
        f"Authorization: token {servers.API_TOKEN}-rules-{count}"], load.PAGES)
    return [lane(count) for count in COUNTS]


def rules(count):
    for number in range(count):
        yield {"path": f"/area/{number:06}", "match": "prefix", "methods": ["GET"], "auth": ["token", "bearer"], "answers_as": "wporchestrix"}


def say(lanes):
    load.heading("A check among many rules")
    few, *many = lanes
    few.say()
    for lane in many:
        lane.say((few, f"{COUNTS[0]} rules", "1.2"))

"""What a proxy in front asks: may this request pass? By JWT and by API token, about one page again and again and about another
page each time, beside servers that answer 204 to anything."""
from . import load, servers


def lanes(release, work, hyper, nginx):
    door = servers.doorward(release, work, "check", [servers.site("bench", servers.HOST)])
    asked = ["X-Original-Method: GET", "X-Original-URI: /api/v1/sites", f"Host: {servers.HOST}"]
    jwt = [*asked, f"Authorization: Bearer {servers.token(door, servers.HOST)}"]
    api = [*asked, f"Authorization: token {servers.API_TOKEN}-bench"]
    path = "/_doorward/check/nginx"
    # The same request to everybody: reading its head is part of the price.
    return door, [
        load.Lane("bare hyper, 204", hyper.pids, hyper.base + path, jwt),
        load.Lane("nginx, return 204", nginx.pids, nginx.base + path, jwt),
        load.Lane("Doorward, JWT, the same page", door.pids, door.base + path, jwt),
        load.Lane("Doorward, API token, the same page", door.pids, door.base + path, api),
        load.Lane("Doorward, JWT, another page each time", door.pids, door.base + path, jwt, load.PAGES),
        load.Lane("Doorward, API token, another page each time", door.pids, door.base + path, api, load.PAGES),
    ]


def say(lanes):
    load.heading("A check of what may pass")
    hyper, nginx, *checks = lanes
    hyper.say()
    nginx.say((hyper, "bare hyper", None))
    for check in checks:
        check.say((hyper, "bare hyper", "1.25"))

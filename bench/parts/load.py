"""The load: lanes that take turns, round by round, so that a busy moment hits all alike."""
import pathlib, re, statistics, subprocess, sys, time

from . import machine

# For what is asked about another page each time: nothing is answered from memory as a whole then.
PAGES = pathlib.Path(__file__).with_name("pages.lua")


class Lane:
    """One request, asked again and again of one address; its price is the CPU time of `pids`."""

    def __init__(self, name, pids, url, headers, script=None):
        self.name, self.pids, self.url, self.headers, self.script = name, pids, url, headers, script
        self.micros, self.rates = [], []

    def run(self, seconds, counts):
        before, begun = machine.cpu(self.pids), time.perf_counter()
        count = wrk(self.url, seconds, self.headers, self.script)
        micros, rate = (machine.cpu(self.pids) - before) * 1e6 / count, count / (time.perf_counter() - begun)
        if counts:
            self.micros.append(micros)
            self.rates.append(rate)

    def ratio(self, other):
        """The median of the ratios to another lane, round by round."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.micros, other.micros))

    def say(self, *against):
        """A line: this lane, and its ratio to others, each with the aim for it."""
        spread = f"{min(self.micros):.2f} … {max(self.micros):.2f}"
        line = f"  {self.name:44}{statistics.median(self.micros):8.2f}{spread:>18}{statistics.median(self.rates):9.0f}"
        for other, what, aim in against:
            line += f"   {self.ratio(other):.2f} × {what}" + (f" (aim {aim})" if aim else "")
        print(line)


def rounds(lanes, count, seconds):
    """Runs the lanes in turn; the first round warms up and is not counted."""
    for round_ in range(count + 1):
        for lane in lanes:
            lane.run(seconds if round_ else 1, round_ > 0)


def heading(text):
    print(f"{text}\n  {'':44}{'CPU µs':>8}{'min … max':>18}{'per s':>9}")


def wrk(url, seconds, headers, script=None):
    command = ["wrk", "-t1", "-c64", f"-d{seconds}s"]
    if script:
        command += ["-s", str(script)]
    for header in headers:
        command += ["-H", header]
    out = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"{url} refused: {out}")
    return int(re.search(r"(\d+) requests in", out).group(1))

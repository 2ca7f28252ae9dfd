#!/usr/bin/env python3
# test_fetch.py - tamis fetch against a server on this machine that does everything wrong.
# SPDX-License-Identifier: Apache-2.0
import collections, gzip, http.server, os, random, re, subprocess, sys, tempfile, threading, time

BODY = gzip.compress(random.Random(7).randbytes(300_000))
asked = collections.Counter()
times = collections.defaultdict(list)

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *a): pass

    def reply(self, status, body=b"", length=None, stop=None, hang=0, **headers):
        self.send_response(status)
        for k, v in headers.items():
            self.send_header(k.replace("_", "-"), v)
        if length is not None or body is not None:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body[:stop])
        self.wfile.flush()
        if hang:
            time.sleep(hang)
        if stop is not None or length not in (None, len(body)):
            self.close_connection = True

    def ranged(self, body, **how):
        m = re.match(r"bytes=(\d+)-$", self.headers.get("Range") or "")
        if not m:
            return self.reply(200, body, **how)
        at = int(m[1])
        if at >= len(body):
            return self.reply(416, Content_Range=f"bytes */{len(body)}")
        self.reply(206, body[at:], Content_Range=f"bytes {at}-{len(body) - 1}/{len(body)}", **how)

    def do_GET(self):
        way = self.path.split("/")[-1].split(".")[0]
        n = asked[way]; asked[way] += 1
        times[way].append(time.time())
        if self.path == "/crawl-data/CC-TEST/wet.paths.gz":
            return self.reply(200, gzip.compress(b"".join(b"crawl-data/CC-TEST/%d/whole%d.gz\n" % (i, i) for i in range(5))))
        if way == "cut": return self.ranged(BODY, stop=70_000) if n < 4 else self.ranged(BODY)
        if way == "busy": return self.reply(503, b"slow down", Retry_After="1") if n < 2 else self.ranged(BODY)
        if way == "norange": return self.reply(200, BODY, stop=100_000 if n < 2 else None)
        if way == "shifted":
            if n == 0: return self.reply(200, BODY, stop=100_000)
            if n == 1: return self.reply(206, BODY[5:], Content_Range=f"bytes 5-{len(BODY) - 1}/{len(BODY)}")
            return self.reply(200, BODY)
        if way == "long": return self.reply(200, BODY, length=len(BODY) + 1000) if n == 0 else self.ranged(BODY)
        if way == "slow": return self.ranged(BODY, stop=50_000, hang=4) if n == 0 else self.ranged(BODY)
        if way == "changed":
            if n == 0: return self.reply(200, BODY[:9] + b"old" + BODY[12:], stop=50_000, ETag='"1"')
            return self.reply(200, BODY, ETag='"2"') if self.headers.get("If-Range") != '"2"' else self.ranged(BODY)
        if way == "page": return self.reply(200, b"<html>sorry</html>")
        if way == "gone": return self.reply(404, b"no such file")
        if way == "moved": return self.reply(302, Location="/whole.gz")
        if way == "refused": self.close_connection = True; return self.connection.close()
        return self.ranged(BODY)

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}"
count = 0

def ok(good, name, note=""):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}{'  # ' + note if note else ''}", flush=True)

def fetch(*args, lines=(), into):
    return subprocess.run(["tamis", "fetch", "-o", into, "-j4", "--backoff", "0.05", "--stall", "1", "--tries", "4", *args],
                          input="\n".join(lines), capture_output=True, text=True, timeout=60)

def content(path):
    return open(path, "rb").read() if os.path.exists(path) else None

print("1..22")
with tempfile.TemporaryDirectory() as tmp:
    ways = ["whole", "cut", "busy", "norange", "shifted", "long", "slow", "changed", "moved"]
    open(f"{tmp}/.left.gz.part", "wb").write(BODY[:1234])
    open(f"{tmp}/.full.gz.part", "wb").write(BODY)
    open(f"{tmp}/.toolong.gz.part", "wb").write(BODY + b"more")
    all_ways = ways + ["left", "full", "toolong"]
    r = fetch(lines=[f"{base}/{w}.gz" for w in all_ways], into=tmp)
    for w in all_ways:
        ok(content(f"{tmp}/{w}.gz") == BODY, w, f"{asked[w]} requests")
    ok(r.returncode == 0 and sorted(r.stdout.split()) == sorted(f"{tmp}/{w}.gz" for w in all_ways), "exit 0, and every name is printed")
    ok(times["busy"][1] - times["busy"][0] >= 1, "Retry-After is waited for")
    ok(asked["left"] == 1 and not [f for f in os.listdir(tmp) if f.endswith(".part")], "a part is continued, and none is left")
    before = dict(asked)
    r = fetch(lines=[f"{base}/{w}.gz" for w in all_ways], into=tmp)
    ok(r.returncode == 0 and dict(asked) == before, "what is there is not asked for again")

with tempfile.TemporaryDirectory() as tmp:
    r = fetch(lines=[f"{base}/{w}.gz" for w in ("page", "gone", "refused", "whole")], into=tmp)
    ok(r.returncode == 3 and "3 of 4 files could not be fetched" in r.stderr, "what cannot be had is said", r.stderr.split("\n")[0])
    ok([f for f in sorted(os.listdir(tmp)) if not f.startswith(".")] == ["whole.gz"], "no file that is not whole has its name")
    n = [asked[w] for w in ("gone", "page", "refused")]
    ok(n[:2] == [1, 4] and n[2] >= 4, "404 is asked for once, others --tries times", f"{n}")   # libcurl itself may ask twice on a kept connection

with tempfile.TemporaryDirectory() as tmp:
    r = fetch("--crawl", "CC-TEST", "--kind", "wet", "--range", "1-3", "--base-url", base, into=tmp)
    ok(sorted(os.listdir(tmp)) == ["CC-TEST.wet.paths.gz", "whole1.gz", "whole2.gz", "whole3.gz"], "--crawl --kind --range", r.stderr)
    r = fetch(lines=[f"{base}/a/x.gz", f"{base}/b/x.gz"], into=tmp)
    ok(r.returncode == 1 and "two URLs would be the file" in r.stderr, "two URLs of one name are refused")
    p = subprocess.Popen(["tamis", "fetch", "-o", tmp], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    asked["slow"] = 0
    p.stdin.write(f"{base}/slow.gz\n".encode()); p.stdin.close()
    while not os.path.exists(f"{tmp}/.slow.gz.part") or not os.path.getsize(f"{tmp}/.slow.gz.part"): time.sleep(0.05)
    p.kill(); p.wait()
    there = os.path.exists(f"{tmp}/slow.gz")
    fetch(lines=[f"{base}/slow.gz"], into=tmp)
    ok(not there and content(f"{tmp}/slow.gz") == BODY, "kill -9, then again: continued")

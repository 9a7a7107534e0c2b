#!/usr/bin/env python3
"""The alert set that BP-2, BP-4 and URO-1 must give for a file of facts, computed plainly and in one piece.

    expected.py events.ndjson              prints what holds, a line a finding
    expected.py events.ndjson alerts.json  compares it with the last state of each alert on the topic, as
        kcat -b BROKER -C -t ketavigil.alerts -e -q -o beginning -f '%s\\n' > alerts.json

Exit status: 0 equal, 1 not. Of the wire format only what generate.cc writes.
"""
import json
import sys
from datetime import datetime, timezone

KINDS = set("enrolment covariate condition medication plan dispense vital blood_pressure session score symptom culture lab adverse_event exit".split())
HIGHEST = {"bpic-ss": 38, "moca": 30, "phq-9": 27}  # the instruments that the generator uses
MINUTE = 60_000_000
DAY = 1440 * MINUTE
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
DETECTORS = ("BP-2", "BP-4", "URO-1")


def instant(text):
    since = datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def number(v):
    return isinstance(v, (int, float)) and not isinstance(v, bool)


def acceptable(f):
    if f.get("status") == "entered-in-error":
        return True
    if f.get("kind") not in KINDS:
        return False
    if instant(f["effective"]) > instant(f["recorded"]) + 10 * MINUTE:
        return False
    if f["kind"] == "blood_pressure":
        s, d = f.get("systolic"), f.get("diastolic")
        if not number(s) or not number(d):
            return False
        return 50 <= s <= 300 and 20 <= d <= 200 and s - d >= 10
    if f["kind"] == "score":
        return number(f["value"]) and 0 <= f["value"] <= HIGHEST[f["instrument"]]
    return True


def current(path):
    """patient -> its current, active facts, in order; and the count of deliveries by fate"""
    best, count, seen = {}, {"accepted": 0, "duplicate": 0, "quarantined": 0}, set()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            f = json.loads(line)
            if not acceptable(f):
                count["quarantined"] += 1
                continue
            if line in seen:  # exact resends; the generator makes no others
                count["duplicate"] += 1
                continue
            seen.add(line)
            count["accepted"] += 1
            version = 2  # of a final one
            if f.get("status") in ("corrected", "entered-in-error"):
                version = instant(f["recorded"]) // 1000
            key = (f["patient"], f["source"], f["id"])
            if key not in best or version > best[key][0]:
                best[key] = (version, f)
    patients = {}
    for (patient, _, _), (version, f) in best.items():
        if f.get("status") != "entered-in-error" and (f["kind"] in ("blood_pressure", "session") or f.get("instrument") == "bpic-ss"):
            f["at"], f["version"] = instant(f["effective"]), version
            patients.setdefault(patient, []).append(f)
    for facts in patients.values():
        facts.sort(key=lambda f: (f["at"], f["kind"] == "session", f["source"], f["id"]))
    return patients, count


def line_of(detector, patient, level, state, evidence):
    facts = ",".join(f"{f['source']}/{f['id']}/{f['version']}" for f in evidence)
    return "|".join((detector, patient, level, state, facts))


def findings(patient, facts):
    """A line a finding. Whether an occasion is resolved depends on the clock alone, so it is left out."""
    out = set()
    sessions = {f["id"]: {"start": f["at"], "severe": [], "surges": [], "computed": False} for f in facts if f["kind"] == "session"}
    for f in facts:
        if f["kind"] != "blood_pressure":
            continue
        of = sessions[f["session"]]  # the generator leaves no session out
        if f["systolic"] >= 180 or f["diastolic"] >= 110:
            of["severe"].append(f)
        if f["phase"] == "pre" and f["at"] <= of["start"]:
            of["pre"] = f
        if f["phase"] != "peak" and not 0 < f["at"] - of["start"] <= 90 * MINUTE:
            continue
        if "pre" not in of:
            continue
        of["computed"] = True
        if f["systolic"] - of["pre"]["systolic"] >= 40 or f["diastolic"] - of["pre"]["diastolic"] >= 25:
            of["surges"].append(f)
    for of in sessions.values():
        if of["severe"]:
            out.add(line_of("BP-2", patient, "alert", "", of["severe"]))
    computed = [of for of in sessions.values() if of["computed"]]
    for i, of in enumerate(computed):
        if of["surges"]:
            again = sum(1 for other in computed[max(0, i - 3):i + 1] if other["surges"]) >= 2
            out.add(line_of("BP-4", patient, "alert" if again else "watch", "", of["surges"]))
    return out | bladder(patient, facts, min((of["start"] for of in sessions.values()), default=None))


def bladder(patient, facts, first):
    out, evidence, is_open = set(), [], False
    scores = [f for f in facts if f["kind"] == "score"]
    if first is None:
        return out
    before = [f["value"] for f in scores if first - 365 * DAY <= f["at"] <= first]
    if before and sum(before) / len(before) >= 19:
        return out
    for f in (f for f in scores if f["at"] > first):
        if f["value"] >= 19:
            if not is_open and evidence and f["at"] - evidence[-1]["at"] > 30 * DAY:
                out.add(line_of("URO-1", patient, "alert", "resolved", evidence))
                evidence = []
            evidence.append(f)
            is_open = True
        elif f["value"] <= 17:
            is_open = False
    if evidence:
        out.add(line_of("URO-1", patient, "alert", "open" if is_open else "resolved", evidence))
    return out


def on_topic(path):
    last = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            alert = json.loads(line)
            if alert["detector"] in DETECTORS:
                last[(alert["subject"]["patient"], alert["detector"], alert["case"])] = alert
    out = set()
    for alert in last.values():
        if alert["state"] in ("open", "resolved"):
            state = alert["state"] if alert["detector"] == "URO-1" else ""
            out.add(line_of(alert["detector"], alert["subject"]["patient"], alert["level"], state, alert["evidence"]))
    return out, len(last)


def main():
    patients, count = current(sys.argv[1])
    want = set().union(*(findings(p, facts) for p, facts in patients.items()))
    by_detector = {d: sum(1 for line in want if line.startswith(d + "|")) for d in DETECTORS}
    print(count, by_detector, file=sys.stderr)
    if len(sys.argv) < 3:
        print("\n".join(sorted(want)))
        return 0
    status = 0
    for path in sys.argv[2:]:
        got, names = on_topic(path)
        print(f"{path}: expected {len(want)}, on the topic {len(got)} ({names} cases), missing {len(want - got)}, too many {len(got - want)}",
              file=sys.stderr)
        for line in sorted(want - got)[:3]:
            print("missing  " + line, file=sys.stderr)
        for line in sorted(got - want)[:3]:
            print("too many " + line, file=sys.stderr)
        status |= want != got
    return status


sys.exit(main())

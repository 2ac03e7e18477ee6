# SPDX-License-Identifier: Apache-2.0
"""The books of a soak: what was told by `event/#`, what by the alert log, and where the two do not agree."""
import datetime
import json
import time

# A flooded alert's revisions come every ten seconds: what joined since is not stored when the daemon is killed.
REVISION_WAITS_S = 12
FACT_WAITS_S = 8  # before a fact is told, and until a reader is back
DETECTED = ("motion", "intrusion")


def seconds_of(utc_text):
    return datetime.datetime.fromisoformat(utc_text.replace("Z", "+00:00")).timestamp()


class Account:
    def __init__(self):
        self.read_to, self.log, self.begun, self.ended = 0, {}, {}, {}
        self.forgetting, self.kills, self.contradictions = [], [], []
        self.seen_at, self.closed = {}, set()

    def read(self, messages):
        """Takes what has come since; anything may come twice."""
        for message in messages[self.read_to:]:
            self.read_to += 1
            if not message.payload.startswith(b"{"):
                continue
            data = json.loads(message.payload)["data"]
            if "seq" in data:
                self.take_revision(data)
            elif "/event/" in message.topic and data.get("phase") in ("begin", "end") and data["kind"] in DETECTED:
                (self.begun if data["phase"] == "begin" else self.ended).setdefault(data["event"], {**data, "heard": time.time()})

    def take_revision(self, data):
        key = (data["epoch"], data["seq"])
        known = self.log.setdefault(key, data)
        if (known["alert"], known["rev"]) != (data["alert"], data["rev"]):
            self.contradictions.append(f"two revisions bear the number {key}")
        self.seen_at.setdefault(data["alert"], time.monotonic())

    def chains(self):
        """{alert: [revision]} in the order of the log."""
        found = {}
        for _, data in sorted(self.log.items()):
            found.setdefault(data["alert"], []).append(data)
        return found

    def hole(self):
        """(epoch, first number that is missing) or (None, None)."""
        epochs = {}
        for epoch, seq in self.log:
            epochs.setdefault(epoch, set()).add(seq)
        for epoch, seqs in epochs.items():
            missing = set(range(1, max(seqs) + 1)) - seqs
            if missing:
                return epoch, min(missing)
        return None, None

    def to_close(self, after_s):
        """Alerts that a duty officer closes by now: ended, and looked at for so long."""
        last = {data["alert"]: data for _, data in sorted(self.log.items())}
        ready = [alert for alert, data in last.items() if data["state"] == "raised" and data.get("end") and alert not in self.closed
                 and time.monotonic() - self.seen_at[alert] > after_s]
        self.closed.update(ready)
        return ready

    def forgets(self, at):
        self.forgetting.append([at - FACT_WAITS_S, at + FACT_WAITS_S])

    def forgot(self, at):
        self.forgetting[-1][1] = at + FACT_WAITS_S

    def killed(self, at):
        self.kills.append(at)

    def excused(self, when):
        """A fact is not replayed: one that a forgetful broker had in hand, or took before its reader was back, is gone."""
        return any(begin <= when <= end for begin, end in self.forgetting)

    def of_camera(self, camera, chains):
        return [revisions for revisions in chains.values()
                if revisions[0]["kind"] in DETECTED and revisions[0]["cameras"][0]["id"] == camera]

    def findings(self):
        found, chains = list(self.contradictions), self.chains()
        epochs = {epoch for epoch, _ in self.log}
        if len(epochs) != 1:
            found.append(f"{len(epochs)} epochs in the log")
        if self.hole()[1]:
            found.append(f"the log has a hole at {self.hole()[1]} that no replay mends")
        for alert, revisions in chains.items():
            revs = [data["rev"] for data in revisions]
            if revs != list(range(1, len(revs) + 1)):
                found.append(f"alert {alert}: revisions {revs}")
            if not revisions[-1].get("end"):
                found.append(f"alert {alert} ({revisions[-1]['kind']}, {revisions[-1]['state']}) has no end")
        return found + self.of_events(chains)

    def of_events(self, chains):
        found = []
        bearers = {revisions[0]["event"]: revisions[-1] for revisions in chains.values()}
        for event, data in self.begun.items():
            end = bearers.get(event, {}).get("end")
            if event not in self.ended and not (end and self.excused(seconds_of(end))):
                found.append(f"event {event} of {data['camera']['id']}, begun {data['begin']}, has no end")
        for event, data in self.ended.items():
            if event not in self.begun and not self.excused(seconds_of(data["begin"])):
                found.append(f"event {event} of {data['camera']['id']}, begun {data['begin']}, has an end and no begin")
        facts = {}
        for event, data in {**self.ended, **self.begun}.items():
            facts.setdefault(data["camera"]["id"], {})[event] = data
        for camera, events in facts.items():
            alone = [event for event in events if event not in bearers]
            counted = sum(revisions[-1]["count"] - 1 for revisions in self.of_camera(camera, chains))
            cut = [event for event in alone if any(-2 <= kill - events[event]["heard"] <= REVISION_WAITS_S for kill in self.kills)]
            if len(alone) - len(cut) > counted:
                found.append(f"{camera}: {len(alone)} events are in no alert of their own, {counted} counted in others: {alone[:5]}")
        return found

    def summary(self):
        chains = self.chains()
        counted = sum(revisions[-1]["count"] - 1 for revisions in chains.values() if revisions[0]["kind"] in DETECTED)
        return (f"account: {len(self.begun)} events begun, {len(self.ended)} ended; {len(chains)} alerts, "
                f"{counted} events counted in another's; {len(self.log)} revisions, numbers 1 to {max(seq for _, seq in self.log)}")

"""A seeded fleet of instances as providers report it: repeats, restarts, late and invalid events."""

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

WORDS = {
    "vm": ("PROVISIONING", "RUNNING", "STOPPED", "PAUSED", "RUNNING", "STOPPED", "RUNNING"),
    "container": ("PENDING", "RUNNING", "SUCCEEDED", "RUNNING", "UNKNOWN", "RUNNING"),
    "cluster": ("CREATING", "ACTIVE", "UPDATING", "ACTIVE", "UNAVAILABLE", "ACTIVE"),
}
PROVIDERS = ("kubevirt-sp", "osac-sp", "acm-sp")
START = datetime(2026, 5, 1, tzinfo=timezone.utc)
DUPLICATE_SHARE = 0.1
INVALID_SHARE = 0.02
LATE_SHARE = 0.1


@dataclass
class Fleet:
    """Messages as (subject, body) in the order of publishing, and what must come of them."""

    messages: list[tuple[str, bytes]] = field(default_factory=list)
    identities: list[tuple[str, str] | None] = field(default_factory=list)  # None: invalid

    def expected(self, count: int) -> dict[str, int]:
        """The counts after the first `count` messages."""
        valid = [identity for identity in self.identities[:count] if identity]
        accepted = len(set(valid))
        return {
            "received": count,
            "accepted": accepted,
            "duplicate": len(valid) - accepted,
            "rejected": count - len(valid),
        }


def event(service_type: str, instance: str, number: int, word: str, time: datetime) -> dict:
    provider = PROVIDERS[hash_of(instance) % len(PROVIDERS)]
    return {
        "specversion": "1.0",
        "id": f"{instance}-{number}",
        "source": f"dcm/providers/{provider}",
        "type": f"dcm.status.{service_type}",
        "time": time.isoformat().replace("+00:00", "Z"),
        "data": {"id": instance, "status": word, "message": "as reported"},
    }


def hash_of(text: str) -> int:
    return sum(text.encode())


def life(chance: random.Random, name: str, length: int) -> list[dict]:
    service_type = chance.choice(list(WORDS))
    words = WORDS[service_type]
    time = START + timedelta(seconds=chance.randrange(86_400))
    events = []
    for step in range(length):
        word = "DELETED" if step == length - 1 else words[step % len(words)]
        events.append(event(service_type, f"{service_type}-{name}", step, word, time))
        time += timedelta(seconds=chance.randrange(60, 40_000))
    return events


def make_fleet(seed: int, count: int, prefix: str = "") -> Fleet:
    """Exactly `count` messages; the same seed gives the same bytes. A prefix of their names keeps
    the instances of one fleet apart from those of another."""
    chance = random.Random(seed)
    pending: list[dict] = []
    number = 0
    while len(pending) < count:
        number += 1
        pending += life(chance, f"{prefix}{number}", length=chance.randrange(5, 40))
    pending.sort(key=lambda one: one["time"])
    for index in range(len(pending)):
        if chance.random() < LATE_SHARE:
            other = min(len(pending) - 1, index + chance.randrange(200))
            pending[index], pending[other] = pending[other], pending[index]
    fleet = Fleet()
    for one in pending:
        if len(fleet.messages) >= count:
            break
        add_message(fleet, one, chance)
        if len(fleet.messages) < count and chance.random() < DUPLICATE_SHARE:
            again = chance.randrange(max(0, len(fleet.messages) - 500), len(fleet.messages))
            fleet.messages.append(fleet.messages[again])
            fleet.identities.append(fleet.identities[again])
    return fleet


def add_message(fleet: Fleet, one: dict, chance: random.Random) -> None:
    body = json.dumps(one).encode()
    identity: tuple[str, str] | None = (one["source"], one["id"])
    if chance.random() < INVALID_SHARE:
        identity = None
        body = chance.choice([body[: len(body) // 2], body.replace(b'"time": "', b'"time": "x'), b""])
    fleet.messages.append(("dcm." + one["type"].removeprefix("dcm.status."), body))
    fleet.identities.append(identity)

"""Every sequence of the shared cases: replayed as it is, in other orders, and in several parts."""

import concurrent.futures
import json
import os
import random
import sys
import unittest

from support import ProductTest, main, read_cases

SEED = int(os.environ.get("DCM_SEED", "20260501"))


def event_of(message: dict) -> dict:
    """The CloudEvent in a message, as far as it can be read."""
    if "specversion" in message:
        return message
    try:
        event = json.loads(message.get("payload", ""))
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def bound_keys(message: dict) -> list[tuple]:
    """Messages that share a key keep their order: one identity, or a full tie of one instance."""
    event = event_of(message)
    keys: list[tuple] = []
    if "id" in event and "source" in event:
        keys.append(("identity", str(event["source"]), str(event["id"])))
    if "stream_seq" not in message:
        keys.append(("no stream sequence",))
    else:
        keys.append(("sequence", message["stream_seq"]))
    return keys


def shuffled(messages: list[dict], chance: random.Random) -> list[dict]:
    """Another order that the README of the cases allows."""
    group = list(range(len(messages)))
    first_with: dict[tuple, int] = {}
    for index, message in enumerate(messages):
        for key in bound_keys(message):
            other = group[first_with.setdefault(key, index)]
            mine = group[index]
            group = [other if number == mine else number for number in group]
    places = list(range(len(messages)))
    chance.shuffle(places)
    order: list[dict] = [{}] * len(messages)
    for number in set(group):
        members = [index for index in range(len(messages)) if group[index] == number]
        for place, index in zip(sorted(places[index] for index in members), members):
            order[place] = messages[index]
    return order


def parts(messages: list[dict], chance: random.Random) -> list[list[dict]]:
    count = min(len(messages), 3)
    cuts = sorted(chance.sample(range(1, len(messages)), count - 1)) if count > 1 else []
    bounds = [0, *cuts, len(messages)]
    return [messages[a:b] for a, b in zip(bounds, bounds[1:])]


class SequencesTest(ProductTest):
    def replay_parts(self, name: str, replays: list[list[dict]]) -> tuple[str, list[dict]]:
        database = f"sqlite://{self.folder}/{name}.db"
        summaries = []
        for number, messages in enumerate(replays):
            path = self.write_lines(f"{name}-{number}.jsonl", messages)
            summaries.append(self.succeed("replay", path, "--database", database).summary())
        return database, summaries

    def usage(self, database: str) -> list[dict]:
        return self.succeed("usage", "--format", "jsonl", "--database", database).jsonl()

    def check_usage(self, case: dict, database: str) -> None:
        found = self.usage(database)
        self.assertEqual(len(case["expect"]["usage"]), len(found), f"{found}")
        for expected, interval in zip(case["expect"]["usage"], found):
            self.assert_members(expected, interval)

    def check_instances(self, case: dict, database: str) -> None:
        lines = self.succeed("instances", "--format", "jsonl", "--database", database).jsonl()
        found = {(line["service_type"], line["instance"]): line for line in lines}
        self.assertEqual(len(lines), len(found), "one line an instance")
        expected = case["expect"]["instances"]
        self.assertEqual({(i["service_type"], i["instance"]) for i in expected}, set(found))
        for instance in expected:
            self.assert_members(instance, found[instance["service_type"], instance["instance"]])

    def check_as_written(self, case: dict) -> None:
        database, summaries = self.replay_parts(case["name"], [case["messages"]])
        self.assert_members(case["expect"]["summary"] | {"redelivered": 0}, summaries[0])
        self.check_usage(case, database)
        self.check_instances(case, database)

    def check_shuffled(self, case: dict) -> None:
        chance = random.Random(f"{SEED}-{case['name']}")
        order = shuffled(case["messages"], chance)
        database, summaries = self.replay_parts(case["name"], parts(order, chance))
        totals = {name: sum(s[name] for s in summaries) for name in case["expect"]["summary"]}
        self.assertEqual(case["expect"]["summary"], totals)
        self.check_usage(case, database)

    def each_case(self, check) -> None:
        """Two at a time; the processes do the work."""
        cases = read_cases("sequences.jsonl")
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            running = [(case, pool.submit(check, case)) for case in cases]
            for case, future in running:
                with self.subTest(name=case["name"], why=case["why"], seed=SEED):
                    future.result()

    def test_each_sequence_gives_the_expected_summary_usage_and_instances(self) -> None:
        self.each_case(self.check_as_written)

    def test_another_order_in_several_replays_gives_the_same_usage(self) -> None:
        print(f"DCM_SEED={SEED}", file=sys.stderr)
        self.each_case(self.check_shuffled)

    def test_all_sequences_replayed_twice_add_only_duplicates(self) -> None:
        case = next(c for c in read_cases("sequences.jsonl") if c["name"] == "all-states")
        database, summaries = self.replay_parts("twice", [case["messages"], case["messages"]])
        count = len(case["messages"])
        again = {"received": count, "accepted": 0, "duplicate": count, "redelivered": 0}
        self.assert_members(again, summaries[1])
        self.check_usage(case, database)


class ShuffleTest(unittest.TestCase):
    """The order made here keeps what must keep its order, or the tests above prove nothing."""

    def test_bound_messages_keep_their_order_and_nothing_is_lost(self) -> None:
        messages = [
            {"stream_seq": n, "payload": json.dumps({"source": "s", "id": str(n % 3)}), "n": n}
            for n in range(1, 10)
        ]
        seen_orders = set()
        for seed in range(50):
            order = [m["n"] for m in shuffled(messages, random.Random(seed))]
            seen_orders.add(tuple(order))
            self.assertEqual(list(range(1, 10)), sorted(order))
            for rest in range(3):
                same = [n for n in order if n % 3 == rest]
                self.assertEqual(sorted(same), same)
        self.assertGreater(len(seen_orders), 10)

    def test_parts_keep_every_message_in_order(self) -> None:
        for count in (1, 2, 3, 8):
            messages = [{"n": n} for n in range(count)]
            cut = parts(messages, random.Random(count))
            self.assertEqual(messages, [m for part in cut for m in part])


if __name__ == "__main__":
    main()

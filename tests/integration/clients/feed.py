"""Sends the events of a file with the Python client (confluent-kafka) and its default settings.

    feed.py BROKERS TOPIC FILE

The key is the event's pseudonym; an event in which none can be read goes without one. Exit status: 0 all were
acknowledged, 1 not.
"""

import json
import sys

from confluent_kafka import Producer


def pseudonym_of(line: bytes) -> str | None:
    try:
        patient = json.loads(line).get("patient")
    except (ValueError, AttributeError):
        return None
    return patient if isinstance(patient, str) else None


def main() -> int:
    brokers, topic, path = sys.argv[1:]
    producer = Producer({"bootstrap.servers": brokers})
    refused = []

    def on_delivery(error, _message):
        if error is not None:
            refused.append(error)

    with open(path, "rb") as lines:
        for line in lines:
            record = {"key": pseudonym_of(line), "value": line.rstrip(b"\n"), "on_delivery": on_delivery}
            while True:
                try:
                    producer.produce(topic, **record)
                    break
                except BufferError:  # as many wait as may: let some go
                    producer.poll(1)
            producer.poll(0)
    waiting = producer.flush(120)
    if waiting or refused:
        print(f"{waiting} not acknowledged, {len(refused)} refused {refused[:1]}", file=sys.stderr)
        return 1
    return 0


sys.exit(main())

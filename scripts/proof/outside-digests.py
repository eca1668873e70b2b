"""The digests of topics as a consumer of another make finds them: librdkafka in read_committed, and the schemas'
fingerprints by fastavro. Nothing of the program is used but the text of src/runtime/digest.ts and its file of schemas.

    outside-digests.py BROKERS SCHEMAS TOPIC[=compact]...

Prints one JSON document: of each topic its digest (SHA-256, hexadecimal) and how many records were read.
"""
import hashlib
import json
import struct
import sys

from confluent_kafka import Consumer, KafkaError, TopicPartition
from fastavro.schema import fingerprint, to_parsing_canonical_form

brokers, schemas, *topics = sys.argv[1:]
with open(schemas, encoding='utf8') as file:
    rows = json.load(file)['schemas']
fingerprints = {
    row['id']: bytes.fromhex(fingerprint(to_parsing_canonical_form(json.loads(row['schema'])), 'sha256')) for row in rows
}
consumer = Consumer({
    'bootstrap.servers': brokers,
    'group.id': 'outside-digests',
    'isolation.level': 'read_committed',
    'auto.offset.reset': 'earliest',
    'enable.auto.commit': False,
    'enable.partition.eof': True,
})


def text_of(key, value):
    """A record as it goes into the digest."""
    head = struct.pack('>I', len(key)) + key
    if value is None:
        return head + struct.pack('>I', 0xffffffff)
    known = fingerprints.get(struct.unpack('>I', value[1:5])[0]) if len(value) >= 5 and value[0] == 0 else None
    body = value if known is None else value[5:]
    return head + (known or bytes(32)) + struct.pack('>I', len(body)) + body


def digest_of(topic, compacted):
    partitions = sorted(consumer.list_topics(topic, timeout=30).topics[topic].partitions)
    sums = {partition: hashlib.sha256() for partition in partitions}
    last = {partition: {} for partition in partitions}
    consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    open_ends, records = set(partitions), 0
    while open_ends:
        message = consumer.poll(30)
        if message is None:
            raise SystemExit(f'{topic}: nothing came for 30 s')
        if message.error():
            if message.error().code() != KafkaError._PARTITION_EOF:
                raise SystemExit(f'{topic}: {message.error()}')
            open_ends.discard(message.partition())
            continue
        records += 1
        key = message.key() or b''
        if compacted:
            last[message.partition()][key] = message.value()
        else:
            sums[message.partition()].update(text_of(key, message.value()))
    whole = hashlib.sha256()
    for partition in partitions:
        for key in sorted(last[partition]):
            sums[partition].update(text_of(key, last[partition][key]))
        whole.update(sums[partition].digest())
    return {'digest': whole.hexdigest(), 'records': records}


found = {}
for each in topics:
    name, _, cleanup = each.partition('=')
    found[name] = digest_of(name, cleanup == 'compact')
consumer.close()
print(json.dumps(found))

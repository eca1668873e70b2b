"""A producer and a consumer in Python: the code of docs/producing.md and docs/consuming.md, which
test/stack/outside.test.ts puts beside this as `producing.py` and `consuming.py`.

    outside.py publish                one FlightScheduled a line on standard input
    outside.py consume BEGIN COUNT    so many records whose key begins like this, then what comes until a second is
                                      silent; one a line
"""
import json
import sys

if sys.argv[1] == 'publish':
    from producing import producer, publish

    events = [json.loads(line) for line in sys.stdin]
    for event in events:
        publish(event)
    left = producer.flush(30)
    print(len(events) - left)
else:
    from consuming import consumer, poll

    begin, count = sys.argv[2], int(sys.argv[3])
    silent, found = 0, 0
    while found < count or silent < 5:
        record = poll(0.2)
        silent = 0 if record else silent + 1
        if record:
            key, partition, name, value = record
            if not key.startswith(begin):
                continue
            found += 1
            print(json.dumps({'key': key, 'partition': partition, 'name': name, 'value': value}, default=str))
    consumer.close()

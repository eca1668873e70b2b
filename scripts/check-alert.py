"""Recomputes with scipy what an alert says, from the topics alone.

Takes an alert of a data folder, the window that opened it, the partials of that window as `slipstream topics tail` prints
them, and the reference in the file of the model in force; computes each column's distance and compares it with the
recorded score to 1e-9 relative. Needs scipy.

    python3 scripts/check-alert.py DATA_DIR [ALERT_ID]        the first DATASET_DRIFT alert unless one is named
"""

import json
import struct
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance

root = Path(__file__).parent.parent
folder = sys.argv[1]
wanted = sys.argv[2] if len(sys.argv) > 2 else None


def tail(topic):
    command = ["node", "bin/slipstream.mjs", "topics", "tail", topic, "--from-beginning", "--limit", "100000000"]
    process = subprocess.Popen([*command, "--json", "--data-dir", folder], cwd=root, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        yield json.loads(line)


def header(file):
    content = file.read_bytes()
    (length,) = struct.unpack("<I", content[12:16])
    return json.loads(content[24 : 24 + length])


alert = None
days = {}
for record in tail("drift.metrics"):
    value = record["value"]
    if record["name"] == "DriftMetrics" and value["span"] == "DAY":
        days[value["to"]] = value
    if record["name"] == "AlertOpened" and value["kind"] == "DATASET_DRIFT" and alert is None:
        if wanted in (None, value["id"]):
            alert = value
if alert is None:
    sys.exit(f"there is no such alert in {folder}")
window = days[alert["at"]]
model = header(Path(folder) / "blobs" / "models" / window["modelHash"])
reference = {column["name"]: column for column in model["reference"]["columns"]}

table = [line.split() for line in subprocess.check_output(
    ["node", "-e", "import('./src/features/table.ts').then(({ features }) => features.forEach(({ name, kind }) => console.log(name, kind)))"],
    cwd=root, text=True).splitlines()]
current = {name: Counter() for name in reference}
for record in tail("drift.partials"):
    value = record["value"]
    if not (window["from"] < value["to"] <= window["to"]):
        continue
    sketches = value["sketches"]
    entries = {
        "numeric": zip(sketches["values"], sketches["valueCounts"]),
        "categorical": zip(sketches["categories"], sketches["categoryCounts"]),
    }
    for (name, kind), distinct in zip(table, sketches["distinct"]):
        for key, count in islice(entries[kind], distinct):
            if name in current:
                current[name][key] += count


def weights(sketch, keys):
    counts = dict(zip(sketch["values"] or sketch["categories"], sketch["counts"]))
    total = sum(counts.values())
    return numpy.array([counts.get(key, 0) / total for key in keys])


def distance(column, counts, method):
    sketch = column["sketch"]
    if method == "wasserstein":
        steps = numpy.array(sketch["values"], dtype=float)
        norm = numpy.sqrt(numpy.cov(steps, fweights=sketch["counts"], ddof=0)) * column["resolution"]
        raw = wasserstein_distance(steps, list(counts), sketch["counts"], list(counts.values())) * column["resolution"]
        return raw / max(float(norm), 0.001)
    keys = sorted(set(sketch["values"] or sketch["categories"]) | set(counts))
    total = sum(counts.values())
    return jensenshannon(weights(sketch, keys), numpy.array([counts.get(key, 0) / total for key in keys]))


compared, worst, binned = 0, 0.0, 0
for metric in window["columns"]:
    if metric["score"] is None:
        continue
    column = reference[metric["column"]]
    if metric["method"] == "jensenshannon" and len(column["sketch"]["values"]) > 20:
        binned += 1
        continue
    score = distance(column, current[metric["column"]], metric["method"])
    assert sum(current[metric["column"]].values()) == metric["currentCount"], metric["column"]
    error = abs(score - metric["score"]) / max(abs(score), 1e-300) if score != metric["score"] else 0.0
    worst = max(worst, error)
    compared += 1
    if error > 1e-9:
        sys.exit(f"{metric['column']}: recorded {metric['score']}, scipy {score}")
beyond = [metric for metric in window["columns"] if metric["mayAlert"] and metric["unusual"] is not None]
share = sum(metric["unusual"] for metric in beyond) / len(beyond)
assert abs(share - window["unusualShare"]) < 1e-12
print(f"{alert['id']}: {alert['message']}")
for name in alert["columns"][:6]:
    metric = next(each for each in window["columns"] if each["column"] == name)
    print(f"  {name:28} {metric['method']} {metric['score']:.3f}, ordinary up to {metric['bound']:.3f}")
print(f"{compared} columns equal scipy's, largest relative difference {worst:.1e}; {binned} compared by bins were left out")

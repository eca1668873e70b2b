"""Drift of the columns that bench/drift.ts wrote, by Evidently's DataDriftPreset; a JSON document on stdout.

A folder holds columns.json ({"name", "kind", "categories"?}) and per side and column raw little-endian numbers: float64 for
numbers, uint8 codes for categories. Reading them is not timed.
"""

import json
import os
import sys
import time

os.environ["DO_NOT_TRACK"] = "1"

import evidently
import numpy as np
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

folder, rounds = sys.argv[1], int(sys.argv[2])
with open(os.path.join(folder, "columns.json")) as file:
    columns = json.load(file)


def frame(side):
    cells = {}
    for column in columns:
        path = os.path.join(folder, f"{side}-{column['name']}.bin")
        if column["kind"] == "numeric":
            cells[column["name"]] = np.fromfile(path, dtype="<f8")
        else:
            cells[column["name"]] = np.array(column["categories"], dtype=object)[np.fromfile(path, dtype="u1")]
    return pd.DataFrame(cells)


definition = DataDefinition(
    numerical_columns=[column["name"] for column in columns if column["kind"] == "numeric"],
    categorical_columns=[column["name"] for column in columns if column["kind"] == "categorical"],
)
reference, current = frame("reference"), frame("current")
seconds = []
for _ in range(rounds):
    start = time.perf_counter()
    sides = [Dataset.from_pandas(side, data_definition=definition) for side in (current, reference)]
    snapshot = Report([DataDriftPreset()]).run(*sides)
    metrics = snapshot.dict()["metrics"]
    seconds.append(time.perf_counter() - start)

scores = {}
for metric in metrics:
    name = metric.get("config", {}).get("column")
    if name is not None:
        scores[name] = float(metric["value"])
print(json.dumps({"version": evidently.__version__, "seconds": seconds, "scores": scores}))

"""One training by LightGBM or XGBoost on the rows that bench/inputs/forest-data.ts wrote; a JSON document on stdout.

Reading them is not timed. Scoring is LightGBM's C API: one row a call, and 1,000; callUs is what a call of it from Python
costs that does nothing. Its trees and margins stay in the folder, for others to score.
"""

import ctypes
import json
import os
import re
import sys
import time

import numpy as np

folder, library = sys.argv[1], sys.argv[2]
with open(os.path.join(folder, "task.json")) as file:
    task = json.load(file)
rows, train, columns, wanted = task["rows"], task["train"], task["columns"], task["parameters"]
x = np.fromfile(os.path.join(folder, "x.bin"), dtype="<f8").reshape(len(columns), rows).T.copy()
y = np.fromfile(os.path.join(folder, "y.bin"), dtype=np.uint8)
names = [column["name"] for column in columns]
categorical = [at for at, column in enumerate(columns) if column["kind"] == "categorical"]
threads = task["threads"]


def peak():
    with open("/proc/self/status") as file:
        return int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]) // 1024


held = peak()


def auc(scores, labels):
    order = np.argsort(scores, kind="stable")
    values, first = np.unique(scores[order], return_index=True)
    ends = np.append(first[1:], len(scores))
    ranks = np.repeat((first + 1 + ends) / 2, ends - first)
    late = labels[order] == 1
    positive, negative = late.sum(), (~late).sum()
    return float((ranks[late].sum() - positive * (positive + 1) / 2) / (positive * negative))


def lightgbm():
    import lightgbm as lgb

    parameters = {**wanted, "objective": "binary", "num_threads": threads, "verbose": -1, "seed": 1}
    trees = parameters.pop("num_iterations")
    started, started_cpu = time.perf_counter(), time.process_time()
    data = lgb.Dataset(x[:train], y[:train], categorical_feature=categorical, params=parameters, feature_name=names).construct()
    binned, binned_cpu = time.perf_counter(), time.process_time()
    booster = lgb.train(parameters, data, trees)
    trained, trained_cpu = time.perf_counter(), time.process_time()
    most = peak()
    scores = booster.predict(x[train:], raw_score=True, num_threads=threads)
    booster.save_model(os.path.join(folder, "lightgbm.txt"))
    scores.astype("<f8").tofile(os.path.join(folder, "lightgbm-margins.bin"))
    api, handle = lgb.basic._LIB, booster._handle if hasattr(booster, "_handle") else booster.handle
    sample = np.ascontiguousarray(x[train : train + 1000])
    length, out = ctypes.c_int64(), np.zeros(1000)
    result, pointer = out.ctypes.data_as(ctypes.POINTER(ctypes.c_double)), sample.ctypes.data
    fast = ctypes.c_void_p()
    text = f"num_threads={threads}".encode()
    api.LGBM_BoosterPredictForMatSingleRowFastInit(
        handle, 1, 0, -1, 1, ctypes.c_int32(x.shape[1]), ctypes.c_char_p(text), ctypes.byref(fast)
    )
    places = [ctypes.c_void_p(pointer + 8 * x.shape[1] * row) for row in range(1000)]
    one, many, none = [], [], []
    classes = ctypes.c_int()
    for _ in range(20):
        start = time.perf_counter()
        for _ in range(1000):
            api.LGBM_BoosterGetNumClasses(handle, ctypes.byref(classes))
        none.append((time.perf_counter() - start) * 1e6 / 1000)
        start = time.perf_counter()
        for place in places:
            api.LGBM_BoosterPredictForMatSingleRowFast(fast, place, ctypes.byref(length), result)
        one.append((time.perf_counter() - start) * 1e6 / 1000)
        start = time.perf_counter()
        for _ in range(5):
            api.LGBM_BoosterPredictForMat(
                handle, ctypes.c_void_p(pointer), 1, ctypes.c_int32(1000), ctypes.c_int32(x.shape[1]), 1, 1, 0, -1,
                ctypes.c_char_p(text), ctypes.byref(length), result,
            )
        many.append((time.perf_counter() - start) * 1e6 / 5000)
    return {
        "version": lgb.__version__,
        "binSeconds": binned - started,
        "binCpuSeconds": binned_cpu - started_cpu,
        "trainSeconds": trained - binned,
        "trainCpuSeconds": trained_cpu - binned_cpu,
        "peakMiB": most,
        "auc": auc(scores, y[train:]),
        "oneRowUs": min(one),
        "batchRowUs": min(many),
        "callUs": min(none),
    }


def xgboost():
    import xgboost as xgb

    parameters = {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "grow_policy": "lossguide",
        "max_leaves": wanted["num_leaves"],
        "max_depth": wanted["max_depth"],
        "eta": wanted["learning_rate"],
        "max_bin": wanted["max_bin"] + 1,
        "reg_lambda": 0,
        "min_child_weight": wanted["min_data_in_leaf"] / 8,
        "nthread": threads,
        "seed": 1,
    }
    types = ["c" if at in categorical else "q" for at in range(x.shape[1])]
    started, started_cpu = time.perf_counter(), time.process_time()
    data = xgb.QuantileDMatrix(
        x[:train], y[:train], feature_types=types, enable_categorical=True, max_bin=parameters["max_bin"], nthread=threads
    )
    binned, binned_cpu = time.perf_counter(), time.process_time()
    booster = xgb.train(parameters, data, wanted["num_iterations"])
    trained, trained_cpu = time.perf_counter(), time.process_time()
    most = peak()
    test = xgb.DMatrix(x[train:], feature_types=types, enable_categorical=True, nthread=threads)
    started_scoring = time.perf_counter()
    scores = booster.predict(test, output_margin=True)
    scored = time.perf_counter()
    return {
        "version": xgb.__version__,
        "binSeconds": binned - started,
        "binCpuSeconds": binned_cpu - started_cpu,
        "trainSeconds": trained - binned,
        "trainCpuSeconds": trained_cpu - binned_cpu,
        "peakMiB": most,
        "auc": auc(scores, y[train:]),
        "batchRowUs": (scored - started_scoring) * 1e6 / (rows - train),
    }


answer = {"lightgbm": lightgbm, "xgboost": xgboost}[library]()
answer["heldMiB"] = held
print(json.dumps(answer))

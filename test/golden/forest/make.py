"""Makes the golden values beside this file: small models of LightGBM, XGBoost and scikit-learn, rows, and what their own
libraries and shap say of those rows. Run it as `python make.py` with

    pip install lightgbm==4.7.0 xgboost-cpu==3.2.0 scikit-learn==1.9.1 shap==0.51.0

All data are synthetic and drawn from fixed seeds. A missing value is null in JSON. The versions used stand in each file.
"""

import base64
import json
import os
import sys

import lightgbm as lgb
import numpy as np
import pandas as pd
import scipy
import shap
import sklearn
import xgboost as xgb
from scipy.optimize import minimize
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.isotonic import IsotonicRegression

HERE = os.path.dirname(os.path.abspath(__file__))
VERSIONS = {
    "python": sys.version.split()[0],
    "lightgbm": lgb.__version__,
    "xgboost": xgb.__version__,
    "sklearn": sklearn.__version__,
    "shap": shap.__version__,
    "numpy": np.__version__,
    "scipy": scipy.__version__,
}


def plain(value):
    """Lists of floats with null for NaN."""
    if isinstance(value, np.ndarray):
        return [plain(each) for each in value]
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (float, np.floating)):
        return None if np.isnan(value) else float(value)
    if isinstance(value, (np.integer, np.bool_)):
        return int(value)
    return value


def write(name, content):
    with open(os.path.join(HERE, name), "w") as file:
        json.dump({"versions": VERSIONS, **plain(content)}, file, separators=(",", ":"), allow_nan=False)
        file.write("\n")


def numbers(seed, rows):
    """Three columns: one with NaN, one with many zeros, one plain; and a label that depends on all."""
    r = np.random.default_rng(seed)
    x = np.c_[r.normal(size=rows), np.round(r.normal(size=rows), 1) * (r.random(rows) < 0.6), r.normal(size=rows) * 40]
    margin = 1.5 * x[:, 0] + np.where(x[:, 1] == 0, 1.2, x[:, 1]) - (x[:, 2] > 10) * 1.4
    x[r.random(rows) < 0.15, 0] = np.nan
    x[r.random(rows) < 0.05, 2] = np.nan
    margin = margin + np.where(np.isnan(x[:, 0]), 1.0, 0)
    return x, (r.random(rows) < 1 / (1 + np.exp(-margin))).astype(int), margin


def categories(seed, rows, count):
    """A number, a column of `count` categories, one of 4, and a label."""
    r = np.random.default_rng(seed)
    effect = r.normal(size=count) * 1.5
    codes = r.integers(0, count, rows)
    few = r.integers(0, 4, rows)
    x = np.c_[r.normal(size=rows), codes.astype(float), few.astype(float)]
    margin = x[:, 0] + effect[codes] + (few == 2) * 1.5
    x[r.random(rows) < 0.08, 1] = np.nan
    return x, (r.random(rows) < 1 / (1 + np.exp(-margin))).astype(int), margin


def lightgbm_case(name, params, x, y, asked, **data):
    params = {"verbose": -1, "num_threads": 1, "deterministic": True, "min_data_in_leaf": 5, **params}
    rounds = params.pop("rounds", 6)
    booster = lgb.train(params, lgb.Dataset(x, y, params={"verbose": -1}, **data), rounds)
    contributions = booster.predict(asked, pred_contrib=True)
    explainer = shap.TreeExplainer(booster, feature_perturbation="tree_path_dependent")
    values = explainer.shap_values(asked)
    expected = np.ravel(explainer.expected_value)[-1]
    return {
        "name": name,
        "text": booster.model_to_string(),
        "rows": asked.astype(object).where(asked.notna(), None).values.tolist() if hasattr(asked, "values") else asked,
        "margins": booster.predict(asked, raw_score=True),
        "predictions": booster.predict(asked),
        "contributions": contributions[:, :-1],
        "base": contributions[0, -1],
        "shap": values,
        "shapBase": expected,
    }


def lightgbm_cases():
    x, y, margin = numbers(1, 400)
    asked = np.vstack(
        [numbers(2, 24)[0], [[np.nan] * 3, [0, 0, 0], [1e-36, -1e-36, 1e300], [-1e300, np.nan, 0], [0, 2e-35, -2e-35]]]
    )
    cases = [
        lightgbm_case("binary with NaN as missing", {"objective": "binary", "num_leaves": 8}, x, y, asked),
        lightgbm_case(
            "binary with zero as missing",
            {"objective": "binary", "num_leaves": 8, "zero_as_missing": True, "sigmoid": 0.7},
            x,
            y,
            asked,
        ),
        lightgbm_case(
            "binary without missing", {"objective": "binary", "num_leaves": 8, "use_missing": False}, x, y, asked
        ),
        lightgbm_case("regression", {"objective": "regression", "num_leaves": 8}, x, margin, asked),
        lightgbm_case("quantile", {"objective": "quantile", "alpha": 0.9, "num_leaves": 8}, x, margin, asked),
        lightgbm_case(
            "random forest",
            {
                "objective": "binary",
                "boosting": "rf",
                "bagging_freq": 1,
                "bagging_fraction": 0.6,
                "feature_fraction": 0.7,
                "num_leaves": 12,
            },
            x,
            y,
            asked,
        ),
        lightgbm_case("a tree of one leaf", {"objective": "binary", "min_data_in_leaf": 1000, "rounds": 2}, x, y, asked),
    ]
    # a label that tells what is missing: thresholds are infinite then
    x, _, _ = numbers(50, 300)
    y = np.isnan(x[:, 0]).astype(int)
    cases.append(lightgbm_case("missing against present", {"objective": "binary", "num_leaves": 4}, x, y, asked))
    x, y, _ = categories(3, 700, 70)
    asked = np.vstack([categories(4, 24, 70)[0], [[0, -1, 3.7], [0, 69, 9], [0, 1e9, np.nan], [1, -0.5, -3], [0, 70, 2]]])
    many = {"objective": "binary", "num_leaves": 8, "min_data_per_group": 5, "cat_smooth": 1, "cat_l2": 1}
    cases.append(
        lightgbm_case("categories in sets", {**many, "max_cat_to_onehot": 1}, x, y, asked, categorical_feature=[1, 2])
    )
    cases.append(
        lightgbm_case("categories one by one", {**many, "max_cat_to_onehot": 99}, x, y, asked, categorical_feature=[1, 2])
    )
    r = np.random.default_rng(5)
    carriers = ["UA", "B6", "AA", "DL", "9E", "EV"]
    column = r.integers(0, 6, 400)
    delays = np.round(r.normal(size=400) * 30, 1)
    y = (r.random(400) < 1 / (1 + np.exp(-(np.isin(column, [1, 4]) * 2 - 1 + delays / 30)))).astype(int)
    kind = pd.CategoricalDtype(carriers)
    frame = pd.DataFrame({"carrier": pd.Categorical([carriers[each] for each in column], dtype=kind), "delay": delays})
    asked = pd.DataFrame(
        {
            "carrier": pd.Categorical(["UA", "B6", "9E", "EV", "DL", None, "AA", "XX"], dtype=kind),
            "delay": [0.0, 12.3, -4.1, 60.2, np.nan, 0.1, 0.3, 1.7],
        }
    )
    cases.append(lightgbm_case("categories of pandas", {**many, "max_cat_to_onehot": 1}, frame, y, asked))
    return cases


def linear_text():
    x, _, margin = numbers(1, 200)
    params = {"objective": "regression", "linear_tree": True, "num_leaves": 4, "verbose": -1, "num_threads": 1}
    x = np.nan_to_num(x)
    return lgb.train(params, lgb.Dataset(x, margin, params={"verbose": -1}), 1).model_to_string()


def multiclass_text():
    x, y, _ = numbers(1, 200)
    params = {"objective": "multiclass", "num_class": 3, "num_leaves": 3, "verbose": -1, "num_threads": 1}
    return lgb.train(params, lgb.Dataset(x, y + (x[:, 2] > 0), params={"verbose": -1}), 1).model_to_string()


def xgboost_case(name, params, x, y, asked, types=None):
    params = {"max_depth": 4, "nthread": 1, "tree_method": "hist", "max_bin": 32, "eta": 0.3, **params}
    rounds = params.pop("rounds", 6)
    labels = [f"f{index}" for index in range(x.shape[1])]
    options = {"feature_names": labels, "feature_types": types, "enable_categorical": types is not None}
    booster = xgb.train(params, xgb.DMatrix(x, y, **options), rounds)
    return xgboost_answers(name, booster, xgb.DMatrix(asked, **options), asked, types is None)


def xgboost_answers(name, booster, matrix, asked, explained):
    contributions = booster.predict(matrix, pred_contribs=True).astype(float)
    case = {
        "name": name,
        "json": bytes(booster.save_raw("json")).decode(),
        "ubj": base64.b64encode(bytes(booster.save_raw("ubj"))).decode(),
        "rows": asked.astype(object).where(asked.notna(), None).values.tolist() if hasattr(asked, "values") else asked,
        "margins": booster.predict(matrix, output_margin=True).astype(float),
        "predictions": booster.predict(matrix).astype(float),
        "contributions": contributions[:, :-1],
        "base": contributions[0, -1],
    }
    if explained:
        # shap hands a Booster's trees back to XGBoost, which adds in single precision; its own code adds in double
        explainer = shap.TreeExplainer(booster, feature_perturbation="tree_path_dependent")
        explainer.model.model_type = "internal"
        # shap leaves the trees' mean out of the expected value then, so that its own check of the sum would fail
        case["shap"] = explainer.shap_values(asked, check_additivity=False)
    return case


def xgboost_cases():
    x, y, margin = numbers(6, 400)
    asked = np.vstack([numbers(7, 20)[0], [[np.nan] * 3, [0, 0, 0]]])
    cases = [
        xgboost_case("binary with missing", {"objective": "binary:logistic"}, x, y, asked),
        xgboost_case("binary with a base score", {"objective": "binary:logistic", "base_score": 0.2}, x, y, asked),
        xgboost_case("margins", {"objective": "binary:logitraw", "base_score": 0.7}, x, y, asked),
        xgboost_case("regression", {"objective": "reg:squarederror"}, x, margin, asked),
        xgboost_case("quantile", {"objective": "reg:quantileerror", "quantile_alpha": 0.9}, x, margin, asked),
    ]
    x, y, _ = categories(8, 600, 40)
    x[:, 2] = np.where(np.isnan(x[:, 1]), 1, x[:, 2])
    asked = np.vstack([categories(9, 20, 40)[0], [[0, 39, 3], [0, np.nan, np.nan]]])
    kinds = ["float", "c", "c"]
    cases.append(
        xgboost_case("categories in sets", {"objective": "binary:logistic", "max_cat_to_onehot": 1}, x, y, asked, kinds)
    )
    cases.append(
        xgboost_case("categories one by one", {"objective": "binary:logistic", "max_cat_to_onehot": 99}, x, y, asked, kinds)
    )
    cases.append(named_categories())
    return cases


def named_categories():
    """A data frame's categories: texts and numbers, whose codes the model keeps."""
    r = np.random.default_rng(12)
    carriers, years = ["UA", "B6", 'a "quoted", one', "Zürich"], [1999, 2011, 2013]
    kinds = {"carrier": pd.CategoricalDtype(carriers), "year": pd.CategoricalDtype(years)}

    def frame(carrier, year, delay):
        columns = {"carrier": carrier, "year": year}
        return pd.DataFrame({name: pd.Categorical(columns[name], dtype=kinds[name]) for name in kinds} | {"delay": delay})

    picked, chosen = r.integers(0, 4, 500), r.integers(0, 3, 500)
    carrier = [None if r.random() < 0.1 else carriers[each] for each in picked]
    delay = np.round(r.normal(size=500) * 30, 1)
    x = frame(carrier, [years[each] for each in chosen], delay)
    y = (r.random(500) < 1 / (1 + np.exp(-(np.isin(picked, [1, 3]) * 2 - 1 + (chosen == 1) + delay / 30)))).astype(int)
    asked = frame([*carriers, None, "UA", "Zürich"], [1999, 2011, 2013, 2011, 2011, None, 1999], [0, 12.3, np.nan, 5, -40, 60.2, 0.1])
    params = {"max_depth": 4, "nthread": 1, "tree_method": "hist", "max_cat_to_onehot": 2, "objective": "binary:logistic"}
    booster = xgb.train(params, xgb.DMatrix(x, y, enable_categorical=True), 6)
    matrix = xgb.DMatrix(asked, enable_categorical=True)
    answers = xgboost_answers("categories of pandas", booster, matrix, asked, False)
    # where a way asks twice for one categorical column, XGBoost 3.2 shares a row's margin out otherwise than the paper
    del answers["contributions"], answers["base"]
    return answers


def refused_by_us():
    x, y, _ = numbers(6, 200)
    base = {"max_depth": 2, "nthread": 1}
    dart = xgb.train({**base, "booster": "dart", "objective": "binary:logistic"}, xgb.DMatrix(x, y), 2)
    linear = xgb.train({"nthread": 1, "booster": "gblinear"}, xgb.DMatrix(np.nan_to_num(x), y), 1)
    many = xgb.train({**base, "objective": "multi:softprob", "num_class": 2}, xgb.DMatrix(x, y), 1)
    return {name: bytes(each.save_raw("json")).decode() for name, each in (("dart", dart), ("gblinear", linear), ("multi", many))}


def sklearn_cases():
    x, y, _ = numbers(10, 300)
    asked = np.vstack([numbers(11, 20)[0], [[np.nan] * 3]])
    forest = RandomForestClassifier(5, max_depth=5, random_state=0).fit(x, y)
    trees = []
    for estimator in forest.estimators_:
        t = estimator.tree_
        # each value is rounded to single precision before it is compared
        trees.append(
            {
                "left": t.children_left,
                "right": t.children_right,
                "feature": t.feature,
                "threshold": np.where(np.isinf(t.threshold), 1e300, t.threshold),
                "missingLeft": t.missing_go_to_left,
                "value": t.value[:, 0, 1],
                "cover": t.weighted_n_node_samples,
            }
        )
    values = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")
    boosted = HistGradientBoostingClassifier(max_iter=5, max_leaf_nodes=8, min_samples_leaf=5).fit(x, y)
    more = []
    for (predictor,) in boosted._predictors:
        n = predictor.nodes
        isLeaf = n["is_leaf"].astype(bool)
        more.append(
            {
                "left": np.where(isLeaf, -1, n["left"].astype(int)),
                "right": np.where(isLeaf, -1, n["right"].astype(int)),
                "feature": n["feature_idx"],
                "threshold": np.where(np.isinf(n["num_threshold"]), 1e300, n["num_threshold"]),
                "missingLeft": n["missing_go_to_left"],
                "value": n["value"],
                "cover": n["count"],
            }
        )
    boostedValues = shap.TreeExplainer(boosted, feature_perturbation="tree_path_dependent")
    return [
        {
            "name": "random forest",
            "average": True,
            "single": True,
            "base": 0,
            "trees": trees,
            "rows": asked,
            "margins": forest.predict_proba(asked)[:, 1],
            "shap": values.shap_values(asked)[:, :, 1],
            "shapBase": values.expected_value[1],
        },
        {
            "name": "histogram gradient boosting",
            "average": False,
            "single": False,
            "base": float(np.ravel(boosted._baseline_prediction)[0]),
            "trees": more,
            "rows": asked,
            "margins": boosted.decision_function(asked),
            "shap": boostedValues.shap_values(asked),
            "shapBase": float(np.ravel(boostedValues.expected_value)[-1]),
        },
    ]


def isotonic_cases():
    cases = []
    for seed, rows, ties, weighted in ((20, 60, False, False), (21, 200, True, False), (22, 120, True, True)):
        r = np.random.default_rng(seed)
        raws = np.round(r.normal(size=rows), 1) if ties else r.normal(size=rows)
        labels = (r.random(rows) < 1 / (1 + np.exp(-2 * raws))).astype(int)
        weights = r.integers(1, 5, rows).astype(float) if weighted else np.ones(rows)
        fitted = IsotonicRegression(out_of_bounds="clip").fit(raws, labels, weights)
        asked = np.linspace(-4, 4, 161)
        cases.append({"raws": raws, "labels": labels, "weights": weights, "asked": asked, "fitted": fitted.predict(asked)})
    return cases


def loss_of(parameters, columns, targets):
    margins = columns @ parameters
    return np.sum(np.logaddexp(0, margins) - targets * margins)


def logistic_fit(columns, targets):
    """Maximum likelihood, to the last digits by Newton steps."""
    parameters = minimize(loss_of, np.zeros(columns.shape[1]), (columns, targets), "BFGS").x
    for _ in range(20):
        p = 1 / (1 + np.exp(-columns @ parameters))
        hessian = columns.T @ (columns * (p * (1 - p))[:, None])
        parameters = parameters + np.linalg.solve(hessian, columns.T @ (targets - p))
    return parameters


def platt_and_beta():
    r = np.random.default_rng(30)
    raws = r.normal(size=300) * 1.5
    labels = (r.random(300) < 1 / (1 + np.exp(-(0.6 * raws - 0.4)))).astype(float)
    positives = labels.sum()
    # Platt (1999): targets a little inside of 0 and 1
    targets = np.where(labels == 1, (positives + 1) / (positives + 2), 1 / (len(labels) - positives + 2))
    slope, offset = logistic_fit(np.c_[raws, np.ones(300)], targets)
    p = 1 / (1 + np.exp(-raws))
    a, b, c = logistic_fit(np.c_[np.log(p), -np.log(1 - p), np.ones(300)], labels)
    assert a > 0 and b > 0
    # with labels whose likeliest `a` is negative: it is set to 0 and the others are fitted anew
    turned = (r.random(300) < np.where(p < 0.25, 0.55, p)).astype(float)
    free = logistic_fit(np.c_[np.log(p), -np.log(1 - p), np.ones(300)], turned)
    assert free[0] < 0 and free[1] > 0
    bound = logistic_fit(np.c_[-np.log(1 - p), np.ones(300)], turned)
    return {
        "raws": raws,
        "labels": labels,
        "platt": {"slope": slope, "offset": offset},
        "beta": {"a": a, "b": b, "c": c},
        "turned": turned,
        "betaOfTurned": {"a": 0.0, "b": bound[0], "c": bound[1]},
    }


write("lightgbm.json", {"cases": lightgbm_cases(), "linear": linear_text(), "multiclass": multiclass_text()})
write("xgboost.json", {"cases": xgboost_cases(), "refused": refused_by_us()})
write("sklearn.json", {"cases": sklearn_cases()})
write("calibration.json", {"isotonic": isotonic_cases(), "parametric": platt_and_beta()})


def written():
    """What LightGBM says of models that Slipstream has written (test/forest/exchange/lightgbm-write.test.ts)."""
    r = np.random.default_rng(40)
    carriers = ["UA", "B6", "AA"]
    rows = [
        [
            None if r.random() < 0.2 else int(r.integers(-300, 300)) / 10,
            None if r.random() < 0.2 else carriers[int(r.integers(0, 3))],
            None if r.random() < 0.2 else int(r.integers(0, 24)),
        ]
        for _ in range(40)
    ] + [[12.3, "UA", 7], [12.4, "B6", 8], [-0.5, "AA", 0], [-0.4, None, 0], [0.0, "B6", 1], [0.1, "XX", None]]
    kind = pd.CategoricalDtype(carriers)
    frame = pd.DataFrame(
        {
            "delay": np.array([row[0] for row in rows], dtype=float),
            "carrier": pd.Categorical([row[1] if row[1] in carriers else None for row in rows], dtype=kind),
            "hour": np.array([row[2] for row in rows], dtype=float),
        }
    )
    margins = {}
    for name in ("boosting", "forest"):
        path = os.path.join(HERE, f"written-{name}.txt")
        if os.path.exists(path):
            margins[name] = lgb.Booster(model_file=path).predict(frame)
            if name == "boosting":
                margins[name] = lgb.Booster(model_file=path).predict(frame, raw_score=True)
    return {"rows": rows, "margins": margins}


write("written.json", written())

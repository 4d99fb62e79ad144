"""Fit the tables of season models: forests of extremely randomised trees, kernel machines, networks of curves.

fit.py <job.json>: {"datasets": {name: {"features": file of float32 [row][column], "columns": n}},
"fits": [{"kind": "forest" | "kernel" | "net", "dataset": name, "rows": [...], "labels": [...], "out": file, ...settings}]}
Formats of what is written: README.md beside this file.
"""
import json
import struct
import sys

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier

PER_LEAF = 255


def float32_below(values):
    """The largest float32 that is not above each double: x <= value holds for the same float32 x."""
    rounded = values.astype(np.float32)
    return np.where(rounded.astype(np.float64) > values, np.nextafter(rounded, np.float32(-np.inf)), rounded)


def leaf_bytes(values):
    shares = values / values.sum(axis=1, keepdims=True)
    scaled = np.rint(shares / shares.max(axis=1, keepdims=True) * PER_LEAF)
    return scaled.astype(np.uint8)


def preorder(tree):
    """Positions of the nodes so that a left child follows its parent."""
    order, stack = [], [0]
    while stack:
        node = stack.pop()
        order.append(node)
        if tree.children_left[node] >= 0:
            stack.append(tree.children_right[node])
            stack.append(tree.children_left[node])
    return np.array(order)


def write_forest(model, classes, columns, path):
    roots, features, thresholds, rights, leaves = [], [], [], [], []
    nodes = leaf_count = 0
    for estimator in model.estimators_:
        tree = estimator.tree_
        order = preorder(tree)
        place = np.empty(len(order), int)
        place[order] = np.arange(len(order))
        is_leaf = tree.children_left[order] < 0
        own = tree.value[order][:, 0, :]
        roots.append(nodes)
        features.append(np.where(is_leaf, -1, tree.feature[order]))
        thresholds.append(np.where(is_leaf, 0, float32_below(tree.threshold[order])))
        right = np.where(is_leaf, 0, place[tree.children_right[order]] + nodes)
        right[is_leaf] = leaf_count + np.arange(is_leaf.sum())
        rights.append(right)
        leaves.append(leaf_bytes(own[is_leaf]))
        nodes += len(order)
        leaf_count += int(is_leaf.sum())
    head = " ".join(classes).encode()
    head += b" " * (-len(head) % 4)
    with open(path, "wb") as file:
        file.write(b"TWFOREST")
        file.write(struct.pack("<6I", len(head), columns, len(roots), nodes, leaf_count, 0))
        file.write(head)
        file.write(np.array(roots, "<u4").tobytes())
        file.write(np.concatenate(thresholds).astype("<f4").tobytes())
        file.write(np.concatenate(rights).astype("<u4").tobytes())
        file.write(np.concatenate(features).astype("<i2").tobytes())
        file.write(np.concatenate(leaves).tobytes())


def fit_forest(rows, labels, fit):
    model = ExtraTreesClassifier(
        fit["trees"],
        min_samples_leaf=fit.get("leaf", 1),
        max_features=fit.get("features", "sqrt"),
        class_weight=fit.get("weights"),
        random_state=fit.get("seed", 0),
        n_jobs=1,
    ).fit(rows, labels)
    write_forest(model, [str(name) for name in model.classes_], rows.shape[1], fit["out"])
    if fit.get("check"):
        # the way of each row is scikit-learn's own; leaves as the table holds them
        total = np.zeros((len(rows), len(model.classes_)))
        for tree in model.estimators_:
            kept = leaf_bytes(tree.tree_.value[:, 0, :]).astype(float)[tree.apply(rows)]
            total += kept / kept.sum(axis=1, keepdims=True)
        (total / len(model.estimators_)).astype("<f8").tofile(fit["out"] + ".check")
        model.predict_proba(rows).astype("<f8").tofile(fit["out"] + ".sklearn")


def distances(a, b):
    squares = (a * a).sum(1)[:, None] + (b * b).sum(1)[None] - 2 * a @ b.T
    return np.maximum(squares, 0) / a.shape[1]


def fit_kernel(rows, labels, fit):
    """Least squares on kernels to landmarks: all samples where there are no more than that many."""
    classes = np.unique(labels)
    mean, deviation = rows.mean(0), rows.std(0)
    deviation[deviation == 0] = 1
    z = ((rows - mean) / deviation).astype(np.float32)
    order = np.random.RandomState(fit.get("seed", 0)).permutation(len(z))[: fit["landmarks"]]
    marks = z[np.sort(order)]
    targets = np.where(labels[:, None] == classes[None], 1.0, -1.0)
    weight = np.ones(len(z))
    for name, value in fit.get("weights", {}).items():
        weight[labels == name] = value
    own = np.exp(-fit["gamma"] * distances(marks.astype(float), marks.astype(float)))
    cross = np.exp(-fit["gamma"] * distances(z.astype(float), marks.astype(float)))
    normal = (cross * weight[:, None]).T @ cross + fit["ridge"] * own + 1e-6 * np.eye(len(marks))
    weights = np.linalg.solve(normal, (cross * weight[:, None]).T @ targets)
    if fit.get("check"):
        (cross @ weights).astype("<f8").tofile(fit["out"] + ".check")
    head = " ".join(str(name) for name in classes).encode()
    head += b" " * (-len(head) % 8)
    with open(fit["out"], "wb") as file:
        file.write(b"TWKERNEL")
        file.write(struct.pack("<4Id", len(head), rows.shape[1], len(marks), 0, fit["gamma"]))
        file.write(head)
        file.write(mean.astype("<f8").tobytes() + deviation.astype("<f8").tobytes())
        file.write(weights.astype("<f8").tobytes() + marks.astype("<f4").tobytes())


def main(path):
    with open(path) as file:
        job = json.load(file)
    datasets = {
        name: np.fromfile(each["features"], "<f4").reshape(-1, each["columns"])
        for name, each in job["datasets"].items()
    }
    for fit in job["fits"]:
        rows = datasets[fit["dataset"]][fit["rows"]]
        labels = np.array(fit["labels"])
        if fit["kind"] == "forest":
            fit_forest(rows, labels, fit)
        elif fit["kind"] == "net":
            from net import fit_net  # torch, which the others do not need

            fit_net(rows, labels, fit)
        else:
            fit_kernel(rows.astype(np.float64), labels, fit)
        print(fit["out"], flush=True)


main(sys.argv[1])

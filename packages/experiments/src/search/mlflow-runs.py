"""Makes random runs and filters of them, and asks MLflow's own search which runs match, in which order.

    pip install mlflow==3.17.2 && python mlflow-runs.py > mlflow-runs.json
"""

import json
import math
import random

from mlflow.entities import Dataset, DatasetInput, InputTag, LifecycleStage, Metric, Param, Run, RunData, RunInfo, RunInputs, RunTag
from mlflow.utils.search_utils import SearchUtils

random.seed(20261123)
STATES = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]
# Infinity is left out: MLflow's SQL store clamps it, this search compares it as it is.
VALUES = [0.0, -1.5, 0.25, 0.5, 0.75, 1.0, 3.0, 1e9, math.nan]
WORDS = ["adam", "sgd", "Adam", "a%b", "a_b", "it's", "", "0.1", "0.10", "ünï", "x" * 40]
NAMES = ["quick-hare-1", "calm owl", "Quick-Hare-2", "100%"]


def json_safe(value):
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


def make(i):
    metrics = {k: random.choice(VALUES) for k in ["loss", "val loss", "sys/cpu"] if random.random() < 0.7}
    params = {k: random.choice(WORDS) for k in ["opt", "a b"] if random.random() < 0.7}
    tags = {k: random.choice(WORDS) for k in ["kind", "mlflow.source.name"] if random.random() < 0.6}
    start = 1_700_000_000_000 + random.randrange(40)
    end = None if random.random() < 0.3 else start + random.randrange(50)
    datasets = [
        {"name": random.choice(["flights", "iris"]), "digest": random.choice(["d1", "d2"]), "context": random.choice(["train", "eval", None])}
        for _ in range(random.choice([0, 0, 1, 2]))
    ]
    seen = {}
    for d in datasets:
        seen[(d["name"], d["digest"])] = d
    return {
        "id": f"run{i:03d}", "name": random.choice(NAMES), "user": random.choice(["ada", "bob"]), "status": random.choice(STATES),
        "start": start, "end": end, "metrics": metrics, "params": params, "tags": tags, "datasets": list(seen.values()),
    }


def entity(r):
    info = RunInfo(r["id"], "exp", r["user"], r["status"], r["start"], r["end"], LifecycleStage.ACTIVE,
                   f"mlflow-artifacts:/exp/{r['id']}/artifacts", run_name=r["name"])
    data = RunData([Metric(k, v, 0, 0) for k, v in r["metrics"].items()], [Param(k, v) for k, v in r["params"].items()],
                   [RunTag(k, v) for k, v in r["tags"].items()])
    inputs = [
        DatasetInput(Dataset(d["name"], d["digest"], "local", "{}"), [InputTag("mlflow.data.context", d["context"])] if d["context"] else [])
        for d in r["datasets"]
    ]
    return Run(info, data, RunInputs(inputs))


def literal(value):
    return f'"{value}"' if "'" in value else f"'{value}'"


def clause():
    kind = random.choice(["metric", "metric", "param", "tag", "null", "status", "name", "time", "dataset", "context", "id", "user", "uri"])
    text = random.choice(["=", "!=", "LIKE", "ILIKE"])
    if kind == "metric":
        key = random.choice(["loss", "`val loss`", "`sys/cpu`", "missing"])
        return f"metrics.{key} {random.choice(['=', '!=', '>', '>=', '<', '<='])} {random.choice([v for v in VALUES if v == v])}"
    if kind in ("param", "tag"):
        key = random.choice(["opt", "`a b`", "missing"]) if kind == "param" else random.choice(["kind", "mlflow.source.name"])
        value = random.choice(WORDS) if not text.endswith("LIKE") else random.choice(["a%", "%d%", "a_b", "SGD", "%", "", "_da_", "x%x"])
        return f"{kind}s.{key} {text} {literal(value)}"
    if kind == "null":
        return f"{random.choice(['tags.kind', 'params.opt', 'params.missing'])} IS {random.choice(['', 'NOT '])}NULL"
    if kind == "status":
        return f"status {random.choice(['=', '!='])} '{random.choice(STATES)}'" if random.random() < 0.7 else "attribute.status LIKE 'F%'"
    if kind == "name":
        return f"run_name {text} '{random.choice(NAMES if not text.endswith('LIKE') else ['quick%', '%owl', '100%'])}'"
    if kind == "time":
        column = random.choice(["start_time", "attribute.end_time", "created"])
        return f"{column} {random.choice(['=', '!=', '>', '>=', '<', '<='])} {1_700_000_000_000 + random.randrange(60)}"
    if kind == "dataset":
        column = random.choice(["name", "digest"])
        if random.random() < 0.3:
            return f"dataset.{column} {random.choice(['IN', 'NOT IN'])} ('flights', 'd1')"
        return f"dataset.{column} {text} '{random.choice(['flights', 'iris', 'd1', 'fl%'])}'"
    if kind == "context":
        return f"dataset.context {text} '{random.choice(['train', 'eval', 't%'])}'"
    if kind == "id":
        return f"run_id {random.choice(['IN', 'NOT IN'])} ('run001', 'run007', 'run020', 'none')"
    if kind == "user":
        return f"user_id {random.choice(['=', '!='])} 'ada'"
    return "artifact_uri LIKE '%run01%'"


runs = [make(i) for i in range(60)]
entities = [entity(r) for r in runs]
filters = []
while len(filters) < 250:
    f = " AND ".join(clause() for _ in range(random.choice([1, 1, 2, 2, 3])))
    filters.append({"filter": f, "ids": sorted(e.info.run_id for e in SearchUtils.filter(entities, f))})
orders = []
for o in [
    [], ["metrics.loss"], ["metrics.loss DESC"], ["metrics.`val loss` ASC", "start_time"], ["params.opt DESC"], ["params.`a b`"],
    ["tags.kind DESC", "metrics.loss DESC"], ["start_time ASC"], ["end_time"], ["attribute.end_time DESC"], ["status", "run_name DESC"],
    ["metrics.missing DESC"], ["run_id DESC"], ["user_id", "metrics.loss"], ["created DESC"],
]:
    # In memory MLflow orders text by code point; runs that tie on all columns come by start time, then id, as in its SQL store.
    orders.append({"orderBy": o, "ids": [e.info.run_id for e in SearchUtils.sort(entities, o)]})
print(json.dumps({
    "runs": [{**r, "metrics": {k: json_safe(v) for k, v in r["metrics"].items()}} for r in runs], "filters": filters, "orders": orders,
}, indent=1, ensure_ascii=False))

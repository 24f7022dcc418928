"""Searching, the life of experiments, and what is refused, as the unmodified `mlflow` client speaks it (3.x and 2.x)."""

import os
import time

from mlflow_client import STAMP, client, refused
import mlflow
from checks import check, equal, finish, holds
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

EXPERIMENT = f"refusals {STAMP}"
experiment = mlflow.set_experiment(EXPERIMENT)
run_id = client.create_run(experiment.experiment_id).info.run_id
client.log_param(run_id, "depth", 3)

searched = mlflow.set_experiment(f"search {STAMP}")
with mlflow.start_run(run_name="base"):
    mlflow.log_params({"kind": "a", "lr": "0.1"})
    mlflow.log_metric("acc", 0.1)
names = {}
for n in range(1, 8):
    with mlflow.start_run(run_name=f"run {n}") as r:
        mlflow.log_params({"kind": "b" if n % 2 else "c"})
        mlflow.log_metrics({"acc": n / 10, "val loss": float(8 - n)})
        mlflow.set_tag("owner", f"user{n}")
        names[r.info.run_name] = r.info.run_id
SEARCHED = [searched.experiment_id]


def found_names(filter_string="", order_by=None, **more):
    runs = client.search_runs(SEARCHED, filter_string, order_by=order_by, **more)
    return [r.info.run_name for r in runs]


with check("search_runs: metrics, params, tags, attributes, LIKE, IN, quotes, AND"):
    equal(found_names("metrics.acc > 0.45 AND params.kind = 'b'", ["metrics.acc DESC"]), ["run 7", "run 5"])
    equal(found_names("metrics.`val loss` <= 2", ["metrics.acc ASC"]), ["run 6", "run 7"])
    equal(found_names("tags.owner LIKE 'user%' and params.kind != 'b'", ["metrics.acc"]), ["run 2", "run 4", "run 6"])
    equal(found_names("tags.owner ILIKE 'USER3'"), ["run 3"])
    equal(found_names("attributes.run_name = 'run 4'"), ["run 4"])
    equal(found_names(f"run_id IN ('{names['run 1']}', '{names['run 2']}')", ["run_name"]), ["run 1", "run 2"])
    equal(found_names("params.lr = '0.1'"), ["base"])
    equal(found_names("attributes.status = 'FINISHED' and metrics.acc = 0.7"), ["run 7"])
    equal(found_names("start_time > 0 and metrics.acc < 0.15", ["run_name"]), ["base", "run 1"])
    equal(len(found_names("metrics.acc != 0.1")), 6)

with check("search_runs: order; newest first by default; those that lack the metric last"):
    equal(found_names(), [f"run {n}" for n in range(7, 0, -1)] + ["base"])
    equal(found_names("", ["metrics.`val loss` ASC"])[-1], "base")
    equal(found_names("", ["metrics.`val loss` DESC"])[-1], "base")
    equal(found_names("", ["params.kind", "metrics.acc DESC"])[:2], ["base", "run 7"])

with check("search_runs: pages, each run once"):
    token, pages = None, []
    while True:
        page = client.search_runs(SEARCHED, max_results=3, page_token=token, order_by=["metrics.acc DESC"])
        pages.append([r.info.run_name for r in page])
        token = page.token
        if not token:
            break
    equal([len(page) for page in pages if page], [3, 3, 2])
    equal(sum(pages, [])[:3], ["run 7", "run 6", "run 5"])
    equal(len(set(sum(pages, []))), 8)

with check("mlflow.search_runs: a data frame; of nothing and of several experiments"):
    frame = mlflow.search_runs(SEARCHED, order_by=["metrics.acc DESC"])
    equal(list(frame["metrics.acc"])[:3], [0.7, 0.6, 0.5])
    equal(frame["params.kind"][0], "b")
    equal(len(mlflow.search_runs([*SEARCHED, experiment.experiment_id], max_results=5)), 5)
    equal(len(mlflow.search_runs(SEARCHED, "metrics.acc > 99")), 0)

with check("search_runs refuses a bad filter and says where"):
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_runs(SEARCHED, "metrics.acc >"))
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_runs(SEARCHED, "metrics.acc ~ 3"))
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_runs(SEARCHED, "nonsense.x = 'y'"))
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_runs(SEARCHED, "metrics.acc > 'text'"))
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_runs(SEARCHED, order_by=["metrics.acc SIDEWAYS"]))
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_runs(SEARCHED, max_results=60_000))
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_runs(SEARCHED, page_token="nonsense"))
    error = refused("INVALID_PARAMETER_VALUE", lambda: client.search_runs(SEARCHED, "metrics.acc > 0.5 AND tags.x ="))
    holds(any(c.isdigit() for c in str(error)), f"the position: {error}")

with check("search_runs: OR and parentheses, which MLflow lacks"):
    equal(found_names("metrics.acc = 0.7 OR (params.kind = 'c' AND metrics.acc < 0.3)", ["metrics.acc"]), ["run 2", "run 7"])

with check("search_experiments: names, tags, order, view, pages"):
    client.set_experiment_tag(searched.experiment_id, "mark", STAMP)
    equal([e.name for e in client.search_experiments(filter_string=f"tags.mark = '{STAMP}'")], [searched.name])
    equal([e.name for e in client.search_experiments(filter_string=f"name = '{EXPERIMENT}'")], [EXPERIMENT])
    ordered = [e.name for e in client.search_experiments(filter_string=f"name LIKE '%{STAMP}'", order_by=["name DESC"])]
    equal(ordered, [searched.name, EXPERIMENT])
    first = client.search_experiments(max_results=1)
    holds(first.token is not None and len(first) == 1, "a second page")

with check("rename_experiment, delete_experiment, restore_experiment"):
    spare = client.create_experiment(f"spare {STAMP}", tags={"k": "v"})
    inside = client.create_run(spare).info.run_id
    client.rename_experiment(spare, f"renamed {STAMP}")
    equal(client.get_experiment(spare).name, f"renamed {STAMP}")
    client.delete_experiment(spare)
    equal(client.get_experiment(spare).lifecycle_stage, "deleted")
    equal(client.get_run(inside).info.lifecycle_stage, "deleted")
    refused("INVALID_PARAMETER_VALUE", lambda: client.create_run(spare), "must be in the 'active' state")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.delete_experiment(spare))
    deleted = client.search_experiments(view_type=ViewType.DELETED_ONLY)
    holds(spare in [e.experiment_id for e in deleted], "among the deleted")
    client.restore_experiment(spare)
    equal(client.get_experiment(spare).lifecycle_stage, "active")
    equal(client.get_run(inside).info.lifecycle_stage, "active")

with check("a deleted experiment is refused by set_experiment; its name can be given again"):
    client.delete_experiment(spare)
    try:
        mlflow.set_experiment(f"renamed {STAMP}")
        raise AssertionError("it was not refused")
    except MlflowException as error:
        holds("deleted experiment" in str(error), str(error))
    again = client.create_experiment(f"renamed {STAMP}")
    equal(mlflow.set_experiment(f"renamed {STAMP}").experiment_id, again)

with check("refused: names that clash, ids nobody gave out"):
    refused("RESOURCE_ALREADY_EXISTS", lambda: client.create_experiment(EXPERIMENT), "already exists")
    refused("RESOURCE_ALREADY_EXISTS", lambda: client.create_experiment("Default"))
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_experiment("exp_nobody"), "No Experiment with id=exp_nobody exists")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_run("run_nobody"), "Run with id=run_nobody not found")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.log_metric("run_nobody", "a", 1))
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.create_run("exp_nobody"))
    refused("INVALID_PARAMETER_VALUE", lambda: client.create_experiment("x" * 501))

with check("refused: a parameter that would change"):
    error = refused("INVALID_PARAMETER_VALUE", lambda: client.log_param(run_id, "depth", 4))
    equal(client.get_run(run_id).data.params["depth"], "3")

with check("refused: over-long keys, keys that are paths, and nothing of their batch is written"):
    target = client.create_run(experiment.experiment_id).info.run_id
    store = client._tracking_client.store
    good, now = Metric("good", 1.0, 1, 0), int(time.time() * 1000)
    for bad in ("k" * 251, "../up", "/abs", "a//b", "what?", "."):
        refused("INVALID_PARAMETER_VALUE", lambda: store.log_batch(target, [good, Metric(bad, 1.0, now, 0)], [Param("p", "1")], []))
        refused("INVALID_PARAMETER_VALUE", lambda: store.log_batch(target, [good], [Param(bad, "1")], []))
        refused("INVALID_PARAMETER_VALUE", lambda: store.log_batch(target, [good], [], [RunTag(bad, "1")]))
    too_many = [Metric("good", 1.0, i, i) for i in range(1001)]
    refused("INVALID_PARAMETER_VALUE", lambda: store.log_batch(target, too_many, [], []), "at most 1000 metrics")
    refused("INVALID_PARAMETER_VALUE", lambda: store.log_batch(target, [], [Param(f"{i}", "") for i in range(101)], []))
    refused("INVALID_PARAMETER_VALUE", lambda: store.log_batch(target, [good], [Param("p", "1"), Param("p", "2")], []))
    equal((client.get_run(target).data.metrics, client.get_run(target).data.params), ({}, {}))

with check("long values of params and tags are cut, as MLflow does"):
    store.log_batch(target, [], [Param("long", "é" * 7000)], [RunTag("long", "t" * 9000)])
    data = client.get_run(target).data
    equal((len(data.params["long"]), len(data.tags["long"])), (6000, 8000))

with check("refused: wrong token, no token, a token that may only read, somebody else's run"):
    saved = os.environ["MLFLOW_TRACKING_TOKEN"]
    try:
        os.environ["MLFLOW_TRACKING_TOKEN"] = f"blst_{'0' * 40}"
        refused("UNAUTHENTICATED", lambda: client.get_run(run_id))
        del os.environ["MLFLOW_TRACKING_TOKEN"]
        refused("UNAUTHENTICATED", lambda: client.get_run(run_id))
        os.environ["MLFLOW_TRACKING_TOKEN"] = os.environ["BALLAST_READER_TOKEN"]
        equal(client.get_run(run_id).info.run_id, run_id)
        refused("PERMISSION_DENIED", lambda: client.log_metric(run_id, "a", 1))
        os.environ["MLFLOW_TRACKING_TOKEN"] = os.environ["BALLAST_STRANGER_TOKEN"]
        refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_run(run_id))
        refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_experiment(experiment.experiment_id))
        refused("RESOURCE_DOES_NOT_EXIST", lambda: client.log_metric(run_id, "a", 1))
        equal(len(client.search_runs([experiment.experiment_id])), 0)
    finally:
        os.environ["MLFLOW_TRACKING_TOKEN"] = saved

with check("user name and password: the token as MLFLOW_TRACKING_PASSWORD"):
    saved = os.environ.pop("MLFLOW_TRACKING_TOKEN")
    os.environ.update(MLFLOW_TRACKING_USERNAME="token", MLFLOW_TRACKING_PASSWORD=saved)
    try:
        equal(client.get_run(run_id).info.run_id, run_id)
    finally:
        for name in ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"):
            del os.environ[name]
        os.environ["MLFLOW_TRACKING_TOKEN"] = saved

finish()

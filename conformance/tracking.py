"""Experiments, runs, metrics, datasets, files and logged models as the unmodified `mlflow` client speaks them (3.x and 2.x)."""

import math
import os
import tempfile
import time
import warnings
from pathlib import Path

os.environ.setdefault("MLFLOW_TRACKING_URI", os.environ["BALLAST_GATEWAY"])
os.environ.setdefault("MLFLOW_TRACKING_TOKEN", os.environ["BALLAST_TOKEN"])
# An error that is repeated four minutes long says no more than one that is told at once.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "1")
warnings.filterwarnings("ignore")

import mlflow  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from checks import check, equal, finish, holds  # noqa: E402
from mlflow.entities import Metric, Param, RunTag, ViewType  # noqa: E402
from mlflow.exceptions import MlflowException, RestException  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402

THREE = int(mlflow.__version__.split(".")[0]) >= 3
UNIQUE = f"{mlflow.__version__} {time.time_ns()}"
client = MlflowClient()
print(f"  mlflow {mlflow.__version__}")


def refused(code, work, *words):
    """The error that the client raises: its code, and words in its message."""
    try:
        work()
    except (RestException, MlflowException) as error:
        equal(error.error_code, code, "error code")
        for word in words:
            holds(word in str(error), f"{word!r} is not in {error!s}")
        return error
    raise AssertionError("it was not refused")


EXPERIMENT = f"conformance {UNIQUE}"
experiment = None
with check("set_experiment: made, found again, by name and by id"):
    experiment = mlflow.set_experiment(EXPERIMENT)
    equal(mlflow.set_experiment(EXPERIMENT).experiment_id, experiment.experiment_id)
    equal(mlflow.set_experiment(experiment_id=experiment.experiment_id).name, EXPERIMENT)
    equal(mlflow.get_experiment_by_name(EXPERIMENT).experiment_id, experiment.experiment_id)
    equal(experiment.lifecycle_stage, "active")
    holds(experiment.creation_time > 1.6e12, "creation_time is in epoch ms")
    equal(experiment.artifact_location, f"mlflow-artifacts:/{experiment.experiment_id}")

with check("get_experiment 0 is Default; an unknown name is None"):
    equal(client.get_experiment("0").name, "Default")
    equal(mlflow.get_experiment_by_name("nobody made this"), None)

with check("set_experiment_tag, delete_experiment_tag"):
    client.set_experiment_tag(experiment.experiment_id, "team", "ml")
    equal(client.get_experiment(experiment.experiment_id).tags["team"], "ml")
    if hasattr(client, "delete_experiment_tag"):
        client.delete_experiment_tag(experiment.experiment_id, "team")
        holds("team" not in client.get_experiment(experiment.experiment_id).tags, "the tag is gone")

run_id = None
with check("start_run, end_run: id, name, status, times, tags"):
    with mlflow.start_run(run_name="first", tags={"a": "b"}, description="what it is") as run:
        run_id = run.info.run_id
        equal(client.get_run(run_id).info.status, "RUNNING")
        equal(client.get_run(run_id).info.end_time, None)
    done = client.get_run(run_id)
    equal((done.info.status, done.info.run_name, done.info.lifecycle_stage), ("FINISHED", "first", "active"))
    equal(done.data.tags["a"], "b")
    equal(done.data.tags["mlflow.note.content"], "what it is")
    holds(done.info.end_time >= done.info.start_time > 1.6e12, "times in epoch ms")
    equal(done.info.artifact_uri, f"mlflow-artifacts:/{experiment.experiment_id}/{run_id}/artifacts")

with check("start_run(run_id): a run is taken up again"):
    with mlflow.start_run(run_id=run_id):
        equal(client.get_run(run_id).info.status, "RUNNING")
    equal(client.get_run(run_id).info.status, "FINISHED")

with check("start_run that raises: FAILED"):
    try:
        with mlflow.start_run() as failing:
            raise ValueError("for the test")
    except ValueError:
        pass
    equal(client.get_run(failing.info.run_id).info.status, "FAILED")
    holds("-" in failing.info.run_name, f"a random name: {failing.info.run_name}")

with check("nested runs: the child knows its parent"):
    with mlflow.start_run(run_name="parent") as parent:
        with mlflow.start_run(run_name="child", nested=True) as child:
            pass
    equal(client.get_run(child.info.run_id).data.tags["mlflow.parentRunId"], parent.info.run_id)
    found = mlflow.search_runs([experiment.experiment_id], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    equal(list(found.run_id), [child.info.run_id])
    equal(client.get_parent_run(child.info.run_id).info.run_id, parent.info.run_id)

with check("log_param, log_params, log_metric, log_metrics, set_tag, set_tags"):
    with mlflow.start_run(run_id=run_id):
        mlflow.log_param("depth", 3)
        mlflow.log_params({"rate": 0.1, "flag": True, "none": None, "utf8 ключ": "значение 🙂"})
        mlflow.log_metric("loss", 0.5, step=1)
        mlflow.log_metric("loss", 0.25, step=2)
        mlflow.log_metrics({"auc": 0.9, "f1": 0.8}, step=7)
        mlflow.set_tag("stage", "dev")
        mlflow.set_tags({"x": 1, "y/z": "deep"})
    data = client.get_run(run_id).data
    wanted = {"depth": "3", "rate": "0.1", "flag": "True", "none": "None", "utf8 ключ": "значение 🙂"}
    equal(data.params, wanted)
    equal(data.metrics, {"loss": 0.25, "auc": 0.9, "f1": 0.8})
    equal({key: data.tags[key] for key in ("stage", "x", "y/z")}, {"stage": "dev", "x": "1", "y/z": "deep"})

with check("get_metric_history: every point, in order, with steps and times"):
    history = client.get_metric_history(run_id, "loss")
    equal([(m.step, m.value) for m in history], [(1, 0.5), (2, 0.25)])
    holds(all(m.timestamp > 1.6e12 for m in history), "timestamps in epoch ms")
    equal(client.get_metric_history(run_id, "nobody logged"), [])

with check("delete_tag; an absent tag is RESOURCE_DOES_NOT_EXIST"):
    client.delete_tag(run_id, "x")
    holds("x" not in client.get_run(run_id).data.tags, "the tag is gone")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.delete_tag(run_id, "x"), "No tag with name: x")

with check("log_batch: 1,000 metrics, 100 params and 100 tags are its limits"):
    metrics = [Metric(f"m{i % 10}", float(i), 1000 + i, i) for i in range(800)]
    batch = client.create_run(experiment.experiment_id, run_name="batch").info.run_id
    client.log_batch(
        batch, metrics, [Param(f"p{i}", str(i)) for i in range(100)], [RunTag(f"t{i}", "v") for i in range(100)]
    )
    data = client.get_run(batch).data
    equal((len(data.metrics), len(data.params)), (10, 100))
    equal(len(client.get_metric_history(batch, "m3")), 80)
    client.log_batch(batch, [Metric("many", float(i), i, i) for i in range(1000)])
    equal(len(client.get_metric_history(batch, "many")), 1000)

with check("log_batch again: the same points are not doubled, the same params are fine"):
    client.log_batch(batch, metrics, [Param("p1", "1")])
    equal(len(client.get_metric_history(batch, "m3")), 80)

with check("10,000 params through log_params"):
    wide = client.create_run(experiment.experiment_id, run_name="wide").info.run_id
    with mlflow.start_run(run_id=wide):
        mlflow.log_params({f"param_{i}": i for i in range(10_000)})
    equal(len(client.get_run(wide).data.params), 10_000)

with check("NaN and infinity are kept"):
    odd = client.create_run(experiment.experiment_id, run_name="odd").info.run_id
    for step, value in enumerate([math.nan, math.inf, -math.inf, 1.0]):
        client.log_metric(odd, "v", value, step=step)
    client.log_metric(odd, "last", math.nan)
    values = [m.value for m in client.get_metric_history(odd, "v")]
    holds(math.isnan(values[0]) and values[1:] == [math.inf, -math.inf, 1.0], f"{values}")
    holds(math.isnan(client.get_run(odd).data.metrics["last"]), "the last value")

with check("negative and huge steps"):
    for step in (-5, 2**53 - 1, 0):
        client.log_metric(odd, "steps", float(step), step=step)
    equal(sorted(m.step for m in client.get_metric_history(odd, "steps")), [-5, 0, 2**53 - 1])
    equal(client.get_run(odd).data.metrics["steps"], float(2**53 - 1))

with check("update_run, set_terminated: name and status"):
    client.update_run(batch, status="KILLED", name="renamed")
    info = client.get_run(batch).info
    equal((info.status, info.run_name), ("KILLED", "renamed"))
    client.set_terminated(batch, "FINISHED", end_time=1_700_000_000_000)
    equal(client.get_run(batch).info.end_time, 1_700_000_000_000)

with check("log_input: dataset, context, schema; of numpy and pandas"):
    with mlflow.start_run(run_id=run_id):
        mlflow.log_input(mlflow.data.from_numpy(np.arange(6.0).reshape(3, 2), name="grid"), context="training")
        frame = pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5]})
        mlflow.log_input(mlflow.data.from_pandas(frame, name="frame", targets="b"), context="eval", tags={"k": "v"})
    inputs = {one.dataset.name: one for one in client.get_run(run_id).inputs.dataset_inputs}
    equal(set(inputs), {"grid", "frame"})
    tags = {tag.key: tag.value for tag in inputs["frame"].tags}
    equal((tags["mlflow.data.context"], tags["k"]), ("eval", "v"))
    holds("colspec" in inputs["frame"].dataset.schema, "the schema")
    found = mlflow.search_runs([experiment.experiment_id], "dataset.name = 'grid' AND dataset.context = 'training'")
    equal(list(found.run_id), [run_id])

with tempfile.TemporaryDirectory() as folder:
    root = Path(folder)
    (root / "deep" / "er").mkdir(parents=True)
    (root / "note.txt").write_text("hello")
    (root / "deep" / "er" / "data with space & ünïcode.bin").write_bytes(bytes(range(256)) * 5000)
    (root / "deep" / "empty.txt").write_text("")

    with check("log_artifact, log_artifacts, log_text, log_dict"):
        with mlflow.start_run(run_id=run_id):
            mlflow.log_artifact(str(root / "note.txt"))
            mlflow.log_artifacts(folder, artifact_path="tree")
            mlflow.log_text("text", "some/text.txt")
            mlflow.log_dict({"a": [1, 2]}, "conf.json")

    with check("list_artifacts: files, folders and sizes, one level at a time"):
        at_root = {f.path: (f.is_dir, f.file_size) for f in client.list_artifacts(run_id)}
        equal(at_root["note.txt"], (False, 5))
        equal(at_root["tree"], (True, None))
        equal(at_root["some"], (True, None))
        below = {f.path: f.is_dir for f in client.list_artifacts(run_id, "tree/deep")}
        equal(below, {"tree/deep/er": True, "tree/deep/empty.txt": False})
        equal(client.list_artifacts(run_id, "nobody/put/this"), [])

    with check("download_artifacts: a file, a tree, by run and by URI, the same bytes"):
        with tempfile.TemporaryDirectory() as target:
            got = Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="tree", dst_path=target))
            for path in root.rglob("*"):
                if path.is_file():
                    equal((got / path.relative_to(root)).read_bytes(), path.read_bytes(), str(path))
            uri = f"runs:/{run_id}/note.txt"
            equal(Path(mlflow.artifacts.download_artifacts(uri, dst_path=target)).read_text(), "hello")
            equal(mlflow.artifacts.load_text(f"{client.get_run(run_id).info.artifact_uri}/some/text.txt"), "text")

    with check("an artifact that nobody put is refused"):
        refused_download = False
        try:
            mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="nothing.txt", dst_path=folder)
        except Exception as error:  # noqa: BLE001 - the client has several for it
            refused_download = "nothing.txt" in str(error) or "404" in str(error)
        holds(refused_download, "the file is named")

    with check("an artifact that is logged twice is replaced"):
        (root / "note.txt").write_text("changed")
        client.log_artifact(run_id, str(root / "note.txt"))
        equal(mlflow.artifacts.load_text(f"runs:/{run_id}/note.txt"), "changed")

with check("log_table, load_table"):
    with mlflow.start_run(run_id=run_id):
        mlflow.log_table({"q": ["a", "b"], "n": [1, 2]}, "table.json")
    equal(list(mlflow.load_table("table.json", run_ids=[run_id]).n), [1, 2])

with check("delete_run, restore_run; a deleted run takes nothing"):
    gone = client.create_run(experiment.experiment_id).info.run_id
    client.delete_run(gone)
    equal(client.get_run(gone).info.lifecycle_stage, "deleted")
    refused("INVALID_PARAMETER_VALUE", lambda: client.log_metric(gone, "a", 1), "must be in the 'active' state")
    refused("INVALID_PARAMETER_VALUE", lambda: client.log_batch(gone, [Metric("a", 1, 1, 1)]), "active")
    active = client.search_runs([experiment.experiment_id])
    holds(gone not in [r.info.run_id for r in active], "not among the active")
    deleted = client.search_runs([experiment.experiment_id], run_view_type=ViewType.DELETED_ONLY)
    equal([r.info.run_id for r in deleted], [gone])
    client.restore_run(gone)
    equal(client.get_run(gone).info.lifecycle_stage, "active")
    client.log_metric(gone, "a", 1)

# Searching
searched = mlflow.set_experiment(f"search {UNIQUE}")
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
    client.set_experiment_tag(searched.experiment_id, "mark", UNIQUE)
    equal([e.name for e in client.search_experiments(filter_string=f"tags.mark = '{UNIQUE}'")], [searched.name])
    equal([e.name for e in client.search_experiments(filter_string=f"name = '{EXPERIMENT}'")], [EXPERIMENT])
    ordered = [e.name for e in client.search_experiments(filter_string=f"name LIKE '%{UNIQUE}'", order_by=["name DESC"])]
    equal(ordered, [searched.name, EXPERIMENT])
    first = client.search_experiments(max_results=1)
    holds(first.token is not None and len(first) == 1, "a second page")

with check("rename_experiment, delete_experiment, restore_experiment"):
    spare = client.create_experiment(f"spare {UNIQUE}", tags={"k": "v"})
    inside = client.create_run(spare).info.run_id
    client.rename_experiment(spare, f"renamed {UNIQUE}")
    equal(client.get_experiment(spare).name, f"renamed {UNIQUE}")
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
        mlflow.set_experiment(f"renamed {UNIQUE}")
        raise AssertionError("it was not refused")
    except MlflowException as error:
        holds("deleted experiment" in str(error), str(error))
    again = client.create_experiment(f"renamed {UNIQUE}")
    equal(mlflow.set_experiment(f"renamed {UNIQUE}").experiment_id, again)

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

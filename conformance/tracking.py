"""Experiments, runs, metrics, datasets and files as the unmodified `mlflow` client speaks them (3.x and 2.x)."""

import math
import tempfile
from pathlib import Path

from mlflow_client import STAMP, client, refused
import mlflow
import numpy as np
import pandas as pd
from checks import check, equal, finish, holds
from mlflow.entities import Metric, Param, RunTag, ViewType

EXPERIMENT = f"conformance {STAMP}"
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

finish()

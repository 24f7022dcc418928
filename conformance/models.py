"""Autologging, logged models and the registry as the unmodified `mlflow` client speaks them (3.x and 2.x). No torch."""

import json
import os
import tempfile
from pathlib import Path

from mlflow_client import STAMP, THREE, client, refused
import mlflow
import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import pandas as pd
from checks import check, equal, finish, holds
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

experiment = mlflow.set_experiment(f"models {STAMP}")

random = np.random.default_rng(7)
X = pd.DataFrame(random.normal(size=(200, 3)), columns=["a", "b", "c"])
y = (X.a + 0.5 * X.b + random.normal(scale=0.3, size=200) > 0).astype(int)


def logged(model, name, **more):
    """A model logged in the way of the client's release."""
    kind = {"name": name} if THREE else {"artifact_path": name}
    return mlflow.sklearn.log_model(model, **kind, **more)


with check("sklearn.autolog: params, metrics, model, dataset and files of a fit"):
    mlflow.sklearn.autolog(log_input_examples=True, silent=True)
    with mlflow.start_run() as run:
        fitted = make_pipeline(StandardScaler(), LogisticRegression(C=0.5)).fit(X, y)
        fitted.score(X, y)
    mlflow.sklearn.autolog(disable=True, silent=True)
    auto = client.get_run(run.info.run_id)
    equal(auto.data.params["logisticregression__C"], "0.5")
    holds(0.8 < auto.data.metrics["training_accuracy_score"] <= 1, "a training metric")
    holds(any("score" in key and not key.startswith("training_") for key in auto.data.metrics), "a post-training metric")
    equal(auto.data.tags["estimator_name"], "Pipeline")
    holds(len(auto.inputs.dataset_inputs) >= 1, "the training data")
    contexts = {tag.value for one in auto.inputs.dataset_inputs for tag in one.tags}
    holds("train" in contexts, f"{contexts}")
    back = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
    np.testing.assert_array_equal(back.predict(X), fitted.predict(X))

model_id = None
run_id = None
with check("log_model and load_model: signature, input example, the same predictions"):
    simple = LogisticRegression().fit(X, y)
    with mlflow.start_run() as run:
        run_id = run.info.run_id
        mlflow.log_metric("accuracy", 0.9)
        info = logged(simple, "model", signature=infer_signature(X, simple.predict(X)), input_example=X[:2])
    model_id = getattr(info, "model_id", None)
    np.testing.assert_array_equal(mlflow.sklearn.load_model(info.model_uri).predict(X), simple.predict(X))
    np.testing.assert_array_equal(mlflow.pyfunc.load_model(info.model_uri).predict(X), simple.predict(X))
    equal([one.name for one in mlflow.models.get_model_info(info.model_uri).signature.inputs], ["a", "b", "c"])
    np.testing.assert_array_equal(
        mlflow.pyfunc.load_model(f"runs:/{run_id}/model").predict(X), simple.predict(X)
    )


class Doubler(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input * 2


if THREE:
    with check("LoggedModel: found by id, ready, with its run, params, metrics and tags"):
        found = mlflow.get_logged_model(model_id)
        equal((found.name, str(found.status), found.source_run_id), ("model", "READY", run_id))
        equal(found.artifact_location, f"mlflow-artifacts:/{experiment.experiment_id}/models/{model_id}/artifacts")
        equal([m.value for m in found.metrics if m.key == "accuracy"], [0.9])
        equal([one.model_id for one in client.get_run(run_id).outputs.model_outputs], [model_id])
        client.set_logged_model_tags(model_id, {"stage": "test", "other": "x"})
        equal(mlflow.get_logged_model(model_id).tags["stage"], "test")
        client.delete_logged_model_tag(model_id, "other")
        holds("other" not in mlflow.get_logged_model(model_id).tags, "the tag is gone")
        refused("RESOURCE_DOES_NOT_EXIST", lambda: client.delete_logged_model_tag(model_id, "other"))

    with check("LoggedModel outside of a run: create, log params and files, finalize, round trip"):
        many = {f"p{i}": str(i) for i in range(250)}
        made = mlflow.initialize_logged_model(name="external", params=many, tags={"k": "v"}, model_type="custom")
        equal(len(mlflow.get_logged_model(made.model_id).params), 250)
        equal(str(mlflow.get_logged_model(made.model_id).status), "PENDING")
        with tempfile.TemporaryDirectory() as folder:
            mlflow.pyfunc.save_model(f"{folder}/m", python_model=Doubler())
            client.log_model_artifacts(made.model_id, f"{folder}/m")
        equal(str(mlflow.finalize_logged_model(made.model_id, "READY").status), "READY")
        back = mlflow.pyfunc.load_model(f"models:/{made.model_id}")
        equal(list(back.predict(pd.DataFrame({"v": [1, 2]})).v), [2, 4])
        names = {f.path for f in client.list_logged_model_artifacts(made.model_id)}
        holds({"MLmodel", "python_model.pkl"} <= names, f"{names}")

    with check("log_metric with model_id and dataset; search_logged_models by it"):
        data = mlflow.data.from_pandas(X, name="validation")
        with mlflow.start_run() as run:
            mlflow.log_metrics({"f1": 0.77}, model_id=made.model_id, dataset=data)
            mlflow.log_metric("f1", 0.11, model_id=model_id, dataset=data)
        metrics = mlflow.get_logged_model(made.model_id).metrics
        equal([(m.key, m.value, m.dataset_name) for m in metrics], [("f1", 0.77, "validation")])
        ids = [experiment.experiment_id]

        def names_of(**asked):
            return [m.name for m in mlflow.search_logged_models(ids, output_format="list", **asked)]

        equal(names_of(filter_string="metrics.f1 > 0.5"), ["external"])
        equal(names_of(filter_string="tags.k = 'v' AND params.p7 = '7'"), ["external"])
        equal(names_of(filter_string=f"source_run_id = '{run_id}'"), ["model"])
        equal(names_of(filter_string="metrics.f1 > 0", datasets=[{"dataset_name": "validation"}],
                       order_by=[{"field_name": "metrics.f1", "ascending": False}]), ["external", "model"])
        page = client.search_logged_models(ids, max_results=1)
        holds(len(page) == 1 and page.token is not None, "a second page")
        refused("INVALID_PARAMETER_VALUE", lambda: client.search_logged_models(ids, filter_string="nonsense >"))

    with check("delete_logged_model: gone for clients"):
        spare = mlflow.initialize_logged_model(name="spare")
        client.delete_logged_model(spare.model_id)
        refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_logged_model(spare.model_id))
        refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_logged_model(f"m-{'0' * 32}"))

with check("a PythonModel without any framework: log, load, predict"):
    with mlflow.start_run() as run:
        kind = {"name": "doubler"} if THREE else {"artifact_path": "doubler"}
        doubler = mlflow.pyfunc.log_model(**kind, python_model=Doubler(), input_example=pd.DataFrame({"v": [1.0]}))
    equal(list(mlflow.pyfunc.load_model(doubler.model_uri).predict(pd.DataFrame({"v": [1.5]})).v), [3.0])

# The registry
NAME = f"churn {STAMP}"
with check("register_model: the model is made, versions count up, from a run and from a logged model"):
    first = mlflow.register_model(info.model_uri, NAME, tags={"origin": "conformance"})
    equal((first.name, str(first.version), first.status, first.current_stage), (NAME, "1", "READY", "None"))
    equal(first.run_id, run_id)
    second = mlflow.register_model(f"runs:/{run_id}/model", NAME)
    equal(str(second.version), "2")
    equal(client.get_model_version(NAME, "1").tags, {"origin": "conformance"})
    if THREE:
        noted = json.loads(mlflow.get_logged_model(model_id).tags["mlflow.modelVersions"])
        holds({"1", "2"} >= {str(one["version"]) for one in noted} and noted[0]["name"] == NAME, f"{noted}")

with check("log_model(registered_model_name): the next version"):
    with mlflow.start_run() as run:
        logged(simple, "model", registered_model_name=NAME)
    equal(str(client.get_model_version(NAME, "3").version), "3")

with check("load_model by version, the latest, and pyfunc"):
    for uri in (f"models:/{NAME}/1", f"models:/{NAME}/2", f"models:/{NAME}/latest"):
        np.testing.assert_array_equal(mlflow.sklearn.load_model(uri).predict(X), simple.predict(X))
    np.testing.assert_array_equal(mlflow.pyfunc.load_model(f"models:/{NAME}/3").predict(X), simple.predict(X))
    holds(client.get_model_version_download_uri(NAME, "1").startswith("mlflow-artifacts:/"), "the download URI")
    with tempfile.TemporaryDirectory() as folder:
        got = mlflow.artifacts.download_artifacts(f"models:/{NAME}/1", dst_path=folder)
        holds((Path(got) / "MLmodel").exists(), "the files of version 1")

with check("aliases: set, moved, read, loaded by, deleted"):
    client.set_registered_model_alias(NAME, "best", "1")
    equal(str(client.get_model_version_by_alias(NAME, "best").version), "1")
    client.set_registered_model_alias(NAME, "best", "2")
    client.set_registered_model_alias(NAME, "other_one", "2")
    equal(sorted(client.get_model_version(NAME, "2").aliases), ["best", "other_one"])
    equal(client.get_model_version(NAME, "1").aliases, [])
    equal({k: str(v) for k, v in client.get_registered_model(NAME).aliases.items()}, {"best": "2", "other_one": "2"})
    np.testing.assert_array_equal(mlflow.sklearn.load_model(f"models:/{NAME}@best").predict(X), simple.predict(X))
    client.delete_registered_model_alias(NAME, "other_one")
    refused("INVALID_PARAMETER_VALUE", lambda: client.get_model_version_by_alias(NAME, "other_one"), "not found")
    for bad in ("latest", "v7", "no spaces", "a" * 256):
        refused("INVALID_PARAMETER_VALUE", lambda: client.set_registered_model_alias(NAME, bad, "1"))

with check("tags of models and versions: set, delete"):
    client.set_registered_model_tag(NAME, "team", "ml")
    client.set_model_version_tag(NAME, "1", "checked", "yes")
    equal(client.get_registered_model(NAME).tags, {"team": "ml"})
    equal(client.get_model_version(NAME, "1").tags["checked"], "yes")
    client.delete_registered_model_tag(NAME, "team")
    client.delete_model_version_tag(NAME, "1", "checked")
    equal(client.get_registered_model(NAME).tags, {})
    holds("checked" not in client.get_model_version(NAME, "1").tags, "the tag is gone")

with check("stages: transition, archive the one before, get_latest_versions, load by stage"):
    moved = client.transition_model_version_stage(NAME, "1", "Production")
    equal(moved.current_stage, "Production")
    client.transition_model_version_stage(NAME, "2", "production", archive_existing_versions=True)
    equal([client.get_model_version(NAME, v).current_stage for v in ("1", "2", "3")], ["Archived", "Production", "None"])
    latest = {v.current_stage: str(v.version) for v in client.get_latest_versions(NAME)}
    equal(latest, {"Archived": "1", "Production": "2", "None": "3"})
    equal([str(v.version) for v in client.get_latest_versions(NAME, ["Production"])], ["2"])
    np.testing.assert_array_equal(mlflow.sklearn.load_model(f"models:/{NAME}/Production").predict(X), simple.predict(X))
    refused("INVALID_PARAMETER_VALUE", lambda: client.transition_model_version_stage(NAME, "1", "Nowhere"))

with check("descriptions: update_registered_model, update_model_version"):
    client.update_registered_model(NAME, description="who will leave")
    client.update_model_version(NAME, "1", description="the first")
    equal(client.get_registered_model(NAME).description, "who will leave")
    equal(client.get_model_version(NAME, "1").description, "the first")

for n in range(5):
    client.create_registered_model(f"page {n} {STAMP}", tags={"group": STAMP, "n": str(n)}, description=f"number {n}")

with check("search_registered_models: filter, tags, order, pages"):
    def models(**asked):
        return [m.name for m in client.search_registered_models(**asked)]

    equal(models(filter_string=f"name = '{NAME}'"), [NAME])
    equal(models(filter_string=f"name LIKE 'page %{STAMP}'", order_by=["name DESC"])[0], f"page 4 {STAMP}")
    equal(models(filter_string=f"name ILIKE 'PAGE 1%{STAMP}'"), [f"page 1 {STAMP}"])
    equal(models(filter_string=f"tags.group = '{STAMP}' AND tags.n = '3'"), [f"page 3 {STAMP}"])
    token, seen = None, []
    while True:
        page = client.search_registered_models(filter_string=f"tags.group = '{STAMP}'", max_results=2, page_token=token)
        seen += [m.name for m in page]
        token = page.token
        if not token:
            break
    equal(seen, [f"page {n} {STAMP}" for n in range(5)])
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_registered_models(filter_string="name !"))
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_registered_models(max_results=1001))

with check("search_model_versions: by name, run, tag; order and pages"):
    def versions(filter_string, **asked):
        return [str(v.version) for v in client.search_model_versions(filter_string, **asked)]

    equal(versions(f"name = '{NAME}'", order_by=["version_number ASC"]), ["1", "2", "3"])
    equal(sorted(versions(f"name = '{NAME}' AND run_id = '{run_id}'")), ["1", "2"])
    equal(versions(f"name = '{NAME}' AND tags.origin = 'conformance'"), ["1"])
    equal(versions(f"name = '{NAME}'", order_by=["version_number DESC"], max_results=2), ["3", "2"])
    equal(versions("name = 'nobody made this'"), [])
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_model_versions("name ="))

with check("copy_model_version: a copy under another name loads"):
    copied = client.copy_model_version(f"models:/{NAME}/1", f"copy {STAMP}")
    equal((copied.name, str(copied.version)), (f"copy {STAMP}", "1"))
    np.testing.assert_array_equal(
        mlflow.sklearn.load_model(f"models:/copy {STAMP}/1").predict(X), simple.predict(X)
    )

with check("rename, delete_model_version, delete_registered_model; the name can be used again"):
    client.rename_registered_model(f"page 0 {STAMP}", f"renamed {STAMP}")
    equal(client.get_registered_model(f"renamed {STAMP}").name, f"renamed {STAMP}")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_registered_model(f"page 0 {STAMP}"), "not found")
    client.delete_model_version(NAME, "3")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_model_version(NAME, "3"), "not found")
    client.delete_registered_model(f"renamed {STAMP}")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_registered_model(f"renamed {STAMP}"))
    client.create_registered_model(f"renamed {STAMP}")

with check("refused: names that clash, bad names, what nobody made"):
    refused("RESOURCE_ALREADY_EXISTS", lambda: client.create_registered_model(NAME), "already exists")
    refused("RESOURCE_ALREADY_EXISTS", lambda: client.rename_registered_model(f"page 1 {STAMP}", NAME))
    for bad in ("", "a/b", "a:b"):
        refused("INVALID_PARAMETER_VALUE", lambda: client.create_registered_model(bad))
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_registered_model("nobody"), "Registered Model with name=nobody not found")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_model_version(NAME, "99"), "not found")
    refused("INVALID_PARAMETER_VALUE", lambda: client.get_model_version(NAME, "one"))
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.set_registered_model_alias(NAME, "best", "99"))
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.create_model_version("nobody", f"runs:/{run_id}/model", run_id))

with check("refused: somebody else's models, writing with a token that may only read"):
    saved = os.environ["MLFLOW_TRACKING_TOKEN"]
    try:
        os.environ["MLFLOW_TRACKING_TOKEN"] = os.environ["BALLAST_STRANGER_TOKEN"]
        refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_registered_model(NAME))
        refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_model_version_download_uri(NAME, "1"))
        equal([m.name for m in client.search_registered_models(f"name = '{NAME}'")], [])
        client.create_registered_model(f"mine {STAMP}")
        refused("RESOURCE_DOES_NOT_EXIST", lambda: client.create_model_version(f"mine {STAMP}", f"runs:/{run_id}/model", run_id))
        os.environ["MLFLOW_TRACKING_TOKEN"] = os.environ["BALLAST_READER_TOKEN"]
        equal(client.get_registered_model(NAME).name, NAME)
        refused("PERMISSION_DENIED", lambda: client.create_registered_model("not allowed"))
        refused("PERMISSION_DENIED", lambda: client.set_registered_model_alias(NAME, "best", "1"))
    finally:
        os.environ["MLFLOW_TRACKING_TOKEN"] = saved

if hasattr(client, "create_webhook"):
    with check("webhooks: create, get, list, update, delete"):
        made = client.create_webhook("conformance", "https://1.1.1.1/x", ["model_version.created"], secret="long enough", status="DISABLED")
        equal([str(event) for event in client.get_webhook(made.webhook_id).events], [str(event) for event in made.events])
        holds(made.webhook_id in [one.webhook_id for one in client.list_webhooks()], "among them")
        equal(client.update_webhook(made.webhook_id, description="text").description, "text")
        client.delete_webhook(made.webhook_id)
        refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_webhook(made.webhook_id))

with check("refused: a pickle that runs commands"):
    import pickle

    class Evil:
        def __reduce__(self):
            return (os.system, ("true",))

    with tempfile.TemporaryDirectory() as folder, mlflow.start_run() as run:
        (Path(folder) / "model.pkl").write_bytes(pickle.dumps(Evil()))
        said = ""
        try:
            mlflow.log_artifact(f"{folder}/model.pkl")
        except Exception as error:  # noqa: BLE001 - the client has several for it
            said = str(error)
        holds("system" in said, f"the finding is named: {said}")
        equal(client.list_artifacts(run.info.run_id), [])

finish()

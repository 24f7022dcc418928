"""The API's OpenAPI document: valid by somebody else's validator, and a client made from nothing but it gets answers."""

import json
import os

import requests
from checks import AUTHORIZATION, check, equal, finish, holds
from openapi_spec_validator import OpenAPIV31SpecValidator

WEB = os.environ["BALLAST"]
DOCUMENT = requests.get(f"{WEB}/api/openapi.json", timeout=60).json()
SERVER = DOCUMENT["servers"][0]["url"]
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}


def call(operation_id, headers=AUTHORIZATION, **values):
    """Calls an operation as its description says: which method, what goes where, and how it is written."""
    method, path, operation = OPERATIONS[operation_id]
    if method == "post":
        return requests.post(f"{SERVER}{path}", json=values, headers=headers, timeout=30)
    described = {parameter["name"]: parameter for parameter in operation["parameters"]}
    written = {}
    for name, value in values.items():
        plain = "schema" in described[name] and isinstance(value, str)
        written[name] = value if plain else json.dumps(value)
    return requests.get(f"{SERVER}{path}", params=written, headers=headers, timeout=30)


def answer(operation_id, **values):
    response = call(operation_id, **values)
    equal(response.status_code, 200, f"{operation_id}: {response.text[:300]}")
    return response.json()


with check("the document is valid OpenAPI 3.1 with JSON Schema 2020-12"):
    equal(DOCUMENT["openapi"], "3.1.0")
    errors = list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors())
    holds(not errors, f"{len(errors)} errors, first: {errors[:1]}")
    holds(len(OPERATIONS) > 100, f"{len(OPERATIONS)} operations")

with check("every operation that needs a credential refuses a stranger with 401 and the described error"):
    wrong = []
    for name, (_, _, operation) in OPERATIONS.items():
        if operation.get("security") == []:
            continue
        response = call(name, headers={})
        error = response.json()
        described = DOCUMENT["components"]["schemas"]["Error"]
        missing = [key for key in described["required"] if key not in error]
        if response.status_code != 401 or missing or error["code"] not in described["properties"]["code"]["enum"]:
            wrong.append((name, response.status_code, response.text[:100]))
    equal(wrong, [])

with check("a client made from the document tracks a run: experiment, parameters, metric history, search"):
    experiment = answer("experiment.createExperiment", name=f"openapi {os.getpid()}")
    run = answer("experiment.startRun", experimentId=experiment["id"], name="generic", params={"depth": 3})
    metrics = [{"key": "loss", "value": 1 / (1 + step), "at": 986083200000 + step, "step": step} for step in range(50)]
    answer("experiment.logBatch", runId=run["id"], metrics=metrics)
    answer("experiment.finishRun", runId=run["id"], state="finished", metrics={"auc": 0.7})
    found = answer(
        "experiment.search",
        experimentIds=[experiment["id"]],
        filter="metrics.auc > 0.5",
        orderBy=[{"by": "metrics.auc", "descending": True}],
    )
    equal([one["id"] for one in found["runs"]], [run["id"]])
    equal(len(answer("experiment.history", runId=run["id"], key="loss", limit=100)["points"]), 50)

with check("it reads deployments, rollouts and costs, dates as ISO 8601"):
    equal(answer("deployment.list")[0]["name"], "flight-late")
    rollout = answer("rollout.list", limit=1)["rollouts"][0]
    holds("T" in rollout["createdAt"] and rollout["createdAt"].endswith("Z"), f"{rollout['createdAt']}")
    answer("finops.costByDay", **{"from": "2001-01-01T00:00:00Z", "to": "2002-01-01T00:00:00Z"})

with check("wrong input names its field, a wrong method and a wrong type have HTTP's status"):
    refused = call("audit.list", limit=0)
    equal((refused.status_code, refused.json()["details"]["field"]), (400, "limit"))
    equal(requests.get(f"{SERVER}/token.create", headers=AUTHORIZATION, timeout=10).status_code, 405)
    equal(requests.post(f"{SERVER}/token.create", data="name=x", headers=AUTHORIZATION, timeout=10).status_code, 415)

with check("the page that lists the operations is there"):
    page = requests.get(f"{WEB}/api/docs", timeout=30)
    equal(page.status_code, 200)
    holds("experiment.startRun" in page.text, "names an operation")

finish()

"""The web app's own routes over plain HTTP: who is let in, and what a stranger is told."""

import json
import os

import requests
from checks import AUTHORIZATION, check, equal, finish, holds

WEB = os.environ["BALLAST"]
TEAM, PROJECT = os.environ["PROJECT"].split("/")


def query(path, headers, **fields):
    text = json.dumps({"json": {"team": TEAM, "project": PROJECT, **fields}})
    return requests.get(f"{WEB}/api/trpc/{path}", params={"input": text}, headers=headers, timeout=10)


def mutate(path, headers, body):
    return requests.post(f"{WEB}/api/trpc/{path}", data=body, headers={**headers, "Content-Type": "application/json"}, timeout=10)


def refused(answer, status, code):
    """The error's public part; nothing of the server's inside may be in it."""
    equal(answer.status_code, status, answer.text[:300])
    holds("node_modules" not in answer.text and ".ts:" not in answer.text, f"a stack trace: {answer.text[:300]}")
    error = answer.json()["error"]["json"]
    equal(error["data"]["code"], code)
    return error["message"]


with check("/api/health is open and says ready"):
    answer = requests.get(f"{WEB}/api/health", timeout=10)
    equal((answer.status_code, answer.json()), (200, {"ready": True}))

with check("/api/signing-key is open and holds a public key"):
    answer = requests.get(f"{WEB}/api/signing-key", timeout=10)
    equal(answer.status_code, 200)
    holds(answer.json()["pem"].startswith("-----BEGIN PUBLIC KEY-----"), answer.text)

with check("/api/openlineage needs a credential and answers one event a line"):
    place = {"team": TEAM, "project": PROJECT}
    equal(requests.get(f"{WEB}/api/openlineage", params=place, timeout=10).status_code, 401)
    answer = requests.get(f"{WEB}/api/openlineage", params=place, headers=AUTHORIZATION, timeout=10)
    equal(answer.status_code, 200, answer.text[:300])
    holds(all("eventType" in json.loads(line) for line in answer.text.splitlines()), "every line is a run event")

with check("/api/openapi.json and /api/docs are open, and name nothing of any team"):
    for path in ("openapi.json", "docs"):
        answer = requests.get(f"{WEB}/api/{path}", timeout=30)
        equal(answer.status_code, 200)
        holds("flight-late" not in answer.text, "a deployment's name")

with check("/api/v1: a token reads its project, a stranger does not, and a form of another site cannot act"):
    answer = requests.get(f"{WEB}/api/v1/deployment.list", headers=AUTHORIZATION, timeout=10)
    equal((answer.status_code, answer.json()[0]["name"]), (200, "flight-late"))
    for headers in ({}, {"Authorization": "Bearer blst_nope"}):
        answer = requests.get(f"{WEB}/api/v1/deployment.list", headers=headers, timeout=10)
        equal((answer.status_code, answer.json()["code"]), (401, "unauthenticated"))
    answer = requests.post(f"{WEB}/api/v1/token.create", data="{}", headers={**AUTHORIZATION, "Content-Type": "text/plain"}, timeout=10)
    equal(answer.status_code, 415)

with check("/api/trpc: a token reads its project"):
    answer = query("deployment.list", AUTHORIZATION)
    equal(answer.status_code, 200)
    equal(answer.json()["result"]["data"]["json"][0]["name"], "flight-late")

with check("/api/trpc: no credential and a wrong token are 401, before anything about the input is said"):
    for headers in ({}, {"Authorization": "Bearer blst_nope"}, {"Authorization": "Basic eDp5"}):
        refused(query("deployment.list", headers), 401, "UNAUTHORIZED")
        refused(query("deployment.get", headers), 401, "UNAUTHORIZED")
        refused(mutate("training.request", headers, '{"json":{}}'), 401, "UNAUTHORIZED")

with check("/api/trpc: another project reads like one that is not there"):
    text = refused(query("deployment.list", AUTHORIZATION, project="other"), 404, "NOT_FOUND")
    equal(text, f'Project "{TEAM}/other" does not exist.')

with check("/api/trpc: bad input names its field, a broken body and an unknown path are the caller's error"):
    holds("days" in refused(query("overview.get", AUTHORIZATION, days=0), 400, "BAD_REQUEST"), "names the field")
    refused(mutate("training.request", AUTHORIZATION, "{"), 400, "BAD_REQUEST")
    refused(query("nobody.home", AUTHORIZATION), 404, "NOT_FOUND")

with check("/api/trpc: a stream without a credential ends with the refusal"):
    text = json.dumps({"json": {"team": TEAM, "project": PROJECT, "after": 0}})
    with requests.get(f"{WEB}/api/trpc/loop.live", params={"input": text}, stream=True, timeout=10) as answer:
        lines = [line for line in answer.iter_lines(decode_unicode=True) if line]
    holds(any("UNAUTHORIZED" in line for line in lines), f"{lines[:5]}")
    holds(not any("watermark" in line for line in lines), "nothing of the project is in it")

with check("a project's page sends strangers to the sign-in"):
    answer = requests.get(f"{WEB}/{TEAM}/{PROJECT}", allow_redirects=False, timeout=10)
    equal(answer.status_code, 307)
    holds("/signin" in answer.headers["Location"], answer.headers["Location"])

finish()

"""Feast's documented HTTP requests, `/push` and `/get-online-features`, and outcomes, sent by `requests`."""

import numpy as np
import requests
from checks import AUTHORIZATION, FACTS, GATEWAY, MODEL, check, equal, finish, holds

HOUR = 3_600_000
NOW = FACTS["lastMoment"]


def post(path, body, status=200):
    answer = requests.post(f"{GATEWAY}{path}", headers=AUTHORIZATION, json=body, timeout=10)
    equal(answer.status_code, status, f"{path}: {answer.text[:300]}")
    return answer.json()


def lookup(features, entities, **more):
    return post("/get-online-features", {"features": features, "entities": entities, **more})


def values(answer):
    """Values by name, as Feast's own client puts them together."""
    return {name: one["values"] for name, one in zip(answer["metadata"]["feature_names"], answer["results"])}


PUSHED = {
    "origin": ["QQ1", "QQ1", "QQ1", "QQ2"],
    "destination": ["QQ2", "QQ2", "QQ3", "QQ1"],
    "known_at": [NOW - HOUR, NOW - 2 * HOUR, NOW - 5 * HOUR, NOW - HOUR],
    "late": [1, 0, 1, 0],
}
SHARES = ["congestion:origin_3h", "congestion:origin_24h"]

with check("/push: rows to a source, and a repeated push is counted once"):
    body = {"push_source_name": "flights", "push_id": "conformance", "df": PUSHED, "to": "online"}
    equal(post("/push", body), {"rows": 4, "duplicate": False})
    equal(post("/push", body), {"rows": 4, "duplicate": True})

with check("/get-online-features: pushed rows are in the next answer, exact to the float32, unknown keys are NOT_FOUND"):
    answer = lookup(SHARES, {"origin": ["QQ1", "QQ2", "QQ9"]}, event_time=NOW)
    equal(answer["metadata"]["feature_names"], ["origin", "origin_3h", "origin_24h"])
    third = float(np.float32(2 / 3))
    equal(values(answer)["origin_3h"], [0.5, 0, None])
    equal(values(answer)["origin_24h"], [third, 0, None])
    equal(answer["results"][2]["statuses"], ["PRESENT", "PRESENT", "NOT_FOUND"])
    equal(len(answer["results"][2]["event_timestamps"]), 3)

with check("/get-online-features: at an earlier moment only what was known by then"):
    answer = lookup(SHARES, {"origin": ["QQ1"]}, event_time=NOW - 90 * 60_000)
    equal(values(answer)["origin_24h"], [0.5])

with check("/get-online-features: full names, and features of the request itself"):
    answer = lookup(
        ["flight:hour", "congestion:origin_3h"],
        {"origin": ["QQ1"], "departure": [NOW]},
        event_time=NOW,
        full_feature_names=True,
    )
    hour = NOW // HOUR % 24
    equal(values(answer)["flight__hour"], [hour])
    equal(values(answer)["congestion__origin_3h"], [0.5])

with check("refused: a feature nobody defined, a missing entity, ragged columns, a source without its column"):
    ask = lambda features, entities, status: post(  # noqa: E731
        "/get-online-features", {"features": features, "entities": entities}, status
    )
    holds("nope" in ask(["congestion:nope"], {"origin": ["A"]}, 404)["error"], "names the feature")
    holds("origin" in ask(["congestion:origin_3h"], {"other": ["A"]}, 400)["error"], "names the entity")
    ragged = {"push_source_name": "flights", "df": {**PUSHED, "late": [1]}}
    holds("late" in post("/push", ragged, 400)["error"], "names the ragged column")
    lacking = {"push_source_name": "flights", "df": {"origin": ["A"]}}
    holds("known_at" in post("/push", lacking, 400)["error"], "names the missing column")

with check("/v1/outcomes: taken for a prediction that was made, refused for one that never was"):
    row = FACTS["rows"][0]
    names = {"flight_id": "INT64", "origin": "BYTES", "destination": "BYTES", "departure": "INT64", "distance": "FP64"}
    inputs = [{"name": n, "datatype": d, "shape": [1], "data": [row[n]]} for n, d in names.items()]
    made = post(f"/v2/models/{MODEL}/infer", {"inputs": inputs})["parameters"]["prediction_id"]
    equal(post("/v1/outcomes", {"outcomes": [{"prediction_id": made, "label": 1}]}), {"accepted": 1})
    unknown = post("/v1/outcomes", {"outcomes": [{"prediction_id": "prd_never", "label": 1}]}, 404)
    equal(unknown["details"]["unknown"], ["prd_never"])

finish()

"""`/metrics` as `prometheus_client` reads it, before and after predictions."""

import requests
from checks import AUTHORIZATION, FACTS, GATEWAY, MODEL, check, equal, finish, holds
from prometheus_client.parser import text_string_to_metric_families

SERIES = {
    "ballast_requests": "counter",
    "ballast_predictions": "counter",
    "ballast_request_duration_seconds": "histogram",
    "ballast_queue_rows": "gauge",
    "ballast_model_run_seconds": "gauge",
    "ballast_routing_revision": "gauge",
    "ballast_route_load_failed": "gauge",
    "ballast_journal_records": "gauge",
    "ballast_journal_local_segments": "gauge",
    "ballast_journal_failing": "gauge",
    "ballast_online_feature_rows": "gauge",
    "ballast_shadow_queue_rows": "gauge",
    "ballast_event_loop_delay_p99_seconds": "gauge",
    "process_resident_memory_bytes": "gauge",
}


def scrape():
    answer = requests.get(f"{GATEWAY}/metrics", headers=AUTHORIZATION, timeout=10)
    equal(answer.status_code, 200)
    holds(answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"), answer.headers["Content-Type"])
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def value(families, family, sample, **labels):
    return sum(
        s.value for s in families[family].samples if s.name == sample and labels.items() <= s.labels.items()
    )


def predict(rows):
    names = {"flight_id": "INT64", "origin": "BYTES", "destination": "BYTES", "departure": "INT64", "distance": "FP64"}
    inputs = [
        {"name": name, "datatype": datatype, "shape": [len(rows)], "data": [row[name] for row in rows]}
        for name, datatype in names.items()
    ]
    answer = requests.post(
        f"{GATEWAY}/v2/models/{MODEL}/infer", headers=AUTHORIZATION, json={"inputs": inputs}, timeout=10
    )
    equal(answer.status_code, 200)


before = {}
with check("/metrics parses, every documented series is there with its type and its help"):
    before = scrape()
    for name, kind in SERIES.items():
        holds(name in before, f"{name} is missing; there are {sorted(before)}")
        equal(before[name].type, kind, name)
        holds(before[name].documentation != "", f"{name} has no help")
        holds(len(before[name].samples) > 0, f"{name} has no sample")

with check("counters and the histogram grow by what was asked, in requests and in rows"):
    rows = FACTS["rows"]
    predict(rows)
    predict(rows[:1])
    after = scrape()
    asked = {"deployment": MODEL, "role": "champion"}
    grown = {
        "ballast_requests_total": 2,
        "ballast_predictions_total": len(rows) + 1,
        "ballast_request_duration_seconds_count": 2,
    }
    for sample, wanted in grown.items():
        family = sample.removesuffix("_total").removesuffix("_count")
        equal(value(after, family, sample, **asked) - value(before, family, sample, **asked), wanted, sample)

with check("the histogram is cumulative, ends at +Inf with its count, and its sum is time that passed"):
    samples = [s for s in after["ballast_request_duration_seconds"].samples if s.labels.get("role") == "champion"]
    buckets = [(float(s.labels["le"]), s.value) for s in samples if s.name.endswith("_bucket")]
    counts = [count for _, count in sorted(buckets)]
    equal(counts, sorted(counts), "cumulative")
    equal(sorted(buckets)[-1], (float("inf"), [s.value for s in samples if s.name.endswith("_count")][0]))
    holds(0 < [s.value for s in samples if s.name.endswith("_sum")][0] < 600, "sum of seconds")

with check("/metrics wants a token"):
    equal(requests.get(f"{GATEWAY}/metrics", timeout=10).status_code, 401)

finish()

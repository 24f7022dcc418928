"""Asks MLflow's own parser which search filters it accepts, and how it reads them.

    pip install mlflow==3.17.2 && python mlflow-grammar.py > mlflow-grammar.json
"""

import json

from mlflow.entities import LifecycleStage, Run, RunData, RunInfo, RunInputs
from mlflow.utils.search_utils import SearchExperimentsUtils, SearchModelUtils, SearchModelVersionUtils, SearchUtils

RUN = [
    "metrics.a > 1 metrics.b > 2", "metrics.a>1 and metrics.b<2", "metrics.a = -1", "metrics.a = .5", "metrics.a = 5.",
    "metrics.a = 1e-3", "metrics.a = +1", "metrics.a = 1E5", "params.5x = '1'", "tags.mlflow.user = 'x'",
    "tags.`a b` = 'x'", 'tags."a b" = "x"', "`metrics`.`a` > 1", "metrics.a == 1", "metrics.a <> 1", "metrics.a > '1'",
    'params.a = "it\'s"', "params.a = ''", "params.a like 'x%'", 'params.a LIKE "x%"', "params.a = `x`", "params.a = x",
    "run_name = 'x'", "`run name` = 'x'", "\"Run name\" = 'x'", "run name = 'x'", "Created > 5", "start_time > 5.5",
    "start_time > '5'", "run_id IN ('a','b')", "run_id in ('a')", "run_id IN ('a',)", "run_id IN ()",
    "run_id IN ('a', \"b\")", "run_id IN (1)", "run_id NOT IN ('a')", "run_id not in ('a')", "status IN ('a')",
    "params.a IN ('a')", "dataset.name IN ('a')", "datasets.context = 'train'", "dataset.foo='x'", "dataset.name > 'x'",
    "tags.a IS NULL", "tags.a is not null", "params.a IS NULL", "run_id IS NULL", "metrics.a", "metrics.a >", "> 1", "",
    ";", "metrics.a > 1;", "metrics.a > 1; metrics.b > 2", "metrics.a LIKE 'x'", "params.a > 'x'", "tags.a >= '1'",
    "status > 'x'", "start_time LIKE 'x'", "Metrics.a > 1", "metrics .a > 1", "metrics.a>1AND metrics.b>2",
    "metrics.`a.b/c d` > 1", "params.a b = 'x'", "user_id = 'x'", "artifact_uri LIKE '%x%'", "end_time != 5",
    "experiment_id = '1'", "lifecycle_stage = 'active'", "params.date = 'x'", "metrics.count > 1", "params.user = 'x'",
    "params.order = 'x'", "date = 'x'", "params.a = 'x' -- hi", "metrics.a > 1 /* c */",
    "metrics.a > 1\nAND\tmetrics.b > 1", "'metrics.a' > 1", "1 < metrics.a", "metrics.a > metrics.b",
    "params.lr = 0.01", "params.'a b' = 'x'", "metrics.a != 1", "attributes.run_id = 'x'", "attr.status = 'RUNNING'",
    "run.status = 'RUNNING'", "params.ünï = 'x'", "params.a = 'ünï'", "params._a = 'x'", "params.a='x' AND params.a='y'",
    "tags.a ILIKE 'X'", "tags.a NOT LIKE 'x'", "metrics.a BETWEEN 1 AND 2", "metrics.a > 1 && metrics.b > 1",
    "metrics.a > 0x10", "metrics.a > 1_000", "tags.`mlflow.parentRunId` = 'x'", "params.a.b.c = 'x'",
    "parameters.a = 'x'", "parameter.a = 'x'", "param.a = 'x'", "metric.a > 1", "tag.a = 'x'", "attribute.start_time > 1",
    "`Run Name` LIKE '%a%'", "params.a = 'x' OR", "params.a = 'x", "params.a = \"x", "params.`a = 'x'", "params. = 'x'",
    "params.a ! 'x'", "params.a = 'x' AND AND params.b = 'y'", "dataset.digest NOT IN ('a', 'b')", "dataset.context LIKE 't%'",
    "run_name IN ('a')", "user_id IN ('a')", "metrics.a IN (1, 2)", "model.name = 'x'", "trace.name = 'x'",
]
EXPERIMENT = [
    "name = 'x'", "name LIKE 'x%'", "name ILIKE 'X%'", "name > 'x'", "creation_time > 5", "last_update_time <= 5",
    "creation_time > '5'", "tags.a = 'x'", "tag.a != 'x'", "tags.a IS NULL", "attribute.name = 'x'", "metrics.a > 1",
    "params.a = 'x'", "foo = 'x'", "name = 5", "experiment_id IN ('1', '2')", "experiment_id = '1'",
]
REGISTERED_MODEL = [
    "name = 'x'", "name LIKE 'x%'", "name IN ('a', 'b')", "tags.a = 'x'", "tag.`a b` ILIKE 'x'", "tags.a > 'x'", "foo = 'x'",
    "name > 'x'", "run_id = 'x'", "metrics.a > 1", "attribute.name != 'x'", "name = 5",
]
MODEL_VERSION = [
    "name = 'x'", "run_id IN ('a', 'b')", "run_id = 'x'", "source_path LIKE '%x'", "version_number > 5", "version_number = '5'",
    "tags.a = 'x'", "tags.a IN ('x')", "foo = 'x'", "version = 5", "source_path IN ('x')", "attribute.name = 'x'",
    "run_id > 'x'", "version_number LIKE '5'",
]

NAMES = {"parameter": "param"}


class Anything(dict):
    """Has every tag, so that each clause is looked at."""

    def get(self, key, default=None):
        return "x"


def run():
    info = RunInfo("id", "0", "u", "RUNNING", 1, 2, LifecycleStage.ACTIVE, "uri", run_name="n")
    return Run(info, RunData(), RunInputs([]))


class Thing:
    experiment_id = "1"
    name = source = run_id = current_stage = "x"
    version = creation_time = last_update_time = creation_timestamp = last_updated_timestamp = 1
    tags = _tags = Anything()


def ask(cls, clause_matches, filter_string):
    """MLflow checks columns and values when it parses, comparators only when it applies each clause."""
    try:
        clauses = cls.parse_search_filter(filter_string)
        for clause in clauses:
            clause_matches(clause)
    except Exception:
        return {"filter": filter_string, "accepted": False}
    read = [
        {
            "family": NAMES.get(c["type"], c["type"]),
            "key": SearchUtils.translate_key_alias(c["key"]),
            "comparator": c["comparator"].upper(),
            "value": float(c["value"]) if c["type"] == "metric" else c["value"],
        }
        for c in clauses
    ]
    return {"filter": filter_string, "accepted": True, "clauses": read}


answers = {
    "run": [ask(SearchUtils, lambda c: SearchUtils._does_run_match_clause(run(), c), f) for f in RUN],
    "experiment": [
        ask(SearchExperimentsUtils, lambda c: SearchExperimentsUtils._does_experiment_match_clause(Thing(), c), f)
        for f in EXPERIMENT
    ],
    "registeredModel": [
        ask(SearchModelUtils, lambda c: SearchModelUtils._does_registered_model_match_clauses(Thing(), c), f)
        for f in REGISTERED_MODEL
    ],
    "modelVersion": [
        ask(SearchModelVersionUtils, lambda c: SearchModelVersionUtils._does_model_version_match_clauses(Thing(), c), f)
        for f in MODEL_VERSION
    ],
}
print(json.dumps(answers, indent=1, ensure_ascii=False))

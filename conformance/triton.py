"""The Open Inference Protocol v2 as `tritonclient.http` speaks it, unmodified; tensors as JSON."""

import numpy as np
import tritonclient.http as triton
from checks import AUTHORIZATION, FACTS, GATEWAY, MODEL, check, equal, finish, holds
from tritonclient.utils import InferenceServerException

client = triton.InferenceServerClient(url=GATEWAY.removeprefix("http://"))
VERSION = str(FACTS["version"])
ROWS = FACTS["rows"]
OIP = {"INT64": np.int64, "FP64": np.float64, "FP32": np.float32, "BYTES": np.object_}


def tensor(name, datatype, values, shape=None, binary=False):
    """A column as the client builds it."""
    made = triton.InferInput(name, shape or [len(values)], datatype)
    made.set_data_from_numpy(np.array(values, dtype=OIP[datatype]).reshape(shape or [len(values)]), binary_data=binary)
    return made


def columns(rows, binary=False):
    return [
        tensor("flight_id", "INT64", [row["flight_id"] for row in rows], binary=binary),
        tensor("origin", "BYTES", [row["origin"] for row in rows], binary=binary),
        tensor("destination", "BYTES", [row["destination"] for row in rows], binary=binary),
        tensor("departure", "INT64", [row["departure"] for row in rows], binary=binary),
        tensor("distance", "FP64", [row["distance"] for row in rows], binary=binary),
    ]


def output(name, binary=False):
    return triton.InferRequestedOutput(name, binary_data=binary)


def infer(inputs, model=MODEL, headers=AUTHORIZATION, **more):
    more.setdefault("outputs", [output("probability")])
    # A copy: the client writes headers of its own into the dictionary it is given.
    return client.infer(model, inputs, headers=dict(headers), **more)


def refused(work, *words):
    """The message of the exception the client raises, which must hold our words."""
    try:
        work()
    except InferenceServerException as error:
        for word in words:
            holds(word in error.message(), f"{word!r} is not in {error.message()!r}")
        return error
    raise AssertionError("it was not refused")


with check("is_server_live, is_server_ready"):
    holds(client.is_server_live(), "live")
    holds(client.is_server_ready(), "ready")

with check("is_model_ready: by name, by version, and not for what is not there"):
    holds(client.is_model_ready(MODEL, headers=AUTHORIZATION), "by name")
    holds(client.is_model_ready(MODEL, VERSION, headers=AUTHORIZATION), "by version")
    holds(not client.is_model_ready("nobody", headers=AUTHORIZATION), "unknown model")
    holds(not client.is_model_ready(MODEL, "999", headers=AUTHORIZATION), "unknown version")
    holds(not client.is_model_ready(MODEL), "without a token")

with check("get_server_metadata"):
    server = client.get_server_metadata()
    equal(server["name"], "ballast")
    holds(isinstance(server["version"], str) and isinstance(server["extensions"], list), f"{server}")

with check("get_model_metadata: columns in, probability and prediction id out"):
    model = client.get_model_metadata(MODEL, headers=AUTHORIZATION)
    equal(model["name"], MODEL)
    equal(model["versions"], [VERSION])
    inputs = {one["name"]: one["datatype"] for one in model["inputs"]}
    for name, datatype in {"origin": "BYTES", "departure": "INT64", "distance": "FP64"}.items():
        equal(inputs.get(name), datatype, name)
    equal([one["name"] for one in model["outputs"]], ["probability", "prediction_id"])
    equal(client.get_model_metadata(MODEL, VERSION, headers=AUTHORIZATION), model)

one = None
with check("infer one row: a probability, the request's id, the prediction's id"):
    one = infer(columns(ROWS[:1]), request_id="conformance-1", outputs=[output("probability"), output("prediction_id")])
    y = one.as_numpy("probability")
    equal((y.shape, y.dtype), ((1, 1), np.float32))
    holds(0 < y[0, 0] < 1, f"{y}")
    response = one.get_response()
    equal((response["id"], response["model_name"], response["model_version"]), ("conformance-1", MODEL, VERSION))
    equal(response["parameters"]["variant"], "champion")
    holds(response["parameters"]["prediction_id"].startswith("prd_"), f"{response}")

with check(f"infer {len(ROWS)} rows: each answered as it is alone, each with an id of its own"):
    many = infer(columns(ROWS), outputs=[output("probability"), output("prediction_id")])
    y = many.as_numpy("probability")
    equal(y.shape, (len(ROWS), 1))
    alone = np.array([infer(columns([row])).as_numpy("probability")[0, 0] for row in ROWS], dtype=np.float32)
    np.testing.assert_array_equal(y[:, 0], alone)
    holds(len(set(y[:, 0].tolist())) > 1, "all rows got the same answer")
    ids = many.as_numpy("prediction_id")
    equal(len({str(i) for i in ids}), len(ROWS), "distinct prediction ids")

with check("infer a named version, with columns of shape [n, 1], and without naming outputs"):
    square = [tensor(c.name(), c.datatype(), v, [len(v), 1]) for c, v in zip(columns(ROWS), [
        [row[name] for row in ROWS] for name in ("flight_id", "origin", "destination", "departure", "distance")
    ])]
    same = client.infer(MODEL, square, model_version=VERSION, headers=AUTHORIZATION)
    np.testing.assert_array_equal(same.as_numpy("probability"), many.as_numpy("probability"))

with check("async_infer: answers come to whom they are for"):
    started = [client.async_infer(MODEL, columns([row]), request_id=str(i), headers=AUTHORIZATION, outputs=[
        output("probability")]) for i, row in enumerate(ROWS)]
    for i, waiting in enumerate(started):
        result = waiting.get_result()
        equal(result.get_response()["id"], str(i))
        equal(result.as_numpy("probability")[0, 0], many.as_numpy("probability")[i, 0])

with check("outputs asked for in binary come as JSON, which the client reads"):
    result = infer(columns(ROWS), outputs=[output("probability", binary=True)])
    np.testing.assert_array_equal(result.as_numpy("probability"), many.as_numpy("probability"))

with check("refused: inputs in binary, with the way out"):
    refused(lambda: infer(columns(ROWS, binary=True)), "Binary tensors are not supported", "binary_data=False")

with check("refused: a compressed request, with the way out"):
    refused(lambda: infer(columns(ROWS), request_compression_algorithm="gzip"), "Content-Encoding gzip")

with check("refused: an unknown model and an unknown version"):
    refused(lambda: infer(columns(ROWS), model="nobody"), '"nobody" does not exist')
    refused(lambda: infer(columns(ROWS), model_version="999"), "Version 999")
    refused(lambda: client.get_model_metadata("nobody", headers=AUTHORIZATION), '"nobody" does not exist')

with check("refused: columns of different length, and a matrix for a column"):
    short = columns(ROWS)[:-1] + [tensor("distance", "FP64", [1.0])]
    refused(lambda: infer(short), "distance", "1 rows")
    wide = columns(ROWS[:1])[:-1] + [tensor("distance", "FP64", [1.0, 2.0], [1, 2])]
    refused(lambda: infer(wide), "distance", "[n, 1]")

with check("refused: the model's tensor with a wrong width or datatype"):
    width = FACTS["features"]
    refused(lambda: infer([tensor("features", "FP32", [0.0] * (width + 1), [1, width + 1])]), f"[n, {width}]")
    refused(lambda: infer([tensor("features", "FP64", [0.0] * width, [1, width])]), "must be FP32")

with check("refused: text for a number, a missing column, an output nobody has"):
    text = columns(ROWS[:1])[:-1] + [tensor("distance", "BYTES", ["far"])]
    refused(lambda: infer(text), "distance")
    refused(lambda: infer(columns(ROWS[:1])[:-1]), "distance")
    refused(lambda: infer(columns(ROWS[:1]), outputs=[output("embedding")]), "embedding", "probability")

with check("refused: no token, and one that is no token"):
    refused(lambda: infer(columns(ROWS[:1]), headers={}), "Authorization: Bearer")
    refused(lambda: infer(columns(ROWS[:1]), headers={"Authorization": "Bearer blst_nope"}), "Authorization: Bearer")

with check("and after all that the next row is answered as before"):
    equal(infer(columns(ROWS[:1])).as_numpy("probability")[0, 0], one.as_numpy("probability")[0, 0])

client.close()
finish()

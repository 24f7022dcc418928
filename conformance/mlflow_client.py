"""What the checks of MLflow's client share: its settings, the client, and what it must refuse."""

import logging
import os
import time
import warnings

os.environ.setdefault("MLFLOW_TRACKING_URI", os.environ["BALLAST_GATEWAY"])
os.environ.setdefault("MLFLOW_TRACKING_TOKEN", os.environ["BALLAST_TOKEN"])
# An error that is repeated four minutes long says no more than one that is told at once.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "1")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
warnings.filterwarnings("ignore")

import mlflow  # noqa: E402
from checks import equal, holds  # noqa: E402
from mlflow.exceptions import MlflowException, RestException  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402

logging.getLogger("mlflow").setLevel(logging.ERROR)
THREE = int(mlflow.__version__.split(".")[0]) >= 3
#: In every name, so that runs of both clients do not meet.
STAMP = f"{mlflow.__version__.replace('.', '-')}-{time.time_ns()}"
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

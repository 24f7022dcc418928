"""scikit-learn's HistGradientBoostingClassifier on one thread: answers each JSON line with one.

The table is turned into float64, the type it bins from, before the clock starts.
"""

import json
import sys
import time

import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score


def read_table(file):
    columns = np.fromfile(file["path"], np.float32).reshape(len(file["featureNames"]) + 1, file["rows"])
    return np.ascontiguousarray(columns[:-1].T.astype(np.float64)), columns[-1].astype(np.int64)


X = y = model = None
for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "load":
        X, y = read_table(request["train"])
        answer = {"rows": len(y), "version": sklearn.__version__}
    elif request["do"] == "fit":
        started = time.perf_counter()
        options = dict(max_leaf_nodes=31, early_stopping=False, random_state=1)
        model = HistGradientBoostingClassifier(max_iter=request["trees"], **options)
        model.fit(X, y)
        answer = {"seconds": time.perf_counter() - started}
    else:
        X_test, y_test = read_table(request["test"])
        answer = {
            "auc": roc_auc_score(y_test, model.predict_proba(X_test)[:, 1]),
            "oursAuc": roc_auc_score(y_test, np.fromfile(request["ours"], np.float32)),
        }
    print(json.dumps(answer), flush=True)

import { randomUUID } from "node:crypto";
import { encodeRecord } from "@ballast/artifacts";
import type { Call } from "../http/call.ts";
import type { Project } from "../project/project.ts";
import { readColumns, readObject, refuseField } from "./fields.ts";

/**
 * `POST /push`, Feast's shape: `{push_source_name, df: {column: [values]}, push_id?}`. Journalled, then visible to the
 * next lookup, then answered. A repeated `push_id` is answered as before and counted once.
 */
export function push(call: Call, project: Project): void {
  const body = readObject(call.json(), "body");
  const { push_source_name: source, push_id: pushId } = body;
  if (typeof source !== "string" || !/^[\w.-]{1,128}$/.test(source)) {
    refuseField("push_source_name", "must be the name of a source: letters, digits, _, . and -");
  }
  if (pushId !== undefined && (typeof pushId !== "string" || pushId === "" || pushId.length > 256)) {
    refuseField("push_id", "must be a text of 1 to 256 characters");
  }
  const { columns, rows } = readColumns(body.df, "df");
  project.checkPush(source, columns);
  const key = pushId ?? randomUUID();
  const { metrics, journal } = project;
  if (journal.hasPush(key)) {
    metrics.counter("ballast_pushes_total", "Pushes by what became of them.", { result: "duplicate" }).add();
    call.answer({ rows, duplicate: true });
    return;
  }
  const record = encodeRecord({ k: "f", push: key, source, n: rows, cols: columns, at: Date.now() });
  journal.appendPush(key, record, project.knownUntil(source, columns));
  project.push(source, columns);
  metrics.counter("ballast_pushes_total", "Pushes by what became of them.", { result: "accepted" }).add();
  metrics.counter("ballast_pushed_rows_total", "Source rows journalled.", { source }).add(rows);
  call.answer({ rows, duplicate: false });
}

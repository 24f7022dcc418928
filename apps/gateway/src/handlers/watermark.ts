import { DAY_MS } from "@ballast/core";
import type { Call } from "../http/call.ts";
import type { Project } from "../project/project.ts";
import { readEventTime, readObject, refuseField } from "./fields.ts";

/**
 * `POST /v1/watermark` with `{event_time}`: the project's stream is complete up to there. It never moves back: an earlier
 * time changes nothing and is answered with the one in force. Shadow rows of what came before are scored first, so that
 * everything the watermark vouches for is in the journal ahead of it; where that takes too long the answer is 503, and nothing
 * is journalled.
 */
export async function watermark(call: Call, project: Project): Promise<void> {
  const body = readObject(call.json(), "body");
  const t = readEventTime(body.event_time, "event_time");
  if (t > Date.now() + DAY_MS) refuseField("event_time", "lies in the future, and a watermark can't be taken back");
  await project.shadows.drain(project);
  const { journal } = project;
  const current = journal.watermark;
  const moved = current === null || t > current;
  if (moved) {
    journal.appendWatermark({ k: "w", t, at: Date.now() });
    project.evict();
  }
  call.answer({ watermark: Math.max(current ?? t, t), moved });
}

import type { ArtifactStore } from "@ballast/artifacts";
import type { Call } from "../http/call.ts";
import { refuseField } from "./fields.ts";

/** `PUT /v1/artifacts`: the body becomes an artifact. `?digest=<sha-256>` refuses any other content. */
export async function upload(call: Call, store: ArtifactStore, maxBytes: number): Promise<void> {
  const expected = new URLSearchParams(call.search).get("digest");
  if (expected !== null && !/^[0-9a-f]{64}$/.test(expected)) refuseField("digest", "must be 64 lower-case hex digits");
  const options = expected === null ? { maxBytes } : { maxBytes, expectedDigest: expected };
  call.answer(await store.put(call.request, options));
}

import type { Env } from "@ballast/core";
import { ArtifactStore } from "./artifact-store.ts";
import { S3Backend } from "./store/s3-backend.ts";

type StoreEnv = Pick<
  Env,
  | "BALLAST_ARTIFACTS"
  | "BALLAST_S3_ENDPOINT"
  | "BALLAST_S3_REGION"
  | "BALLAST_S3_ACCESS_KEY_ID"
  | "BALLAST_S3_SECRET_ACCESS_KEY"
  | "BALLAST_S3_SESSION_TOKEN"
>;

/**
 * The artifact store that the environment names: `BALLAST_ARTIFACTS=s3://bucket/prefix` with its keys, or else the local folder. Either
 * way `root` is a local folder. @throws Error naming the variable that is missing or wrong
 */
export function openArtifactStore(env: StoreEnv, root: string): ArtifactStore {
  const place = env.BALLAST_ARTIFACTS;
  if (place === undefined || place === "") return new ArtifactStore(root);
  const [, bucket, prefix = ""] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([A-Za-z0-9!_.*'()/-]*))?$/.exec(place) ?? [];
  if (bucket === undefined) throw new Error(`BALLAST_ARTIFACTS is "${place}"; s3://<bucket>/<prefix> is expected.`);
  const accessKeyId = env.BALLAST_S3_ACCESS_KEY_ID;
  const secretAccessKey = env.BALLAST_S3_SECRET_ACCESS_KEY;
  if (!accessKeyId) throw new Error("BALLAST_ARTIFACTS names a bucket; set BALLAST_S3_ACCESS_KEY_ID too.");
  if (!secretAccessKey) throw new Error("BALLAST_ARTIFACTS names a bucket; set BALLAST_S3_SECRET_ACCESS_KEY too.");
  const settings = {
    ...{ bucket, prefix: prefix.replace(/^\/+|\/+$/g, ""), accessKeyId, secretAccessKey },
    region: env.BALLAST_S3_REGION ?? "us-east-1",
    endpoint: env.BALLAST_S3_ENDPOINT,
    sessionToken: env.BALLAST_S3_SESSION_TOKEN,
  };
  return new ArtifactStore(root, new S3Backend(root, settings));
}

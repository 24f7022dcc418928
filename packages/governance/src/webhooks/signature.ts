import { createHmac } from "node:crypto";

/** How a Standard Webhooks secret begins; what follows is the key in base64. */
const STANDARD_PREFIX = "whsec_";

const signed = (key: string | Buffer, content: string) =>
  `v1,${createHmac("sha256", key).update(content, "utf8").digest("base64")}`;

/**
 * Headers that let a receiver check who sent a body and when: MLflow's names, signed with the secret's characters, and those of the
 * Standard Webhooks specification, signed with the bytes a `whsec_` secret encodes. Both sign `id.timestamp.body`; the timestamp is
 * in epoch seconds. Without a secret only ids and timestamps.
 */
export function signatureHeaders(
  secret: string | null,
  delivery: { id: string; timestamp: number; body: string },
): Record<string, string> {
  const { id, body } = delivery;
  const timestamp = String(delivery.timestamp);
  const headers: Record<string, string> = {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "x-mlflow-delivery-id": id,
    "x-mlflow-timestamp": timestamp,
  };
  if (secret === null) return headers;
  const content = `${id}.${timestamp}.${body}`;
  const standardKey = secret.startsWith(STANDARD_PREFIX)
    ? Buffer.from(secret.slice(STANDARD_PREFIX.length), "base64")
    : secret;
  headers["webhook-signature"] = signed(standardKey, content);
  headers["x-mlflow-signature"] = signed(secret, content);
  return headers;
}

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { AppError } from "@ballast/core";
import type { SignedEnvelope } from "@ballast/db";
import type { Installation } from "./installation.ts";

/** The public half of the installation's key: what others check its signatures with. */
export interface PublicKey {
  /** Hex SHA-256 of the key's SubjectPublicKeyInfo. */
  keyId: string;
  algorithm: "Ed25519";
  /** SubjectPublicKeyInfo, PEM. */
  pem: string;
}

function privateKeyOf(installation: Installation): KeyObject {
  if (installation.signingKey === null) {
    throw new AppError("unavailable", "This installation has no signing key: BALLAST_SIGNING_KEY is not set.");
  }
  return createPrivateKey({ key: Buffer.from(installation.signingKey, "base64"), format: "der", type: "pkcs8" });
}

/** The installation's public key. @throws AppError `unavailable` where it has none */
export function publicKeyOf(installation: Installation): PublicKey {
  const key = createPublicKey(privateKeyOf(installation));
  const keyId = createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex");
  return { keyId, algorithm: "Ed25519", pem: key.export({ type: "spki", format: "pem" }).toString() };
}

/** DSSE v1 pre-authentication encoding: what is signed of a payload and its type; lengths are of bytes. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType, "utf8");
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.byteLength} `),
    type,
    Buffer.from(` ${payload.byteLength} `),
    payload,
  ]);
}

/** Signs a payload with the installation's key, as a Dead Simple Signing Envelope with base64 fields. */
export function signEnvelope(installation: Installation, payloadType: string, payload: string): SignedEnvelope {
  const bytes = Buffer.from(payload, "utf8");
  const sig = sign(null, preAuthEncoding(payloadType, bytes), privateKeyOf(installation)).toString("base64");
  return {
    payloadType,
    payload: bytes.toString("base64"),
    signatures: [{ keyid: publicKeyOf(installation).keyId, sig }],
  };
}

/** The payload of an envelope if one of its signatures is right under the key; null otherwise. */
export function openEnvelope(envelope: SignedEnvelope, key: PublicKey): string | null {
  const payload = Buffer.from(envelope.payload, "base64");
  const signed = preAuthEncoding(envelope.payloadType, payload);
  const right = envelope.signatures.some(
    ({ keyid, sig }) => keyid === key.keyId && verify(null, signed, key.pem, Buffer.from(sig, "base64")),
  );
  return right ? payload.toString("utf8") : null;
}

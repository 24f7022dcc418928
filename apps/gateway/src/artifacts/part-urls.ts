import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AppError } from "@ballast/core";

/** Where the parts of a multipart upload are put. */
export const PART_PATH = "/api/2.0/mlflow-artifacts/mpu/part";
/** As long as the pieces themselves are kept: an upload of terabytes over a thin line ends within a day, or not at all. */
const VALID_MS = 24 * 3_600_000;

/** What a signed URL lets its holder do: put one part of one upload. */
export interface PartGrant {
  teamId: string;
  projectId: string;
  uploadId: string;
  part: number;
  /** Epoch ms. */
  expires: number;
}

/** Signs and reads the URLs that clients put parts to without a token, as they would to S3. */
export class PartUrls {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  url(base: string, grant: Omit<PartGrant, "expires">, now: number): string {
    const full = { ...grant, expires: now + VALID_MS };
    const query = new URLSearchParams({
      team: full.teamId,
      project: full.projectId,
      expires: String(full.expires),
      signature: this.#sign(full).toString("base64url"),
    });
    return `${base}${PART_PATH}/${full.uploadId}/${full.part}?${query}`;
  }

  /** The grant of a URL. @throws AppError `unauthenticated` for one that was not signed here, was changed, or has expired */
  read(url: string, now: number): PartGrant {
    const { pathname, searchParams } = new URL(url, "http://gateway");
    const [uploadId = "", part = ""] = pathname.slice(PART_PATH.length + 1).split("/");
    const grant: PartGrant = {
      teamId: searchParams.get("team") ?? "",
      projectId: searchParams.get("project") ?? "",
      uploadId,
      part: Number(part),
      expires: Number(searchParams.get("expires")),
    };
    const given = Buffer.from(searchParams.get("signature") ?? "", "base64url");
    const right = this.#sign(grant);
    if (given.length !== right.length || !timingSafeEqual(given, right) || !(grant.expires > now)) {
      throw new AppError("unauthenticated", "This part URL was not signed here, was changed, or has expired.");
    }
    return grant;
  }

  #sign(grant: PartGrant): Buffer {
    const { teamId, projectId, uploadId, part, expires } = grant;
    const text = ["artifact-part", teamId, projectId, uploadId, part, expires].join("\n");
    return createHmac("sha256", this.#secret).update(text).digest();
  }
}

/** The address a client reached us by: what a proxy says, else the Host header. */
export function baseUrl(request: IncomingMessage): string {
  const first = (value: string | string[] | undefined) =>
    (Array.isArray(value) ? value[0] : value)?.split(",")[0]?.trim();
  const protocol = first(request.headers["x-forwarded-proto"]) === "https" ? "https" : "http";
  const host = first(request.headers["x-forwarded-host"]) ?? request.headers.host ?? "127.0.0.1";
  return `${protocol}://${host}`;
}

import { AppError } from "@ballast/core";
import type { Identity } from "@ballast/governance/trpc";

/** Larger bodies carry files, which go to the gateway. */
const MOST_BODY_BYTES = 8 * 1024 * 1024;
/** What everybody may send is a form; a server that kept more of each stranger could be filled by them. */
const MOST_STRANGER_BYTES = 64 * 1024;

/**
 * The body of a call as text, read as far as its caller may fill it.
 * @throws AppError `payload_too_large`
 */
export const bodyOf = (request: Request, identity: Identity): Promise<string> =>
  identity === null
    ? boundedText(request, MOST_STRANGER_BYTES, "sign in, or send a valid API token, to send more")
    : boundedText(request);

/**
 * The body as text, read no further than it may be long: nobody has to sign in to send one.
 * @throws AppError `payload_too_large`
 */
export async function boundedText(
  request: Request,
  mostBytes = MOST_BODY_BYTES,
  wayOut = "files are uploaded to the gateway",
): Promise<string> {
  const tooLarge = () => new AppError("payload_too_large", `A body here may have ${mostBytes / 1024} KiB; ${wayOut}.`);
  if (Number(request.headers.get("content-length") ?? 0) > mostBytes) throw tooLarge();
  if (request.body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > mostBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

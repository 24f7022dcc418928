import { openApiDocument } from "@ballast/api";
import { publicOrigin } from "@/page/load";
import { appRouter } from "@/server/app-router";

export const dynamic = "force-dynamic";

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const STYLE = `:root{color-scheme:light dark;font:13px/20px system-ui,sans-serif}body{max-width:960px;margin:24px auto;padding:0 16px}
h1{font-size:20px}h2{font-size:14px;margin:24px 0 4px}code{font-family:ui-monospace,monospace}details{border-top:1px solid;padding:6px 0}
summary{cursor:pointer;min-height:24px}pre{overflow-x:auto}`;

/** Every operation with its input, to read: the document of `/api/openapi.json` as one page without scripts. */
export async function GET(): Promise<Response> {
  const { info, paths, servers, tags } = openApiDocument(await appRouter(), await publicOrigin());
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const entry = ({ path, method, operation }: (typeof operations)[number]) => {
    const input =
      "parameters" in operation ? operation.parameters : operation.requestBody.content["application/json"].schema;
    return `<details><summary><code>${method} ${escapeHtml(path)}</code> ${escapeHtml(operation.summary)}</summary>
<p>${escapeHtml(operation.description)}</p><pre tabindex="0"><code>${escapeHtml(JSON.stringify(input, null, 2))}</code></pre></details>`;
  };
  const groups = tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<h2>${escapeHtml(name)}</h2>${own.map(entry).join("")}`;
  });
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Ballast API</title><style>${STYLE}</style></head><body><main><h1>Ballast API</h1>
<p>Below <code>${escapeHtml(servers[0]?.url ?? "")}</code>. For programs: <a href="/api/openapi.json">openapi.json</a>.</p>
${info.description
  .split("\n\n")
  .map((text) => `<p>${escapeHtml(text).replace(/`([^`]+)`/g, "<code>$1</code>")}</p>`)
  .join("")}
${groups.join("")}</main></body></html>`;
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  return new Response(html, {
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
  });
}

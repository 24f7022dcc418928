import { createHash } from "node:crypto";

/** A page with the headers it must go with. */
export interface FrontPage {
  html: string;
  headers: Readonly<Record<string, string>>;
}

/** What stands behind `#` never reaches a server: a script takes it to the web app. The same for everybody, so its hash is known. */
const FORWARD =
  'const web=document.getElementById("web");if(location.hash.length>1){web.href=new URL("go"+location.hash,web.href).href;location.replace(web.href)}';

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/**
 * The page at the gateway's root. MLflow's clients print links to it, such as `<gateway>/#/experiments/1/runs/2`: it takes them to `/go` of the
 * web app, which knows whose they are. Without the web app's address it says where to look.
 */
export function frontPage(webUrl: string | null): FrontPage {
  const body =
    webUrl === null
      ? "<p>This is the gateway of Ballast, for programs. Runs, experiments and models are in the web app: <code>npm start</code> prints its address. So that links to runs lead there, set <code>BALLAST_WEB_URL</code> for the gateway.</p>"
      : `<p>This is the gateway of Ballast, for programs. Runs, experiments and models are in <a id="web" href="${escaped(rootOf(webUrl))}">the web app</a>.</p><script>${FORWARD}</script>`;
  const script = webUrl === null ? "'none'" : hashOf(FORWARD);
  return {
    html: `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Ballast gateway</title>${body}</html>\n`,
    headers: {
      "Content-Security-Policy": `default-src 'none'; script-src ${script}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
      "Cache-Control": "no-cache",
    },
  };
}

/** The address with a slash at its end, so that `go` is appended where the web app stands below a path. */
const rootOf = (url: string) => (url.endsWith("/") ? url : `${url}/`);

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;" };
const escaped = (text: string) => text.replace(/[&"<>]/g, (character) => ENTITIES[character] ?? "");

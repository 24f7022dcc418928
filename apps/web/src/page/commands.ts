/** The exact commands that empty pages show: they run as they stand once `BALLAST_TOKEN` holds a token. */
export interface CommandPlace {
  web: string;
  gateway: string;
  team: string;
  project: string;
}

const AUTHORISED = `-H "Authorization: Bearer $BALLAST_TOKEN"`;

/** Sends a file to the artifact store; answers its SHA-256 as `digest`. */
export function uploadCommand({ gateway }: CommandPlace, file: string): string {
  return `$ curl -T ${file} ${AUTHORISED} \\\n    ${gateway}/v1/artifacts`;
}

/** Calls a procedure. Its input is shown on lines of its own. */
export function callCommand({ web, team, project }: CommandPlace, procedure: string, input: object): string {
  const body = JSON.stringify({ json: { team, project, ...input } }, null, 2).replaceAll("'", "'\\''");
  return `$ curl ${web}/api/trpc/${procedure} \\\n    ${AUTHORISED} \\\n    -H "Content-Type: application/json" -d '${body}'`;
}

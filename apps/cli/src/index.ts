import path from "node:path";
import { parseArgs } from "node:util";
import { createReport } from "./report.ts";
import { up } from "./up/up.ts";

const HELP = `Ballast keeps production models steady.

  npm start                      start everything and run the loop on the flights of 2001
  npm start -- --empty           start without the demo
  npm start -- --once --json     end when the loop has closed; the last line on standard output is its summary

Options of up
  --port N       port of the web app (7300, or a free one)
  --home DIR     where data is kept (.ballast)
  --story NAME   full (five months) or short (seven weeks, as the tests run it)
  --once         end when the loop has closed: exit code 0, or 1 with the reason
  --json         one JSON object of measurements as the last line on standard output
  --empty        no demo
  --help         this text
`;

const report = createReport();
const root = path.join(import.meta.dirname, "..", "..", "..");

function parse() {
  return parseArgs({
    allowPositionals: true,
    options: {
      port: { type: "string" },
      home: { type: "string" },
      story: { type: "string", default: "full" },
      once: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      empty: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
}

async function main(): Promise<number> {
  const { values, positionals } = parse();
  const command = positionals[0] ?? "up";
  if (values.help || command === "help") {
    process.stdout.write(HELP);
    return 0;
  }
  if (command !== "up") throw new Error(`There is no command "${command}". \`ballast --help\` lists what there is.`);
  const port = values.port === undefined ? null : Number(values.port);
  if (port !== null && !(Number.isInteger(port) && port > 0 && port < 65_535))
    throw new Error(`--port ${values.port}: a port is a number from 1 to 65534.`);
  if (values.story !== "full" && values.story !== "short")
    throw new Error(`--story ${values.story}: it is full or short.`);
  const homeDir = path.resolve(values.home ?? path.join(root, ".ballast"));
  return up({
    root,
    homeDir,
    port,
    report,
    story: values.story,
    once: values.once,
    json: values.json,
    empty: values.empty,
  });
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    report.warn(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);

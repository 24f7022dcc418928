import { ERROR_STATUS } from "@ballast/core";
import type { AppRouter } from "../index.ts";
import { accessWords, type JsonSchema, type Operation, operationsOf, travelsAsText } from "./operations.ts";

/** Where procedures stand as plain HTTP, below the web app's origin. */
const REST_BASE = "/api/v1";

const DESCRIPTION = `Every procedure of Ballast as plain HTTP and JSON.

Queries are \`GET\` with their input in the query string: texts as they are, everything else as JSON. Inputs that are too long for
an address may be sent as a JSON body by \`POST\` to the same path instead. Mutations are \`POST\` with a JSON body.

\`team\` and \`project\` may be left out with a token: it belongs to one project. Moments are ISO 8601 texts. Numbers that JSON lacks are
the texts "NaN", "Infinity" and "-Infinity".

The same procedures answer as tRPC under \`/api/trpc\`, which also streams; \`@ballast/client\` is a typed client for that.`;

const ERROR_SCHEMA: JsonSchema = {
  type: "object",
  required: ["error", "code", "details", "request_id"],
  properties: {
    error: { type: "string", description: "What is wrong, and where possible what to do, in words." },
    code: { type: "string", enum: [...Object.keys(ERROR_STATUS), "method_not_allowed", "unsupported_media_type"] },
    details: {
      type: "object",
      description: "`field` names the field at fault; `issues` lists all of them.",
      properties: {
        field: { type: "string" },
        issues: {
          type: "array",
          items: {
            type: "object",
            required: ["field", "message"],
            properties: { field: { type: "string" }, message: { type: "string" } },
          },
        },
      },
    },
    request_id: { type: "string", description: "Finds the request in the server's log." },
  },
};

const ERRORS: Record<string, string> = {
  "400": "The input is wrong; `details.field` names what.",
  "401": "No credential, or one that is unknown, expired or revoked.",
  "403": "The credential lacks the permission.",
  "404": "It does not exist, or is somebody else's.",
  "409": "It clashes with what is there.",
  "429": "Too many at once; `Retry-After` says how long to wait.",
};

/** The API as an OpenAPI 3.1 document. `origin` is where this installation is reached. */
export function openApiDocument(router: AppRouter, origin: string) {
  const operations = [...operationsOf(router).values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const domains = [...new Set(operations.map(({ path }) => domainOf(path)))];
  return {
    openapi: "3.1.0",
    info: {
      title: "Ballast",
      version: "1",
      description: DESCRIPTION,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: `${origin}${REST_BASE}` }],
    security: [{ token: [] }],
    tags: domains.map((name) => ({ name })),
    paths: Object.fromEntries(operations.map((operation) => [`/${operation.path}`, pathItem(operation)])),
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token, `blst_…`: Settings → Tokens." },
      },
      schemas: { Error: ERROR_SCHEMA },
      responses: Object.fromEntries(
        Object.entries(ERRORS).map(([status, description]) => [`Error${status}`, errorResponse(description)]),
      ),
    },
  };
}

const errorResponse = (description: string) => ({
  description,
  content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
});
const domainOf = (path: string): string => path.slice(0, path.indexOf("."));

/** `experiment.startRun` is "Start run". */
function summaryOf(path: string): string {
  const words = path
    .slice(path.indexOf(".") + 1)
    .replace(/([A-Z])/g, " $1")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function pathItem(operation: Operation) {
  const { path, type, access, input, output } = operation;
  const shared = {
    ...{ operationId: path, tags: [domainOf(path)], summary: summaryOf(path), description: accessWords(access) },
    ...(access === "public" ? { security: [] } : {}),
    responses: {
      "200": { description: "The answer.", content: { "application/json": { schema: output ?? {} } } },
      ...Object.fromEntries(
        Object.keys(ERRORS).map((status) => [status, { $ref: `#/components/responses/Error${status}` }]),
      ),
    },
  };
  if (type === "query") return { get: { ...shared, parameters: parametersOf(input) } };
  const schema = { type: "object", properties: input.properties, required: input.required };
  return {
    post: { ...shared, requestBody: { required: true, content: { "application/json": { schema } } } },
  };
}

const PRIMITIVE = ["string", "number", "integer", "boolean"];

function parametersOf({ properties, required }: Operation["input"]) {
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: "query", required: required.includes(name) },
    ...(travelsAsText(schema) || PRIMITIVE.includes(String(schema.type))
      ? { schema }
      : { content: { "application/json": { schema } } }),
  }));
}

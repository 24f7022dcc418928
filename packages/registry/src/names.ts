import { AppError } from "@ballast/core";

const refuse = (field: string, message: string) => new AppError("invalid_input", message, { details: { field } });

const MOST_NAME = 256;
const MOST_KEY = 250;
const MOST_VALUE = 100_000;
const MOST_DESCRIPTION = 100_000;

/** A model's name as MLflow has it: any text without `/` and `:`. @throws AppError `invalid_input` */
export function modelName(name: string, field = "name"): string {
  if (name.trim() === "") throw refuse(field, "Registered model name cannot be empty.");
  if (/[/:]/.test(name)) {
    throw refuse(field, `Invalid model name: '${name}'. Registered model name cannot contain '/' or ':'.`);
  }
  if (name.length > MOST_NAME) {
    throw refuse(field, `Registered model name is ${name.length} characters long; at most ${MOST_NAME} are kept.`);
  }
  return name;
}

/** An alias as MLflow has it: letters, digits, `_`, `-`; neither `latest` nor a version number. @throws AppError `invalid_input` */
export function aliasName(alias: string): string {
  if (alias === "") throw refuse("alias", "Registered model alias name cannot be empty.");
  if (!/^[\w-]{1,255}$/.test(alias)) {
    throw refuse(
      "alias",
      `Invalid alias name: '${alias.slice(0, 60)}'. Letters, digits, '_' and '-' may be used, at most 255 of them.`,
    );
  }
  if (/^latest$/i.test(alias)) throw refuse("alias", "'latest' alias name (case insensitive) is reserved.");
  if (/^v\d+$/i.test(alias)) {
    throw refuse("alias", `Version alias name '${alias}' is reserved: it would read as a version number.`);
  }
  return alias;
}

/** A tag of a model or version. @throws AppError `invalid_input` */
export function checkTag(key: string, value: string): void {
  if (key === "" || key.length > MOST_KEY) {
    throw refuse("key", `A tag's key has 1 to ${MOST_KEY} characters; this one has ${key.length}.`);
  }
  if (!/^[/\w.\- :]*$/.test(key)) {
    throw refuse(
      "key",
      `Invalid value '${key}' for parameter 'key' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).`,
    );
  }
  if (/(^|\/)\.{1,2}(\/|$)|^\/|\/\/|\/$/.test(key)) {
    throw refuse(
      "key",
      `Invalid value '${key}' for parameter 'key' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such.`,
    );
  }
  if (value.length > MOST_VALUE) {
    throw refuse("value", `The value of tag '${key}' has ${value.length} characters; at most ${MOST_VALUE} are kept.`);
  }
}

/** A description. @throws AppError `invalid_input` */
export function checkDescription(description: string): string {
  if (description.length <= MOST_DESCRIPTION) return description;
  throw refuse(
    "description",
    `The description has ${description.length} characters; at most ${MOST_DESCRIPTION} are kept.`,
  );
}

/** MLflow's deprecated stages. */
export const STAGES = ["None", "Staging", "Production", "Archived"] as const;
export type Stage = (typeof STAGES)[number];
export const ACTIVE_STAGES: readonly Stage[] = ["Staging", "Production"];

/** A stage in its own spelling, whatever its case. @throws AppError `invalid_input` */
export function stageName(stage: string): Stage {
  const found = STAGES.find((one) => one.toLowerCase() === stage.toLowerCase());
  if (found) return found;
  throw refuse("stage", `Invalid Model Version stage: ${stage}. Value must be one of ${STAGES.join(", ")}.`);
}

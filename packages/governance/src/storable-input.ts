import { AppError } from "@ballast/core";

/** Deeper than anything a person or a program means; what goes beyond was made to exhaust somebody. */
const DEEPEST = 60;
/** The years ISO 8601 writes with four digits and PostgreSQL reads back. */
const FIRST_DATE = Date.parse("0001-01-01T00:00:00Z");
const LAST_DATE = Date.parse("9999-12-31T23:59:59.999Z");
const EXPECTED = "send text, a number, a boolean, a date, an array or an object";

/**
 * Lets through what can be stored as text, number, timestamp or JSON and read back the same. The API's wire format carries
 * more: NUL characters and half surrogate pairs, which PostgreSQL refuses; dates of the year 200000; big integers, maps and
 * objects that contain themselves. A schema for a field rarely thinks of these, so they are refused here, once, for all.
 * @throws AppError `invalid_input` naming the field
 */
export function refuseUnstorable(input: unknown): void {
  visit(input, "", [], new Set());
}

function visit(value: unknown, field: string, ancestors: object[], seen: Set<object>): void {
  if (typeof value === "string") checkText(value, field, "holds");
  else if (value instanceof Date) checkDate(value, field);
  else if (typeof value === "object" && value !== null) visitObject(value, field, ancestors, seen);
  else if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function")
    refuse(field, `is a ${typeof value}; ${EXPECTED}`);
}

function visitObject(value: object, field: string, ancestors: object[], seen: Set<object>): void {
  if (ancestors.includes(value)) refuse(field, "contains itself");
  if (seen.has(value)) return;
  seen.add(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null)
    refuse(field, `is a ${value.constructor.name}; ${EXPECTED}`);
  if (ancestors.length >= DEEPEST) refuse(field, `is nested more than ${DEEPEST} levels deep`);
  const path = [...ancestors, value];
  for (const [key, child] of Object.entries(value)) {
    checkText(key, field, "has a key with");
    visit(child, field === "" ? key : `${field}.${key}`, path, seen);
  }
}

function checkText(text: string, field: string, how: string): void {
  if (text.includes("\u0000")) refuse(field, `${how} a NUL character, which cannot be stored`);
  if (!text.isWellFormed()) refuse(field, `${how} half of a surrogate pair, which is not Unicode text`);
}

function checkDate(date: Date, field: string): void {
  const time = date.getTime();
  if (!(time >= FIRST_DATE && time <= LAST_DATE)) refuse(field, "must be a date of the years 1 to 9999");
}

function refuse(field: string, problem: string): never {
  const shown = field === "" ? "input" : field.slice(0, 200);
  throw new AppError("invalid_input", `${shown} ${problem}.`, { details: { field: shown } });
}

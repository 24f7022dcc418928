/** Lexical part of the filter language. Positions are UTF-16 offsets from 0. */

type TokenKind =
  /** A column: `metrics.loss`, `` tags.`a b` ``, `start_time`; also the words AND, OR, NOT, IN, LIKE, IS, NULL. */
  | "path"
  | "number"
  /** In single or double quotes; `text` is without them. */
  | "text"
  /** In backticks, not followed by a dot: a column of the thing itself. */
  | "backtick"
  | "comparator"
  | "("
  | ")"
  | ","
  /** A quote that is not closed, or a character that begins nothing. */
  | "bad"
  | "end";

export interface Token {
  kind: TokenKind;
  from: number;
  to: number;
  /** As written. */
  raw: string;
  /** What stands before and behind the first dot of a path; `family` is null without one. */
  family: string | null;
  key: string;
}

const SPACE = /\s+/y;
/** No two of its parts match the same digits: a number that turns out to be none costs one way back, not one for each of its digits. */
const NUMBER = /-?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)(?![\p{L}\p{N}_.])/iuy;
/** Unquoted keys may hold what MLflow's keys may hold, blanks excepted: `system/cpu-percent` needs no quotes. */
const WORD = /[\p{L}_$][\p{L}\p{N}_\-/:@$.]*/uy;
const WORD_REST = /[\p{L}\p{N}_\-/:@$.]+/uy;
const COMPARATOR = /[<>=!~&|]+/y;
const CLOSING: Record<string, RegExp> = { "'": /'(?:''|[^'])*'/y, '"': /"(?:""|[^"])*"/y, "`": /`[^`]*`/y };

/** The tokens of a filter, an `end` token last. Never throws: what makes no sense is a `bad` token. */
export function filterTokens(filter: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(SPACE, filter, at)?.length ?? 0;
    const token = tokenAt(filter, at);
    tokens.push(token);
    if (token.kind === "end") return tokens;
    at = token.to;
  }
}

function matchAt(pattern: RegExp, filter: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(filter)?.[0] ?? null;
}

function tokenAt(filter: string, at: number): Token {
  const make = (kind: TokenKind, raw: string, family: string | null = null, key = raw): Token => ({
    ...{ kind, from: at, to: at + raw.length, raw, family, key },
  });
  const first = filter.charAt(at);
  if (first === "") return make("end", "");
  if (first === "(" || first === ")" || first === ",") return make(first, first);
  const number = matchAt(NUMBER, filter, at);
  if (number !== null) return make("number", number);
  const closing = CLOSING[first];
  if (closing) return quotedAt(filter, at, closing, make);
  const word = matchAt(WORD, filter, at);
  if (word !== null) return pathAt(filter, at, word, make);
  const comparator = matchAt(COMPARATOR, filter, at);
  if (comparator !== null) return make("comparator", comparator);
  const glued = matchAt(WORD_REST, filter, at);
  return make("bad", glued ?? String.fromCodePoint(filter.codePointAt(at) ?? 0));
}

type Make = (kind: TokenKind, raw: string, family?: string | null, key?: string) => Token;

const inner = (quoted: string): string => {
  const mark = quoted.charAt(0);
  return quoted.slice(1, -1).replaceAll(mark + mark, mark);
};

function quotedAt(filter: string, at: number, closing: RegExp, make: Make): Token {
  const quoted = matchAt(closing, filter, at);
  if (quoted === null) return make("bad", filter.slice(at));
  if (!quoted.startsWith("'") && filter.charAt(at + quoted.length) === ".") {
    return pathAt(filter, at, `${quoted}.`, make);
  }
  return make(quoted.startsWith("`") ? "backtick" : "text", quoted, null, inner(quoted));
}

/** A path that begins with `head`; behind its first dot the key may be quoted. */
function pathAt(filter: string, at: number, head: string, make: Make): Token {
  const quotedFamily = head.startsWith("`") || head.startsWith('"');
  const dot = quotedFamily ? head.length - 1 : head.indexOf(".");
  if (dot < 0) return make("path", head);
  const family = quotedFamily ? inner(head.slice(0, dot)) : head.slice(0, dot);
  const rest = head.slice(dot + 1);
  if (rest !== "") return make("path", head, family, rest);
  const next = at + head.length;
  const closing = CLOSING[filter.charAt(next)];
  if (!closing) {
    const key = matchAt(WORD_REST, filter, next) ?? "";
    return make("path", head + key, family, key);
  }
  const quoted = matchAt(closing, filter, next);
  if (quoted === null) return make("bad", filter.slice(at), family, filter.slice(next + 1));
  return make("path", head + quoted, family, inner(quoted));
}

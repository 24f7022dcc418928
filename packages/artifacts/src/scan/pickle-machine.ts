import { CODE_NAMES_REFUSED, classifyGlobal } from "./pickle-globals.ts";
import { type Cell, MARK, Memo, type RawArray, rawArray, type Value } from "./pickle-memory.ts";

/** More values at once than any pickle made by a program needs. */
const DEEPEST = 1_000_000;
const MOST_FINDINGS = 100;
/** Items of a tuple, and entries of a dict, that are remembered. */
const MOST_ITEMS = 32;
const STOP = 0x2e;
const BUILD = 0x62;
const NAME = /^[\x21-\x7e]{1,200}$/;
const WRAPPER = /^joblib\.numpy_pickle\.NumpyArrayWrapper$/;
const BUILTIN_TYPE = /(^|\.)cloudpickle(_fast)?\._builtin_type$/;
const SUBIMPORT = /(^|\.)cloudpickle(_fast)?\.(dynamic_)?subimport$/;

/** What happened at an opcode that the reader of the stream must know of. */
export type Outcome = "go" | "stop" | RawArray;

/** A stream that Python's unpickler would refuse here too. */
export class NotAPickle extends Error {}

/**
 * Runs a pickle without running anything: strings, names and calls are followed, all else is a placeholder. Every importable name is
 * judged when it is named, so what happens to it later makes no difference; what is called must be such a name.
 */
export class PickleMachine {
  readonly findings: Set<string>;
  readonly notes: Set<string>;
  /** Something was called, made or changed: a stream that breaks off later has acted by then. */
  hasCalled = false;
  /** Named something that would be refused. */
  hasRefused = false;
  readonly #memo = new Memo();
  #stack: Cell[] = [];
  #byValue = false;
  readonly #suspects = new Set<string>();

  constructor(findings: Set<string>, notes: Set<string>) {
    this.findings = findings;
    this.notes = notes;
  }

  /** An opcode without text: `argument` is its number, where it has one. */
  step(opcode: number, argument: number): Outcome {
    if (opcode === BUILD) return this.build() ?? "go";
    if (opcode === STOP) {
      this.pop();
      return "stop";
    }
    STEPS[opcode]?.(this, argument);
    return "go";
  }

  /** An opcode that pushes text; `text` is null where it is long, or no name. */
  pushText(text: string | null): void {
    if (text === null || !NAME.test(text)) {
      this.push(null);
      return;
    }
    if (CODE_NAMES_REFUSED.has(text)) this.#suspects.add(text);
    this.push({ kind: "text", text, memo: -1 });
  }

  /** GLOBAL and INST name on two lines. */
  named(module: string, name: string): Value {
    const full = `${module}.${name}`;
    const judged = classifyGlobal(module, name);
    if (judged === "refused") {
      this.hasRefused = true;
      this.find(`names ${full}, which can run code or reach what can`);
    } else if (judged === "unknown") this.#note(`names ${full}, of a package that is not known here`);
    else if (judged === "code") this.#carriesCode(full);
    return { kind: "global", name: full };
  }

  find(finding: string): void {
    if (this.findings.size < MOST_FINDINGS) this.findings.add(finding);
  }

  /** At the end: what code that travels by value says of itself. */
  conclude(): void {
    if (!this.#byValue) return;
    for (const name of this.#suspects) {
      this.hasRefused = true;
      this.find(`carries Python code that uses ${name}`);
    }
  }

  push(value: Cell): void {
    if (this.#stack.length >= DEEPEST) throw new NotAPickle("more values than any program makes");
    this.#stack.push(value);
  }

  pop(): Value {
    const cell = this.#stack.pop();
    if (cell === undefined || cell === MARK) throw new NotAPickle("takes a value where there is none");
    return cell;
  }

  top(): Value {
    const cell = this.#stack.at(-1);
    if (cell === undefined || cell === MARK) throw new NotAPickle("looks at a value where there is none");
    return cell;
  }

  popCell(): void {
    if (this.#stack.pop() === undefined) throw new NotAPickle("takes a value where there is none");
  }

  popToMark(): Value[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at === -1) throw new NotAPickle("closes what was not opened");
    const items = this.#stack.slice(at + 1) as Value[];
    this.#stack.length = at;
    return items;
  }

  memoPut(index: number | null): void {
    if (!this.#memo.put(index ?? this.#memo.size, this.top()))
      throw new NotAPickle("remembers more than any program does");
  }

  memoGet(index: number): void {
    this.push(this.#memo.get(index));
  }

  /** STACK_GLOBAL: the two names are values. */
  stackGlobal(): void {
    const name = this.pop();
    const module = this.pop();
    const spelt = [module, name].map((v) => (v !== null && typeof v !== "number" && v.kind === "text" ? v : null));
    const [from, what] = spelt;
    if (!from || !what) {
      this.hasRefused = true;
      this.find("names something by a text that it computes");
      this.push(null);
      return;
    }
    this.#memo.keep(from);
    this.#memo.keep(what);
    this.push(this.named(from.text, what.text));
  }

  /** REDUCE, NEWOBJ, OBJ, INST: a call. */
  call(callable: Value, args: Value): void {
    this.hasCalled = true;
    if (callable === null || typeof callable === "number" || (callable.kind !== "global" && callable.kind !== "made")) {
      this.#callsUnknown();
      return;
    }
    const first = args !== null && typeof args !== "number" && args.kind === "tuple" ? (args.items[0] ?? null) : null;
    const text = first !== null && typeof first !== "number" && first.kind === "text" ? first.text : null;
    if (callable.kind === "made") {
      // A class that travels by value is made, then called to make its instances.
      if (/_make_skeleton_(class|enum)$/.test(callable.by)) this.push({ kind: "made", by: "an instance", text: null });
      else this.#callsUnknown();
      return;
    }
    const by = callable.name;
    if (BUILTIN_TYPE.test(by)) this.push(text === null ? this.#computed() : this.named("types", text));
    else if (SUBIMPORT.test(by)) {
      if (text === null) this.#computed();
      else if (classifyGlobal(text, "_") === "refused") this.named(text, "_");
      this.push(null);
    } else this.push({ kind: "made", by, text });
  }

  /** BUILD. A joblib array is followed by its bytes, outside of all opcodes. */
  build(): RawArray | undefined {
    this.hasCalled = true;
    const state = this.pop();
    const built = this.top();
    if (built === null || typeof built === "number" || built.kind !== "made" || !WRAPPER.test(built.by)) return;
    const raw = rawArray(state);
    if (raw !== null) return raw;
    this.hasRefused = true;
    this.find("holds an array whose length cannot be told, so what follows it cannot be looked into");
  }

  #callsUnknown(): void {
    this.hasRefused = true;
    this.find("calls something that it computes itself");
    this.push(null);
  }

  #computed(): null {
    this.hasRefused = true;
    this.find("imports something by a text that it computes");
    return null;
  }

  #carriesCode(full: string): void {
    this.#byValue = true;
    this.#note(`carries Python code by value (${full})`);
  }

  #note(note: string): void {
    if (this.notes.size < MOST_FINDINGS) this.notes.add(note);
  }
}

type Step = (machine: PickleMachine, argument: number) => void;

function tuple(items: readonly Value[]): Value {
  if (items.length > MOST_ITEMS) return null;
  let depth = 0;
  for (const item of items) {
    if (item !== null && typeof item !== "number" && item.kind === "tuple") depth = Math.max(depth, item.depth + 1);
  }
  return depth > 3 ? null : { kind: "tuple", items, depth };
}

function setItems(machine: PickleMachine, pairs: readonly Value[]): void {
  const target = machine.top();
  if (target === null || typeof target === "number" || target.kind !== "dict") return;
  const entries = target.entries ?? new Map<string, Value>();
  target.entries = entries;
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const key = pairs[i] ?? null;
    if (key === null || typeof key === "number" || key.kind !== "text") continue;
    if (entries.size < MOST_ITEMS || entries.has(key.text)) entries.set(key.text, pairs[i + 1] ?? null);
  }
}

const pushNull: Step = (m) => m.push(null);
const pushNumber: Step = (m, n) => m.push(n);
const closeToNull: Step = (m) => {
  m.popToMark();
  m.push(null);
};
const tupleOf =
  (n: number): Step =>
  (m) => {
    const items = Array.from({ length: n }, () => m.pop()).reverse();
    m.push(tuple(items));
  };
const extension: Step = (m) => {
  m.hasRefused = true;
  m.find("names something by its number in the extension registry");
  m.push(null);
};
const at = (c: string | number) => (typeof c === "number" ? c : c.charCodeAt(0));

const STEPS: readonly (Step | undefined)[] = (() => {
  const table: (Step | undefined)[] = new Array(256).fill(undefined);
  const set = (opcodes: readonly (string | number)[], step: Step) => {
    for (const opcode of opcodes) table[at(opcode)] = step;
  };
  set(["("], (m) => m.push(MARK));
  set(["0"], (m) => m.popCell());
  set(["1"], (m) => void m.popToMark());
  set(["2"], (m) => m.push(m.top()));
  set(["N", "F", "L", "G", 0x88, 0x89, 0x97, 0x8b, "B", "C", 0x8e, 0x96, "P", "]", 0x8f], pushNull);
  set(["I", "J", "K", "M", 0x8a], pushNumber);
  set(["Q"], (m) => {
    m.pop();
    m.push(null);
  });
  set([0x98], (m) => void m.top());
  set(["a"], (m) => void m.pop());
  set(["e", 0x90], (m) => void m.popToMark());
  set(["d", "l", 0x91], closeToNull);
  set(["}"], (m) => m.push({ kind: "dict", entries: null }));
  set([")"], (m) => m.push(tuple([])));
  set(["t"], (m) => m.push(tuple(m.popToMark())));
  set([0x85], tupleOf(1));
  set([0x86], tupleOf(2));
  set([0x87], tupleOf(3));
  set(["s"], (m) => {
    const value = m.pop();
    const key = m.pop();
    setItems(m, [key, value]);
  });
  set(["u"], (m) => setItems(m, m.popToMark()));
  set(["h", "j", "g"], (m, n) => m.memoGet(n));
  set(["q", "r", "p"], (m, n) => m.memoPut(n));
  set([0x94], (m) => m.memoPut(null));
  set([0x93], (m) => m.stackGlobal());
  set(["R", 0x81], (m) => {
    const args = m.pop();
    m.call(m.pop(), args);
  });
  set([0x92], (m) => {
    m.pop();
    const args = m.pop();
    m.call(m.pop(), args);
  });
  set(["o"], (m) => {
    const [callable = null, ...args] = m.popToMark();
    m.call(callable, tuple(args));
  });
  set([0x82, 0x83, 0x84], extension);
  return table;
})();

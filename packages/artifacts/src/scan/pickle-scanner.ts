import { NotAPickle, PickleMachine } from "./pickle-machine.ts";
import { ARGUMENT } from "./pickle-opcodes.ts";

/** A name is not longer than this; what is longer is passed over. */
const MOST_TEXT = 256;
const MOST_LINE = 4_096;
const PROTO = 0x80;
const FRAME = 0x95;
const EMPTY = Buffer.alloc(0);

export interface PickleReport {
  /** It reads as a pickle to its end, or acted as one before it broke off. */
  isPickle: boolean;
  /** Why it is refused; empty where it is not. */
  findings: string[];
  notes: string[];
}

/**
 * Looks into a stream of pickles, one after the other, as it passes: memory stays bounded by one name and the values that matter.
 * Numpy arrays that joblib writes between the opcodes are passed over.
 */
export class PickleScanner {
  readonly #findings = new Set<string>();
  readonly #notes = new Set<string>();
  /** The pickle under way, on top of those it is an array of objects within. */
  #machines: PickleMachine[];
  #rest: Buffer = EMPTY;
  /** Bytes still to be passed over. */
  #skip = 0;
  /** Passing over a line that is too long to be a name. */
  #skipLine = false;
  /** Bytes of an array that begins with a byte saying how many more there are. */
  #padded: number | null = null;
  #read = 0;
  #frameEnd = 0;
  /** The outermost pickle under way began with its protocol. */
  #headed = false;
  #began = 0;
  #isFresh = true;
  #pickles = 0;
  #acted = false;
  #over: string | null = null;

  constructor() {
    this.#machines = [this.#machine()];
  }

  /** No more bytes are needed. */
  get isOver(): boolean {
    return this.#over !== null;
  }

  push(chunk: Buffer): void {
    if (this.#over !== null) return;
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    try {
      for (;;) {
        const taken = this.#take(bytes);
        if (taken === 0 || this.#over !== null) break;
        this.#read += taken;
        bytes = bytes.subarray(taken);
      }
      this.#rest = this.#over === null && bytes.length > 0 ? Buffer.from(bytes) : EMPTY;
    } catch (error) {
      if (!(error instanceof NotAPickle)) throw error;
      this.#end(error.message);
    }
  }

  end(): PickleReport {
    if (this.#over === null) this.#end(this.#read === 0 && this.#rest.length === 0 ? "" : "breaks off");
    const isPickle = this.#pickles > 0 || this.#acted;
    return { isPickle, findings: isPickle ? [...this.#findings] : [], notes: isPickle ? [...this.#notes] : [] };
  }

  #machine(): PickleMachine {
    return new PickleMachine(this.#findings, this.#notes);
  }

  /** Ends at a place where it does not go on as a pickle. */
  #end(reason: string): void {
    this.#over = reason;
    const machine = this.#machines[0] as PickleMachine;
    for (const one of this.#machines) one.conclude();
    // Between two pickles: what follows is data.
    if (this.#machines.length === 1 && this.#pickles > 0 && !machine.hasCalled) return;
    const acts = this.#machines.some((one) => one.hasCalled);
    if (acts && this.#machines.some((one) => one.hasRefused)) this.#acted = true;
    if (this.#headed && acts && this.#read - this.#began > 64) {
      this.#acted = true;
      this.#findings.add(`cannot be read as a pickle beyond byte ${this.#read} (${reason})`);
    }
  }

  /** Takes what can be taken from the front; 0 where more bytes are needed. */
  #take(bytes: Buffer): number {
    if (this.#skip > 0) {
      const taken = Math.min(this.#skip, bytes.length);
      this.#skip -= taken;
      return taken;
    }
    if (bytes.length === 0) return 0;
    if (this.#skipLine) {
      const end = bytes.indexOf(10);
      if (end !== -1) this.#skipLine = false;
      return end === -1 ? bytes.length : end + 1;
    }
    if (this.#padded === null) return this.#opcode(bytes);
    this.#skip = this.#padded + (bytes[0] as number);
    this.#padded = null;
    return 1;
  }

  #opcode(bytes: Buffer): number {
    const opcode = bytes[0] as number;
    const machine = this.#machines.at(-1) as PickleMachine;
    if (this.#isFresh) {
      this.#headed = opcode === PROTO;
      this.#began = this.#read;
      this.#isFresh = false;
    }
    const argument = ARGUMENT[opcode];
    if (argument === undefined) throw new NotAPickle(`holds the byte 0x${opcode.toString(16)}, which is no opcode`);
    if (argument.kind === "lines") return this.#lines(machine, opcode, bytes, argument.lines);
    if (bytes.length < 1 + argument.bytes) return 0;
    if (argument.kind === "counted") return this.#counted(machine, opcode, bytes, argument.bytes, argument.text);
    const number = littleEndian(bytes, 1, argument.bytes);
    if (opcode === FRAME) this.#frameEnd = this.#read + 9 + number;
    this.#after(machine.step(opcode, number), this.#read + 1 + argument.bytes);
    return 1 + argument.bytes;
  }

  #counted(machine: PickleMachine, opcode: number, bytes: Buffer, width: number, text: boolean): number {
    const head = 1 + width;
    const length = littleEndian(bytes, 1, width);
    if (text && length <= MOST_TEXT) {
      if (bytes.length < head + length) return 0;
      machine.pushText(bytes.toString("utf8", head, head + length));
      return head + length;
    }
    if (opcode === 0x8a && length <= 6) {
      if (bytes.length < head + length) return 0;
      machine.step(opcode, length === 0 ? 0 : bytes.readIntLE(head, length));
      return head + length;
    }
    if (text) machine.pushText(null);
    else machine.step(opcode === 0x8a ? 0x8b : opcode, 0);
    this.#skip = length;
    return head;
  }

  #lines(machine: PickleMachine, opcode: number, bytes: Buffer, count: 1 | 2): number {
    const first = bytes.indexOf(10, 1);
    const last = first === -1 || count === 1 ? first : bytes.indexOf(10, first + 1);
    if (last === -1 || last > MOST_LINE) {
      if (last === -1 && bytes.length <= MOST_LINE) return 0;
      if (count === 2 || "gpI".includes(String.fromCharCode(opcode)))
        throw new NotAPickle("holds a name of many lines' length");
      this.#line(machine, opcode, null);
      this.#skipLine = true;
      return 1;
    }
    const text = bytes.toString("utf8", 1, first);
    if (count === 1) {
      this.#line(machine, opcode, text);
      return first + 1;
    }
    const named = machine.named(text, bytes.toString("utf8", first + 1, last));
    if (opcode === 0x69) {
      machine.popToMark();
      machine.call(named, null);
    } else machine.push(named);
    return last + 1;
  }

  /** An opcode with one line: F I L P S V g p. */
  #line(machine: PickleMachine, opcode: number, text: string | null): void {
    const letter = String.fromCharCode(opcode);
    // An escape could spell any name: what has one is no name that can be told.
    if (letter === "V") machine.pushText(text?.includes("\\") ? null : text);
    else if (letter === "S") {
      const quoted = text === null ? null : /^(['"])(.*)\1\s*$/.exec(text);
      if (text !== null && !quoted) throw new NotAPickle("holds a text without quotes");
      machine.pushText(quoted?.[2]?.includes("\\") ? null : (quoted?.[2] ?? null));
    } else if (letter === "F" || letter === "L" || letter === "P") machine.step(opcode, 0);
    else {
      const number = Number(text);
      if (!Number.isInteger(number) || text === null || text.trim() === "" || (letter !== "I" && number < 0))
        throw new NotAPickle("holds no number where one belongs");
      machine.step(opcode, number);
    }
  }

  #after(outcome: ReturnType<PickleMachine["step"]>, position: number): void {
    if (outcome === "go") return;
    if (outcome !== "stop") {
      if (position < this.#frameEnd) {
        this.#acted = true;
        this.#findings.add("holds an array within a frame, where Python reads it in another order");
      }
      if (outcome.objects) this.#machines.push(this.#machine());
      else if (outcome.padded) this.#padded = outcome.bytes;
      else this.#skip = outcome.bytes;
      return;
    }
    const ended = this.#machines.pop() as PickleMachine;
    ended.conclude();
    if (ended.hasRefused) this.#acted = true;
    if (this.#machines.length > 0) return;
    this.#pickles += 1;
    this.#isFresh = true;
    this.#machines = [this.#machine()];
    this.#frameEnd = 0;
  }
}

function littleEndian(bytes: Buffer, at: number, width: number): number {
  if (width === 0) return 0;
  if (width === 8) return Number(bytes.readBigUInt64LE(at));
  const value = bytes.readUIntLE(at, width);
  // Only BININT is signed.
  return width === 4 && bytes[at - 1] === 0x4a ? value | 0 : value;
}

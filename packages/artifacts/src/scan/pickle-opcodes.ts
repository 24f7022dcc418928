/** How an opcode's argument lies in the stream (Python's `pickletools`). */
export type Argument =
  | { kind: "fixed"; bytes: number }
  /** A length of so many bytes, little-endian, then as many bytes. */
  | { kind: "counted"; bytes: 1 | 4 | 8; text: boolean }
  | { kind: "lines"; lines: 1 | 2 };

const fixed = (bytes: number): Argument => ({ kind: "fixed", bytes });
const counted = (bytes: 1 | 4 | 8, text = false): Argument => ({ kind: "counted", bytes, text });
const lines = (n: 1 | 2): Argument => ({ kind: "lines", lines: n });

const ENTRIES: readonly [opcode: string | number, Argument][] = [
  ...Array.from("(.012NQRabd}el]ost)u", (c): [string, Argument] => [c, fixed(0)]),
  ...[0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x97, 0x98].map(
    (c): [number, Argument] => [c, fixed(0)],
  ),
  ["K", fixed(1)],
  ["M", fixed(2)],
  ["J", fixed(4)],
  ["G", fixed(8)],
  ["h", fixed(1)],
  ["j", fixed(4)],
  ["q", fixed(1)],
  ["r", fixed(4)],
  [0x80, fixed(1)],
  [0x82, fixed(1)],
  [0x83, fixed(2)],
  [0x84, fixed(4)],
  [0x95, fixed(8)],
  ...Array.from("FILPSVgp", (c): [string, Argument] => [c, lines(1)]),
  ["c", lines(2)],
  ["i", lines(2)],
  ["T", counted(4, true)],
  ["U", counted(1, true)],
  ["X", counted(4, true)],
  [0x8c, counted(1, true)],
  [0x8d, counted(8, true)],
  ["B", counted(4)],
  ["C", counted(1)],
  [0x8a, counted(1)],
  [0x8b, counted(4)],
  [0x8e, counted(8)],
  [0x96, counted(8)],
];

/** By opcode; undefined for a byte that is none. */
export const ARGUMENT: readonly (Argument | undefined)[] = (() => {
  const table: (Argument | undefined)[] = new Array(256).fill(undefined);
  for (const [opcode, argument] of ENTRIES)
    table[typeof opcode === "number" ? opcode : opcode.charCodeAt(0)] = argument;
  return table;
})();

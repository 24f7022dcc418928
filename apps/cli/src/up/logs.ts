import fs from "node:fs";
import path from "node:path";

/** A log that grew beyond this becomes the previous one. */
const MOST_LOG_BYTES = 32 * 1024 * 1024;

/** The logs of an installation's processes, one file each, and the one before it. */
export class Logs {
  readonly #folder: string;

  constructor(home: string) {
    this.#folder = path.join(home, "logs");
    fs.mkdirSync(this.#folder, { recursive: true });
  }

  file(name: string): string {
    return path.join(this.#folder, `${name}.log`);
  }

  /** A descriptor that appends, as {@link rotate} needs it. */
  open(name: string): number {
    return fs.openSync(this.file(name), "a");
  }

  /** Sets logs that have become too large aside. Copied and cut, not renamed: their processes go on writing to the open file. */
  rotate(mostBytes = MOST_LOG_BYTES): void {
    for (const name of fs.readdirSync(this.#folder)) {
      const file = path.join(this.#folder, name);
      if (!name.endsWith(".log") || fs.statSync(file).size <= mostBytes) continue;
      fs.copyFileSync(file, `${file}.previous`);
      fs.truncateSync(file);
    }
  }
}

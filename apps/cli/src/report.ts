/** Tells a person at the terminal what goes on; on standard error, so that standard output stays machine-readable. */
export interface Report {
  /** A piece of work begins. */
  step(title: string): void;
  /** The piece of work ended well. */
  done(detail?: string): void;
  /** Replaces the line before it, where the terminal can; else says it now and then. */
  progress(line: string): void;
  say(line: string): void;
  warn(line: string): void;
}

const QUIET_PROGRESS_MS = 5_000;

export function createReport(stream: NodeJS.WriteStream = process.stderr): Report {
  const canRewrite = stream.isTTY === true;
  let openLine = false;
  let lastProgress = 0;
  let current = "";
  let startedAt = 0;
  const print = (line: string) => {
    if (openLine) stream.write("\r\u001b[2K");
    openLine = false;
    stream.write(`${line}\n`);
  };
  return {
    step(title) {
      current = title;
      startedAt = Date.now();
      if (canRewrite) {
        stream.write(`◒ ${title}…`);
        openLine = true;
      }
    },
    done(detail) {
      print(`● ${current}${detail ? `: ${detail}` : ""} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
    },
    progress(line) {
      if (canRewrite) {
        stream.write(`\r\u001b[2K${line}`);
        openLine = true;
      } else if (Date.now() - lastProgress > QUIET_PROGRESS_MS) {
        lastProgress = Date.now();
        print(line);
      }
    },
    say: print,
    warn: (line) => print(`▲ ${line}`),
  };
}

import type { Page } from "playwright-core";

const SCROLL_MS = 6_000;
/** Pixels per frame: about two thousand a second, faster than anyone reads. */
const STEP = { down: 36, sideways: 24 };

/** Makes an account with a team and a project; answers the project's address. */
export async function signUp(page: Page, web: string): Promise<string> {
  await page.goto(`${web}/signup`);
  const fields = {
    ...{ "Your name": "Ada", "E-mail": "ada@example.com", Password: "correct horse battery staple" },
    ...{ Team: "Bench", "First project": "Sweep" },
  };
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole("button", { name: "Create account and team" }).click();
  await page.waitForURL(/bench\/sweep/);
  return `${web}/bench/sweep`;
}

/** Opens the table anew; milliseconds from the navigation to a frame that shows its first rows. */
export async function openTable(page: Page, address: string): Promise<number> {
  await page.goto("about:blank");
  await page.goto(address, { waitUntil: "commit" });
  return await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = (): void => {
          const rows = document.querySelectorAll(".grid-line[data-kind=row]").length;
          if (rows >= 10) requestAnimationFrame(() => resolve(performance.now()));
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
}

export interface ScrollFigures {
  /** Frames drawn over time taken. */
  fps: number;
  /** Milliseconds between frames: the 95th of a hundred, and the longest. */
  p95Ms: number;
  worstMs: number;
  /** CPU time of the page's main thread per frame, milliseconds: what is left to compare on a machine with other work. */
  cpuMs: number;
  /** Share of frames whose middle showed a row that was drawn and loaded. */
  filled: number;
}

/** Scrolls by a fixed step per frame for some seconds, from the page itself, so that every frame includes the table's work. */
export async function measureScroll(page: Page, direction: "down" | "sideways"): Promise<ScrollFigures> {
  await page.locator(".grid-scroll").waitFor();
  // What the first look still loads has arrived, and the page is still.
  await page.waitForLoadState("networkidle");
  const cpu = await threadTime(page);
  const figures = await page.evaluate(
    ({ direction: way, step, forMs }) =>
      new Promise<Omit<ScrollFigures, "cpuMs"> & { frames: number }>((resolve) => {
        const box = document.querySelector(".grid-scroll");
        if (!box) throw new Error("no table");
        const bounds = box.getBoundingClientRect();
        const [x, y] = [bounds.left + bounds.width * 0.7, bounds.top + bounds.height / 2];
        const gaps: number[] = [];
        let [filled, sign] = [0, 1];
        let before = performance.now();
        const start = before;
        const frame = (now: number): void => {
          gaps.push(now - before);
          before = now;
          const cell = document.elementFromPoint(x, y)?.closest(".grid-cell, .grid-line");
          if (cell?.matches(".grid-cell") && cell.closest("[data-kind=row]")) filled += 1;
          if (way === "down") box.scrollTop += step;
          else {
            if (box.scrollLeft + box.clientWidth >= box.scrollWidth - 1) sign = -1;
            if (box.scrollLeft <= 0) sign = 1;
            box.scrollLeft += sign * step;
          }
          if (now - start < forMs) requestAnimationFrame(frame);
          else {
            const sorted = gaps.slice(1).sort((a, b) => a - b);
            resolve({
              frames: gaps.length,
              fps: Math.round((10_000 * (gaps.length - 1)) / (now - start)) / 10,
              p95Ms: Math.round((sorted[Math.floor(sorted.length * 0.95)] ?? 0) * 10) / 10,
              worstMs: Math.round((sorted.at(-1) ?? 0) * 10) / 10,
              filled: Math.round((1_000 * filled) / gaps.length) / 1_000,
            });
          }
        };
        requestAnimationFrame(frame);
      }),
    { direction, step: STEP[direction], forMs: SCROLL_MS },
  );
  const { frames, ...rest } = figures;
  return { ...rest, cpuMs: Math.round((10_000 * (await cpu())) / frames) / 10 };
}

/** Starts counting the main thread's CPU time; the answer says how many seconds went by since. */
async function threadTime(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const read = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
  };
  const before = await read();
  return async () => (await read()) - before;
}

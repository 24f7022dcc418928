import fs from "node:fs";

/** Memory of this process and all its descendants in MiB, shared pages split fairly (PSS); null where /proc is not there. */
export function treeMemoryMiB(rootPid: number): number | null {
  if (!fs.existsSync("/proc/self/smaps_rollup")) return null;
  const children = new Map<number, number[]>();
  for (const name of fs.readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  let kib = 0;
  const open = [rootPid];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    kib += pssKib(pid);
    open.push(...(children.get(pid) ?? []));
  }
  return Math.round(kib / 1024);
}

function parentOf(pid: number): number | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return null;
  }
}

function pssKib(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

// What the host wrote to a memory: found by comparing it with a copy from when WebAssembly code last ran.
const PAGE = 65536;
/** Equal bytes that end a run of written ones: a step costs more than a few bytes. */
const GAP = 16;

export type HostStep =
  | { readonly kind: 'grow'; readonly pages: number }
  | { readonly kind: 'write'; readonly address: number; readonly bytes: Uint8Array };

export class MemoryWatch {
  readonly #memory: WebAssembly.Memory;
  #copy = new Uint8Array(0);

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#copy = new Uint8Array(memory.buffer.byteLength);
  }

  /** The memory as it is. */
  get contents(): Uint8Array {
    return new Uint8Array(this.#memory.buffer);
  }

  /** WebAssembly code has run, and now it is the host's turn. */
  handOver(): void {
    const { contents } = this;
    if (this.#copy.length === contents.length) this.#copy.set(contents);
    else this.#copy = contents.slice();
  }

  /** What the host has done since: growth first, then writes by address. */
  takeBack(): HostStep[] {
    const { contents } = this;
    const steps: HostStep[] = [];
    const grown = contents.length - this.#copy.length;
    if (grown > 0) {
      steps.push({ kind: 'grow', pages: grown / PAGE });
      const copy = new Uint8Array(contents.length);
      copy.set(this.#copy);
      this.#copy = copy;
    }
    for (let page = 0; page < contents.length; page += PAGE) {
      const now = contents.subarray(page, page + PAGE);
      const before = this.#copy.subarray(page, page + PAGE);
      if (Buffer.compare(now, before) === 0) continue;
      for (const [from, to] of differences(now, before)) {
        steps.push({ kind: 'write', address: page + from, bytes: now.slice(from, to) });
      }
      before.set(now);
    }
    return steps;
  }
}

/** Ranges in which two byte strings of one length differ. */
function differences(a: Uint8Array, b: Uint8Array): [from: number, to: number][] {
  const ranges: [number, number][] = [];
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    const last = ranges.at(-1);
    if (last && i - last[1] < GAP) last[1] = i + 1;
    else ranges.push([i, i + 1]);
  }
  return ranges;
}

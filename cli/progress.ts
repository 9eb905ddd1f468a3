// Progress of long work on a terminal; nothing where standard error is none.
import type { CompileOptions } from '../compiler.ts';
import { errorStyle } from './failure.ts';

const FIRST_AFTER = 500;
const INTERVAL = 100;

class Progress {
  readonly #enabled = process.stderr.isTTY;
  #next = performance.now() + FIRST_AFTER;
  #shown = false;

  /** Shows a line in place of the last, though not more than ten times a second. */
  show(line: () => string): void {
    if (!this.#enabled || performance.now() < this.#next) return;
    this.#next = performance.now() + INTERVAL;
    this.#shown = true;
    process.stderr.write(`\r\u001b[K${errorStyle.dim(line())}`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#shown) process.stderr.write('\r\u001b[K');
    this.#shown = false;
  }
}

/** Shows how much of a module is compiled: what the compiler tells, and what is to be called when it is done. */
export function watchCompilation(file: string): {
  readonly progress: NonNullable<CompileOptions['progress']>;
  readonly end: () => void;
} {
  const progress = new Progress();
  return {
    progress: (pieces, total) => {
      progress.show(() => `compiling ${file}: ${Math.floor((100 * pieces) / total)} %`);
    },
    end: () => progress.end(),
  };
}

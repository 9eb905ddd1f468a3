// Compiles one module in a process of its own and says what that took: `compile-one.js WASM BEAM OTP SIZE`.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { tuneEngine } from '../cli/engine.ts';
import { compileInThreads, type OtpRelease } from '../compiler.ts';

/** What the process prints, as JSON. */
export interface Answer {
  /** The files that it wrote, one a part. */
  readonly beams: readonly string[];
  /** From the bytes to the files. */
  readonly seconds: number;
  /** Of all threads, Node's start included: tells a slow compiler from a busy machine. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

tuneEngine();
const [wasm, beam, otp, size] = process.argv.slice(2);
const bytes = readFileSync(wasm);
const start = performance.now();
const options = { name: basename(beam, '.beam'), otp: Number(otp) as OtpRelease };
const beams = (await compileInThreads(bytes, options, Number(size))).map((part) => {
  const path = join(dirname(beam), `${part.name}.beam`);
  writeFileSync(path, part.beam);
  return path;
});
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage();
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ beams, seconds, cpuSeconds: (user + system) / 1e6, peakBytes } satisfies Answer));

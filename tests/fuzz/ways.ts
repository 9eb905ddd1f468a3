// The ways in which a generated program is run, beside V8: each makes a BEAM file of it. A new back end is a row here.
import type { OtpRelease } from '../../beam-backend/assembly.ts';
import { CoreCompiler } from '../../beam-backend/erlc.ts';
import { compile, compileToCore } from '../../compiler.ts';

/** The BEAM module has this name in all of them. */
export const MODULE_NAME = 'fuzz';
const ERL = process.env.WASM2BEAM_ERL ?? 'erl';

export interface Way {
  /** What is wrong with the program in this way's eyes is thrown. */
  readonly build: (bytes: Uint8Array, otp: OtpRelease) => Uint8Array | Promise<Uint8Array>;
  /** Of the programs that are not too large, one in so many is run this way. */
  readonly every: number;
  readonly mostBytes: number;
  /** Instructions are counted, and compared with what the program counts itself in V8. */
  readonly metered?: true;
}

let core: CoreCompiler | undefined;

async function buildCore(bytes: Uint8Array, otp: OtpRelease, fuel = false): Promise<Uint8Array> {
  core ??= new CoreCompiler(ERL);
  const { beam, warnings } = await core.compile(compileToCore(bytes, { name: MODULE_NAME, otp, fuel }));
  if (warnings.length > 0) throw new Error(`erlc warns: ${warnings.join('; ')}`);
  return beam;
}

export const WAYS: Readonly<Record<string, Way>> = {
  direct: {
    build: (bytes, otp) => compile(bytes, { name: MODULE_NAME, otp }),
    every: 1,
    mostBytes: Infinity,
  },
  // Tests every type that the code is annotated with.
  checked: {
    build: (bytes, otp) => compile(bytes, { name: MODULE_NAME, otp, checked: true }),
    every: 3,
    mostBytes: Infinity,
  },
  // OTP's compiler takes seconds where functions are large.
  core: { build: (bytes, otp) => buildCore(bytes, otp), every: 8, mostBytes: 2500 },
  fuel: {
    build: (bytes, otp) => compile(bytes, { name: MODULE_NAME, otp, fuel: true, checked: true }),
    every: 2,
    mostBytes: Infinity,
    metered: true,
  },
  'fuel-core': { build: (bytes, otp) => buildCore(bytes, otp, true), every: 16, mostBytes: 2500, metered: true },
};

/** Ends what ways have started. */
export function closeWays(): void {
  core?.close();
  core = undefined;
}

// The ways in which a generated program is run, beside V8: each makes a BEAM file of it. A new back end is a row here.
import { compile } from '../../compiler.ts';
import type { OtpRelease } from '../../beam-backend/assembly.ts';

export type Way = (bytes: Uint8Array, otp: OtpRelease) => Uint8Array | Promise<Uint8Array>;

/** The BEAM module has this name in all of them. */
export const MODULE_NAME = 'fuzz';

export const WAYS: Readonly<Record<string, Way>> = {
  direct: (bytes, otp) => compile(bytes, { name: MODULE_NAME, otp }),
};

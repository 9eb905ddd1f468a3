// Names the proposals that this compiler does not implement, by the encodings that belong to them.
//
// Consumes an encoding that Wasm 2.0 does not know; produces the words of an error of kind 'unsupported', or undefined
// where no proposal claims that encoding either: then the module is malformed.

const REFUSED = {
  simd: 'the SIMD proposal (v128) is not supported',
  relaxed: 'the relaxed SIMD proposal is not supported',
  threads: 'the threads proposal (shared memory and atomics) is not supported',
  exceptions: 'the exception handling proposal is not supported',
  references: 'the function references proposal is not supported',
  gc: 'the garbage collection proposal is not supported',
  switching: 'the stack switching proposal is not supported',
  memories: 'the multi-memory proposal is not supported',
  memory64: 'the memory64 proposal is not supported',
  pageSizes: 'the custom page sizes proposal is not supported',
  control: 'the memory control proposal is not supported',
  wide: 'the wide arithmetic proposal is not supported',
  strings: 'the reference-typed strings proposal is not supported',
} as const;

/** Proposals by name, for the places that find them without an encoding of their own. */
export const UNSUPPORTED: Readonly<Record<keyof typeof REFUSED, string>> = REFUSED;

const between = (code: number, first: number, last: number): boolean => code >= first && code <= last;

/** By the byte that begins an instruction. */
export function proposalOfOpcode(byte: number): string | undefined {
  if (byte === 0xfb) return REFUSED.gc;
  if (byte === 0xfe) return REFUSED.threads;
  if (between(byte, 0x06, 0x0a) || byte === 0x18 || byte === 0x19 || byte === 0x1f) return REFUSED.exceptions;
  if (byte === 0x14 || byte === 0x15 || between(byte, 0xd4, 0xd6)) return REFUSED.references;
  if (byte === 0xd3) return REFUSED.gc;
  if (between(byte, 0xe0, 0xe5)) return REFUSED.switching;
  return undefined;
}

/** By the number behind the prefix 0xfd. */
export function proposalOfVectorCode(code: number): string {
  return between(code, 0x100, 0x113) ? REFUSED.relaxed : REFUSED.simd;
}

/** By the number behind the prefix 0xfc. */
export function proposalOfMiscellaneousCode(code: number): string | undefined {
  if (code === 0x12) return REFUSED.control;
  return between(code, 0x13, 0x16) ? REFUSED.wide : undefined;
}

/** By the byte that begins a value, reference or heap type. */
export function proposalOfType(byte: number): string | undefined {
  if (byte === 0x7b) return REFUSED.simd;
  if (byte === 0x63 || byte === 0x64) return REFUSED.references;
  if (byte === 0x69 || byte === 0x74) return REFUSED.exceptions;
  if (between(byte, 0x6a, 0x6e) || between(byte, 0x71, 0x73) || between(byte, 0x77, 0x78)) return REFUSED.gc;
  if (between(byte, 0x65, 0x67)) return REFUSED.strings;
  return byte === 0x68 || byte === 0x75 ? REFUSED.switching : undefined;
}

/** By the byte that begins an entry of the type section. */
export function proposalOfTypeForm(byte: number): string | undefined {
  if (byte === 0x5e || byte === 0x5f || byte === 0x50 || between(byte, 0x4d, 0x4f)) return REFUSED.gc;
  return byte === 0x5d || byte === 0x5c ? REFUSED.switching : undefined;
}

/** By the number of a section. */
export function proposalOfSection(id: number): string | undefined {
  return id === 13 ? REFUSED.exceptions : undefined;
}

/** By the flags in front of the limits of a memory or table. */
export function proposalOfLimits(flags: number): string | undefined {
  if (flags === 3) return REFUSED.threads;
  if (between(flags, 4, 7)) return REFUSED.memory64;
  return between(flags, 8, 15) ? REFUSED.pageSizes : undefined;
}

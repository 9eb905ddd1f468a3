// Version 3.0 of the official tests, as far as its proposals are built: tail calls and extended constant expressions.
import { testRelease } from './suite.ts';

const memory64 = 'memory64';

testRelease({
  folder: 'wg-3.0',
  rules: '3.0',
  explained: [
    // Offsets and limits have 64 bits in text and binary, and validation says which memories may not use them.
    {
      path: /^wg-3\.0\/(address|align|memory|table)\.wast$/,
      expected: /^invalid: (offset out of range|alignment must not be|memory size|table size)/,
      proposal: memory64,
    },
    {
      path: /^wg-3\.0\/binary(-leb128)?\.wast$/,
      expected: /^malformed: (integer too large|malformed limits flags)/,
      proposal: memory64,
    },
    // The section of tags stands where there was none.
    {
      path: /^wg-3\.0\/binary-leb128\.wast$/,
      expected: /^malformed: integer representation too long/,
      proposal: 'exception handling',
    },
    // What a module that is refused would have changed in others, its importers then find unchanged.
    {
      path: /^wg-3\.0\/multi-memory\/(linking0|load1)\.wast$/,
      expected: /^\(i32\.const \d\)/,
      proposal: 'multi-memory',
    },
  ],
  table: {
    'wg-3.0': { files: 97, passed: 19388, waiting: 31, refused: 729 },
    'wg-3.0/bulk-memory': { files: 8, passed: 7183, waiting: 1, refused: 1 },
    'wg-3.0/exceptions': { files: 4, passed: 0, waiting: 4, refused: 100 },
    'wg-3.0/gc': { files: 17, passed: 0, waiting: 17, refused: 524 },
    'wg-3.0/memory64': { files: 25, passed: 6238, waiting: 25, refused: 2329 },
    'wg-3.0/multi-memory': { files: 41, passed: 16, waiting: 41, refused: 872 },
    'wg-3.0/relaxed-simd': { files: 7, passed: 0, waiting: 7, refused: 7 },
    'wg-3.0/simd': { files: 59, passed: 0, waiting: 59, refused: 61 },
  },
});

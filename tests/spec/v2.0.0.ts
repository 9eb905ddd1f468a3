// What the table of version 2.0 must say, on every kind of build.
import type { Row } from './suite.ts';

export const TABLE: Readonly<Record<string, Row>> = {
  'v2.0.0': { files: 90, passed: 26627, waiting: 0, refused: 0 },
  'v2.0.0/simd': { files: 57, passed: 0, waiting: 57, refused: 59 },
};

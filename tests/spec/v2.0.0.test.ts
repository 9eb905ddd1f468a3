// Version 2.0 of the official tests: all of it outside simd/, every assertion.
import { testRelease } from './suite.ts';
import { TABLE } from './v2.0.0.ts';

testRelease({ folder: 'v2.0.0', rules: '2.0', explained: [], table: TABLE });

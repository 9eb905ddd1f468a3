// Version 2.0 of the official tests once more, on a build that tests every annotated type at run time: what the loader
// is told of types, and OTP's validator believes, is true. It is under pooled names, too: a module is the same under those.
import { testRelease } from './suite.ts';
import { TABLE } from './v2.0.0.ts';

testRelease({ folder: 'v2.0.0', rules: '2.0', checked: true, pooled: true, explained: [], table: TABLE });

// @wasm-fmt/zig_fmt (Zig): formats source; its function returns two values.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { compareWithV8 } from './replay.ts';

const require = createRequire(import.meta.url);
const SOURCE = `const std=@import("std");
pub fn main()!void{ var i:usize=0; while(i<10):(i+=1){ std.debug.print("{d}\\n",.{i*2}); }
  const a=[_]f64{1.5,-0.0 ,1e10}; switch(a.len){ 1,2=>{}, else=>|n| { _=n; } } }
`;

it('@wasm-fmt/zig_fmt', async () => {
  const formatted = await compareWithV8('zig_fmt', async () => {
    const { default: init, format } = await import('@wasm-fmt/zig_fmt');
    await init(readFileSync(require.resolve('@wasm-fmt/zig_fmt/zig_fmt.wasm')));
    expect(() => format('const = ;')).toThrow();
    return format(SOURCE);
  });
  expect(formatted).toContain('const std = @import("std");\npub fn main() !void {\n    var i: usize = 0;\n');
});

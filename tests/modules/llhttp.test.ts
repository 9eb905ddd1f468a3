// llhttp, as undici has it (C, generated state machine of 33 KB in one function): eight callbacks, HTTP whole and in pieces.
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { compareWithV8 } from './replay.ts';

const require = createRequire(import.meta.url);
const REQUEST = 1;
const RESPONSE = 2;

const MESSAGES: readonly [type: number, text: string][] = [
  [RESPONSE, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhelloHTTP/1.1 204 No Content\r\n\r\n'],
  [RESPONSE, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: t\r\n\r\n'],
  [RESPONSE, 'HTTP/1.0 301 Moved Permanently\r\nLocation: /x\r\nConnection: close\r\n\r\nuntil the end'],
  [REQUEST, 'POST /a?b=c#d HTTP/1.1\r\nHost: example.org\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc'],
  [REQUEST, 'GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nrest'],
  [RESPONSE, 'HTTP/1.1 abc\r\n\r\n'],
  [REQUEST, 'GET / HTTP/9.9\r\nBad Header: \x01\r\n\r\n'],
];

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly llhttp_alloc: (type: number) => number;
  readonly llhttp_free: (parser: number) => void;
  readonly llhttp_execute: (parser: number, address: number, length: number) => number;
  readonly llhttp_finish: (parser: number) => number;
  readonly llhttp_get_error_pos: (parser: number) => number;
  readonly malloc: (size: number) => number;
  readonly free: (address: number) => void;
}

/** Parses a message in pieces of this size; what the callbacks saw, and the parser's last answer. */
function parse(exports: Exports, events: string[], type: number, message: string, piece: number): void {
  const parser = exports.llhttp_alloc(type);
  const bytes = Buffer.from(message, 'latin1');
  let status = 0;
  for (let at = 0; at < bytes.length && status === 0; at += piece) {
    const chunk = bytes.subarray(at, at + piece);
    const address = exports.malloc(chunk.length);
    new Uint8Array(exports.memory.buffer).set(chunk, address);
    status = exports.llhttp_execute(parser, address, chunk.length);
    if (status !== 0) exports.llhttp_get_error_pos(parser);
    exports.free(address);
  }
  events.push(`status ${status || exports.llhttp_finish(parser)}`);
  exports.llhttp_free(parser);
}

it('llhttp', async () => {
  const events: string[] = [];
  await compareWithV8('llhttp', () => {
    const spanned =
      (name: string) =>
      (_parser: number, at: number, length: number): number => {
        events.push(`${name} ${Buffer.from(exports.memory.buffer, at, length).toString('latin1')}`);
        return 0;
      };
    const plain = (name: string) => (): number => events.push(name) * 0;
    const module = new WebAssembly.Module(require('undici/lib/llhttp/llhttp-wasm.js') as Uint8Array);
    const instance = new WebAssembly.Instance(module, {
      env: {
        wasm_on_url: spanned('url'),
        wasm_on_status: spanned('status text'),
        wasm_on_header_field: spanned('field'),
        wasm_on_header_value: spanned('value'),
        wasm_on_body: spanned('body'),
        wasm_on_message_begin: plain('begin'),
        wasm_on_headers_complete: plain('headers complete'),
        wasm_on_message_complete: plain('complete'),
      },
    });
    const exports = instance.exports as unknown as Exports;
    for (const piece of [1000, 7, 1]) {
      for (const [type, message] of MESSAGES) parse(exports, events, type, message, piece);
    }
  });
  expect(events.slice(0, 8)).toEqual([
    'begin',
    'status text OK',
    'field Content-Length',
    'value 5',
    'field X-A',
    'value b',
    'headers complete',
    'body hello',
  ]);
});

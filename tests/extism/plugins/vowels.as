// A plug-in in AssemblyScript by Extism's own development kit.
import { Config, Host, LogLevel, Memory, Var } from '@extism/as-pdk';

@external("extism:host/user", "lookup")
declare function lookup(name: u64): u64;
@external("extism:host/env", "length")
declare function length(block: u64): u64;

export function abort(message: string | null, _file: string | null, _line: u32, _column: u32): void {
  Host.log(LogLevel.Error, message === null ? 'abort' : message);
  unreachable();
}

/** Vowels of the input, and of all inputs so far: `{"count":3,"total":7}`. */
export function count_vowels(): i32 {
  const configured = Config.get('vowels');
  const vowels = configured === null ? 'aeiouAEIOU' : configured;
  const text = Host.inputString();
  let count = 0;
  for (let i = 0; i < text.length; i++) if (vowels.includes(text.charAt(i))) count++;
  const before = Var.getString('total');
  const total = count + (before === null ? 0 : i32(parseInt(before)));
  Var.set('total', Uint8Array.wrap(String.UTF8.encode(total.toString())));
  Host.log(LogLevel.Info, 'counted');
  Host.outputString('{"count":' + count.toString() + ',"total":' + total.toString() + '}');
  return 0;
}

/** What the host knows of the input. */
export function ask(): i32 {
  const answer = lookup(Memory.allocateBytes(Host.input()).offset);
  Host.outputMemory(new Memory(answer, length(answer)));
  return 0;
}

/** The input as it is. */
export function echo(): i32 {
  Host.output(Host.input());
  return 0;
}

/** Forgets the total. */
export function forget(): i32 {
  Var.remove('total');
  return 0;
}

export function crash(): i32 {
  const none: u8[] = [];
  return none[1];
}

// `--import MODULE.NAME=MOD:FUN`: imports that are bound at compile time to functions of Erlang modules.
import { InvalidArgumentError } from 'commander';
import type { RemoteFunction } from '../compiler.ts';
import { CommandFailure } from './failure.ts';

export interface Binding {
  readonly module: string;
  readonly name: string;
  readonly target: RemoteFunction;
}

/** An argument of the option, added to those before it. The import is split at its last dot. */
export function parseBinding(text: string, previous: readonly Binding[] = []): Binding[] {
  const match = /^(.*)\.([^.]*)=([^:=]+):([^:=]+)$/s.exec(text);
  if (match === null) throw new InvalidArgumentError('Give it as MODULE.NAME=MOD:FUN.');
  const [, module, name, remoteModule, remoteName] = match;
  return [...previous, { module, name, target: { module: remoteModule, name: remoteName } }];
}

/** The bindings as the compiler asks for them. */
export function bindingLookup(bindings: readonly Binding[]): {
  readonly bound: (module: string, name: string) => RemoteFunction | undefined;
  /** Throws CommandFailure where a binding was never asked for. */
  readonly check: (file: string) => void;
} {
  const used = new Set<Binding>();
  return {
    bound: (module, name) => {
      const binding = bindings.findLast((one) => one.module === module && one.name === name);
      if (binding !== undefined)
        for (const one of bindings) if (one.module === module && one.name === name) used.add(one);
      return binding?.target;
    },
    check: (file) => {
      const unused = bindings.find((one) => !used.has(one));
      if (unused !== undefined) {
        throw new CommandFailure(`${file}: imports no function ${unused.module}.${unused.name}`);
      }
    },
  };
}

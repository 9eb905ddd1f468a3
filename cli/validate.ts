// `wasm2beam validate`: says what is wrong with modules, and nothing of those that are valid.
import { validate } from '../compiler.ts';
import { CommandFailure } from './failure.ts';
import { readModule, withSource } from './source.ts';

/** Judges all files, and fails if one is not a valid module. */
export async function validateCommand(files: readonly string[]): Promise<void> {
  const messages: string[] = [];
  for (const file of files) {
    try {
      const source = readModule(file);
      await withSource(source, () => validate(source.bytes));
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      messages.push(error.message);
    }
  }
  if (messages.length > 0) throw new CommandFailure(messages.join('\n'));
}

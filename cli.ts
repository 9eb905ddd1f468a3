// The command line: what there is to say, and which command does it. Only here and in cli/ is anything read or printed.
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { parseBinding } from './cli/bindings.ts';
import { type CompileArguments, compileCommand } from './cli/compile.ts';
import { tuneEngine } from './cli/engine.ts';
import { reportFailure } from './cli/failure.ts';
import { inspectCommand } from './cli/inspect.ts';
import { type RunArguments, runCommand, type SnapshotArguments, snapshotCommand } from './cli/run.ts';
import { serveCommand } from './cli/serve.ts';
import { validateCommand } from './cli/validate.ts';
import { parseFolder, parseVariable } from './cli/wasi.ts';
import { type WastArguments, wastCommand } from './cli/wast.ts';
import type { OtpRelease } from './compiler.ts';
import { BACKENDS } from './wast/backend.ts';
import { releaseOf } from './wast/session.ts';

tuneEngine();

const input = () => new Argument('<in>', 'a module: binary, or text where the file is named .wat');

const importOption = () =>
  new Option('--import <binding>', 'bind an import, MODULE.NAME=MOD:FUN, to an Erlang function (repeatable)').argParser(
    parseBinding,
  );

const backendOption = () =>
  new Option('--backend <name>', 'direct, or core: by way of Core Erlang and erlc').choices(BACKENDS).default('direct');

/** Says what --checked does. */
const CHECKED = 'prove stores, and test every annotated type at run time: for tests of the compiler';

/** Says what --fuel does to a module. */
const FUEL = 'count instructions, so that instances can have fuel and a timeout and can be cancelled';

function parseRelease(text: string): OtpRelease {
  const release = Number(text);
  if (!Number.isInteger(release) || release < 25) throw new InvalidArgumentError('OTP 25 is the oldest that will do.');
  return releaseOf(release);
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds < 1e6)) throw new InvalidArgumentError('Give it in seconds.');
  return seconds;
}

/** A whole number no greater than a bound. */
const parseCount =
  (what: string, most: number) =>
  (text: string): number => {
    const count = /^[0-9]+$/.test(text) ? Number(text) : NaN;
    if (!(count <= most)) throw new InvalidArgumentError(`Give it in ${what}, at most ${most}.`);
    return count;
  };

function parseKilobytes(text: string): number {
  const kilobytes = Number(text);
  if (!(kilobytes >= 1 && kilobytes < 1e9)) throw new InvalidArgumentError('Give it in kilobytes, 1 or more.');
  return kilobytes * 1024;
}

const program = new Command('wasm2beam')
  .description('Compiles WebAssembly to ordinary BEAM modules, and runs them.')
  .exitOverride()
  .showHelpAfterError('(add --help for the options)');

program
  .command('compile')
  .description('compile a module to a BEAM file')
  .addArgument(input())
  .option('-o, --output <file>', 'where to write; default: NAME.beam, and for text standard output')
  .option('--module <name>', 'name of the BEAM module; default: that of the output file, else of the input file')
  .addOption(new Option('--emit <form>', 'what to write').choices(['beam', 'asm', 'ir', 'core']).default('beam'))
  .option('--otp <release>', 'the release that will run it; default: the erl on the path, else 27', parseRelease)
  .addOption(backendOption())
  .addOption(importOption())
  .addOption(
    new Option('--names <whose>', "the module's own names, or pooled ones: f0, f1, ...")
      .choices(['own', 'pooled'])
      .default('own'),
  )
  .option('--fuel', FUEL)
  .option('--no-inline', 'leave calls of tiny functions calls, which traces of calls can see')
  .option('--checked', CHECKED)
  .option(
    '--split <kilobytes>',
    'write parts of so much Wasm code, NAME.beam, NAME_1.beam, ...: each loads quickly',
    parseKilobytes,
  )
  .option('--dump <pass>', 'print the IR of each function as this pass leaves it')
  .action((file: string, options: CompileArguments) => compileCommand(file, options));

/** A command that makes an instance and calls a function: what the guest is given, and its limits. */
const guestCommand = (name: string, description: string, invoke: string): Command =>
  program
    .command(name)
    .description(description)
    .addArgument(input())
    .argument('[arg...]', 'its arguments, after --')
    .option('--invoke <name>', invoke)
    .addOption(
      new Option('--dir <folder>', 'give a folder to a WASI program: HOST[::GUEST][:ro] (repeatable)').argParser(
        parseFolder,
      ),
    )
    .addOption(
      new Option('--env <variable>', 'set NAME=VALUE for a WASI program (repeatable)').argParser(parseVariable),
    )
    .option('--stdin <file>', 'what a WASI program reads as its standard input')
    .option('--fuel <number>', 'instructions that the guest may run', parseCount('instructions', 2 ** 52 - 1))
    .option('--timeout <ms>', 'how long a call may take', parseCount('milliseconds', 2 ** 32 - 1))
    .option('--max-memory <pages>', 'what a memory may grow to', parseCount('pages of 64 KiB', 65536))
    .addOption(backendOption())
    .option('--checked', CHECKED)
    .addOption(importOption());

guestCommand(
  'run',
  'make an instance of a module and call a function: _start, or the one that is named',
  'the exported function to call',
)
  .option('--snapshot <file>', 'begin with what `wasm2beam snapshot` wrote')
  .action((file: string, words: string[], options: RunArguments) => runCommand(file, words, options));

guestCommand(
  'snapshot',
  'make an instance, call a function that initialises it, and write what the instance holds then',
  'the exported function to call; default: _initialize, where there is one',
)
  .option('-o, --output <file>', 'where to write; default: NAME.snapshot')
  .action((file: string, words: string[], options: SnapshotArguments) => snapshotCommand(file, words, options));

program
  .command('validate')
  .description('say what is wrong with modules, and nothing of those that are valid')
  .argument('<in...>', 'modules, binary or text')
  .action((files: string[]) => validateCommand(files));

program
  .command('inspect')
  .description('show what a module has and needs')
  .addArgument(input())
  .option('--json', 'as JSON')
  .action((file: string, options: { json?: boolean }) => inspectCommand(file, options));

program
  .command('wast')
  .description('run scripts of the specification')
  .argument('<file...>', 'scripts; FILE:LINE for the command on that line only')
  .addOption(
    new Option('--spec <version>', 'whose rules hold where versions differ').choices(['2.0', '3.0']).default('3.0'),
  )
  .addOption(backendOption())
  .option('--checked', CHECKED)
  .option('--fuel', FUEL)
  .option('--timeout <seconds>', 'for one command of a script', parseSeconds, 60)
  .action((files: string[], options: WastArguments) => wastCommand(files, options));

program.command('serve', { hidden: true }).description('compile for the runtime, behind a port').action(serveCommand);

// Who reads our output may stop before its end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : reportFailure(error));
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error);
}

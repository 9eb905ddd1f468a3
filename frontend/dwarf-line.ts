// The line tables of DWARF, versions 2 to 5: which source line each byte of code comes from.
//
// Consumes the section `.debug_line`; produces rows sorted by address, and the names of files by the offset of the
// table that numbers them. A table that cannot be read ends there; the rows before hold.
//
// DWARF 5, 6.2
import { FORM, readForm, stringOf, type DwarfSections, type Widths } from './dwarf-forms.ts';
import { type Budget, DwarfError, DwarfReader } from './dwarf-reader.ts';
import { IntList } from './int-list.ts';

/** Names of files as one table numbers them. */
export interface FileNames {
  /** The path, relative to the folder of the compilation where it is below it; undefined where there is none. */
  name(file: number): string | undefined;
}

export interface LineRows {
  /** Ascending; a row holds up to the next one's address. */
  readonly addresses: Uint32Array;
  /** 0 where the code comes from no line, or ends. */
  readonly lines: Uint32Array;
  readonly files: Uint32Array;
  /** Index in `tables`. */
  readonly owners: Uint32Array;
  readonly tables: readonly FileNames[];
  /** By offset in the section. */
  readonly byOffset: ReadonlyMap<number, FileNames>;
}

interface Entry {
  readonly form: number;
  readonly value: number;
  readonly folder: number;
}

interface Header extends Widths {
  readonly minimumLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly operandCounts: readonly number[];
}

const CONTENT = { path: 1, directory: 2 } as const;
const MOST_FORMATS = 16;
/** No module has an address, and no file a line, so high. */
const BEYOND = 0x7fffffff;

/** Reads all tables. `folderOf`: the folder in which the unit with the table at an offset was compiled. */
export function readLines(
  sections: DwarfSections,
  budget: Budget,
  folderOf: (offset: number) => string | undefined,
): LineRows {
  const collector = new RowCollector();
  const byOffset = new Map<number, FileNames>();
  const tables: FileNames[] = [];
  const reader = new DwarfReader(sections.get('line'), budget);
  const { end } = reader;
  try {
    while (reader.position < end) {
      const offset = reader.position;
      reader.end = end;
      const unit = reader.unitLength();
      try {
        const { header, files } = readHeader(sections, reader, unit.offsetSize, () => folderOf(offset));
        byOffset.set(offset, files);
        tables.push(files);
        runProgram(reader, header, collector, tables.length - 1);
      } catch (error) {
        if (!(error instanceof DwarfError)) throw error;
        collector.drop();
      }
      reader.position = unit.next;
    }
  } catch (error) {
    if (!(error instanceof DwarfError)) throw error;
  }
  return { ...collector.finish(), tables, byOffset };
}

function readHeader(
  sections: DwarfSections,
  reader: DwarfReader,
  offsetSize: 4 | 8,
  folder: () => string | undefined,
): { header: Header; files: FileNames } {
  const version = reader.u16();
  if (version < 2 || version > 5) throw new DwarfError('an unknown version');
  const addressSize = version >= 5 ? reader.u8() : 4;
  if (version >= 5) reader.u8(); // size of a segment selector
  const programStart = reader.unsigned(offsetSize) + reader.position;
  const minimumLength = reader.u8();
  if (version >= 4) reader.u8(); // operations of an instruction, of use to other machines
  reader.u8(); // whether rows begin statements
  const lineBase = reader.i8();
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  if (lineRange === 0 || opcodeBase === 0) throw new DwarfError('a line range of zero');
  const operandCounts = Array.from({ length: opcodeBase - 1 }, () => reader.u8());
  const header = { version, addressSize, offsetSize, minimumLength, lineBase, lineRange, opcodeBase, operandCounts };
  const entries = version >= 5 ? readEntries5(reader, header) : readEntries4(reader);
  reader.position = programStart;
  return { header, files: new FileTable(sections, header, entries, folder) };
}

interface Entries {
  readonly folders: readonly Entry[];
  readonly files: readonly Entry[];
}

function readEntries4(reader: DwarfReader): Entries {
  const none = { form: 0, value: 0, folder: 0 };
  const folders: Entry[] = [none];
  const files: Entry[] = [none];
  const name = (): number => readForm(reader, FORM.string, { version: 4, addressSize: 4, offsetSize: 4 });
  while (reader.bytes[reader.position] !== 0) folders.push({ form: FORM.string, value: name(), folder: 0 });
  reader.u8();
  while (reader.bytes[reader.position] !== 0) {
    const value = name();
    files.push({ form: FORM.string, value, folder: reader.uleb() });
    reader.uleb(); // time
    reader.uleb(); // size
  }
  reader.u8();
  return { folders, files };
}

function readEntries5(reader: DwarfReader, widths: Widths): Entries {
  const read = (): Entry[] => {
    const formats = Array.from({ length: Math.min(reader.u8(), MOST_FORMATS) }, () => [reader.uleb(), reader.uleb()]);
    const count = reader.uleb();
    const entries: Entry[] = [];
    for (let i = 0; i < count; i++) {
      reader.budget.spend();
      let entry: Entry = { form: 0, value: 0, folder: 0 };
      for (const [content, form] of formats) {
        const value = readForm(reader, form, widths);
        if (content === CONTENT.path) entry = { ...entry, form, value };
        else if (content === CONTENT.directory) entry = { ...entry, folder: value };
      }
      entries.push(entry);
    }
    return entries;
  };
  const folders = read();
  return { folders, files: read() };
}

class FileTable implements FileNames {
  private readonly sections: DwarfSections;
  private readonly widths: Widths;
  private readonly entries: Entries;
  private readonly compilation: () => string | undefined;
  private readonly names = new Map<number, string | undefined>();

  constructor(sections: DwarfSections, widths: Widths, entries: Entries, compilation: () => string | undefined) {
    this.sections = sections;
    this.widths = widths;
    this.entries = entries;
    this.compilation = compilation;
  }

  name(file: number): string | undefined {
    if (!this.names.has(file)) this.names.set(file, this.path(file));
    return this.names.get(file);
  }

  private path(file: number): string | undefined {
    const entry = this.entries.files.at(file);
    const name = entry && this.text(entry);
    if (entry === undefined || name === undefined || name === '' || file < 0) return undefined;
    if (entry.folder === 0 || name.startsWith('/')) return this.relative(name);
    const folder = this.entries.folders.at(entry.folder);
    const prefix = folder && this.text(folder);
    return this.relative(prefix === undefined || prefix === '' ? name : `${prefix}/${name}`);
  }

  private relative(path: string): string {
    const { version } = this.widths;
    const folder = version >= 5 && this.entries.folders.length > 0 ? this.text(this.entries.folders[0]) : undefined;
    const root = folder ?? this.compilation();
    return root !== undefined && root !== '' && path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  }

  /** Line tables have no table of string offsets of their own. */
  private text({ form, value }: Entry): string {
    return stringOf(this.sections, 'line', form, value, this.widths, -Infinity);
  }
}

/** Runs the program of one table. DWARF 5, 6.2.5 */
function runProgram(reader: DwarfReader, header: Header, rows: RowCollector, owner: number): void {
  const { lineBase, lineRange, opcodeBase, minimumLength, operandCounts, addressSize } = header;
  const fixedAdvance = Math.floor((255 - opcodeBase) / lineRange) * minimumLength;
  let address = 0;
  let file = 1;
  let line = 1;
  const row = (): void => rows.add(address, line, file, owner);
  while (reader.position < reader.end) {
    const opcode = reader.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      address += Math.floor(adjusted / lineRange) * minimumLength;
      line += lineBase + (adjusted % lineRange);
      row();
      continue;
    }
    switch (opcode) {
      case 0: {
        const length = reader.uleb();
        const next = reader.position + length;
        const extended = length > 0 ? reader.u8() : -1;
        if (extended === 1) {
          rows.endSequence(address);
          address = 0;
          file = 1;
          line = 1;
        } else if (extended === 2) address = reader.unsigned(length - 1 === 8 ? 8 : addressSize);
        reader.position = next;
        break;
      }
      case 1: // copy
        row();
        break;
      case 2: // advance_pc
        address += reader.uleb() * minimumLength;
        break;
      case 3: // advance_line
        line += reader.sleb();
        break;
      case 4: // set_file
        file = reader.uleb();
        break;
      case 8: // const_add_pc
        address += fixedAdvance;
        break;
      case 9: // fixed_advance_pc
        address += reader.u16();
        break;
      default: // what changes neither address, file nor line
        for (let i = operandCounts[opcode - 1]; i > 0; i--) reader.uleb();
    }
  }
  rows.drop();
}

/** Gathers sequences of rows, each ascending in itself, and brings them into the order of their addresses. */
class RowCollector {
  private readonly columns = { address: new IntList(), line: new IntList(), file: new IntList(), owner: new IntList() };
  private readonly sequences: { first: number; end: number; low: number }[] = [];
  private first = 0;
  private count = 0;

  add(address: number, line: number, file: number, owner: number): void {
    const { columns, count, first } = this;
    const at = Math.min(address, BEYOND);
    if (count > first && at < columns.address.at(count - 1)) throw new DwarfError('rows out of order');
    columns.address.push(at);
    columns.line.push(line >= 0 && line <= BEYOND ? line : 0);
    columns.file.push(Math.min(file, BEYOND));
    columns.owner.push(owner);
    this.count++;
  }

  /** Code that the linker dropped stands at address 0, where no function can be, or beyond everything. */
  endSequence(address: number): void {
    if (this.count === this.first) return;
    const low = this.columns.address.at(this.first);
    this.add(Math.max(address, this.columns.address.at(this.count - 1)), 0, 0, 0); // no line from here on
    if (low > 0 && low < BEYOND) this.sequences.push({ first: this.first, end: this.count, low });
    this.first = this.count;
  }

  /** Forgets a sequence without an end. */
  drop(): void {
    this.first = this.count;
  }

  finish(): Pick<LineRows, 'addresses' | 'lines' | 'files' | 'owners'> {
    const { columns } = this;
    this.sequences.sort((a, b) => a.low - b.low);
    const order: number[] = [];
    let reached = 0;
    for (const { first, end, low } of this.sequences) {
      if (low < reached) continue; // overlaps what came before
      for (let i = first; i < end; i++) order.push(i);
      reached = columns.address.at(end - 1);
    }
    const column = (list: IntList): Uint32Array => Uint32Array.from(order, (i) => list.at(i));
    return {
      addresses: column(columns.address),
      lines: column(columns.line),
      files: column(columns.file),
      owners: column(columns.owner),
    };
  }
}

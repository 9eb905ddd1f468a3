// The entries of DWARF: for each piece of code that was inlined, what it was inlined from and where.
//
// Consumes `.debug_info` with the sections it refers to; produces units and the inlined pieces. A unit that cannot be
// read ends there; what was found before holds.
//
// DWARF 4 and 5, chapters 2, 3 and 7.5
import { FORM, readForm, stringOf, type DwarfSections } from './dwarf-forms.ts';
import { type Range, RangeReader, type RangeUnit, type Value } from './dwarf-ranges.ts';
import { Budget, DwarfError, DwarfReader } from './dwarf-reader.ts';

const TAG = {
  class_type: 0x02,
  compile_unit: 0x11,
  structure_type: 0x13,
  inlined_subroutine: 0x1d,
  subprogram: 0x2e,
  namespace: 0x39,
} as const;

const AT = {
  name: 0x03,
  stmt_list: 0x10,
  low_pc: 0x11,
  high_pc: 0x12,
  comp_dir: 0x1b,
  abstract_origin: 0x31,
  specification: 0x47,
  ranges: 0x55,
  call_file: 0x58,
  call_line: 0x59,
  str_offsets_base: 0x72,
  addr_base: 0x73,
  rnglists_base: 0x74,
} as const;

const WANTED: ReadonlySet<number> = new Set(Object.values(AT));
const KNOWN_TAGS: ReadonlySet<number> = new Set(Object.values(TAG));
const NO_ATTRIBUTES: Attributes = new Map();
/** Of one kind of entry: more, and an entry of one byte could stand for any amount of work. */
const MOST_ATTRIBUTES = 200;
/** How deep entries nest. */
const MOST_LEVELS = 500;
/** From an inlined piece to what has its name: an origin, a declaration, perhaps once more. */
const MOST_REFERENCES = 8;
/** Names of scopes before a function's own. */
const MOST_SCOPES = 16;

interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** Attribute, form and constant, one after the other. */
  readonly attributes: readonly number[];
}

type Abbreviations = ReadonlyMap<number, Abbreviation>;

type Attributes = ReadonlyMap<number, Value>;

/** A scope that a function is named after. */
interface Scope {
  readonly unit: Unit;
  readonly name: Value | undefined;
  readonly parent: Scope | undefined;
}

export interface Unit extends RangeUnit {
  readonly start: number;
  readonly end: number;
  readonly abbreviations: Abbreviations;
  /** Offset of its line table. */
  lineTable: number | undefined;
  folder: string | undefined;
  base: number;
  stringOffsets: number;
  addressBase: number;
  rangesBase: number;
}

/** A call that was inlined. */
export interface Inlined {
  readonly unit: Unit;
  /** Offset of the entry of the function in `.debug_info`. */
  readonly origin: number | undefined;
  readonly callFile: number;
  readonly callLine: number;
  /** What it is inlined into, where that is inlined too. */
  readonly parent: Inlined | undefined;
  readonly depth: number;
}

export interface InlinedRange {
  readonly low: number;
  readonly high: number;
  readonly inlined: Inlined;
}

export class UnitReader {
  readonly pieces: InlinedRange[] = [];
  private readonly ranges: RangeReader;
  private readonly sections: DwarfSections;
  private readonly budget: Budget;
  private readonly units: Unit[] = [];
  private readonly scopes = new Map<number, Scope>();
  private readonly abbreviations = new Map<number, Abbreviations>();

  constructor(sections: DwarfSections, budget: Budget) {
    this.sections = sections;
    this.budget = budget;
    this.ranges = new RangeReader(sections, budget);
    const reader = new DwarfReader(sections.get('info'), budget);
    const { end } = reader;
    try {
      while (reader.position < end) {
        reader.end = end;
        const start = reader.position;
        const { offsetSize, next } = reader.unitLength();
        try {
          this.readUnit(reader, start, offsetSize);
        } catch (error) {
          if (!(error instanceof DwarfError)) throw error;
        }
        reader.position = next;
      }
    } catch (error) {
      if (!(error instanceof DwarfError)) throw error;
    }
  }

  /** The folder in which the unit with this line table was compiled. */
  folders(): ReadonlyMap<number, string> {
    return new Map(
      this.units.flatMap(({ lineTable, folder }) =>
        lineTable === undefined || folder === undefined ? [] : [[lineTable, folder] as const],
      ),
    );
  }

  /** The name of an inlined function, after the scopes it stands in; undefined where it has none. */
  nameOf({ unit, origin }: Inlined): string | undefined {
    let at = origin;
    let home: Unit | undefined = unit;
    const budget = new Budget(0);
    try {
      for (let step = 0; step < MOST_REFERENCES && at !== undefined; step++) {
        home = at >= unit.start && at < unit.end ? unit : this.unitAt(at);
        if (home === undefined) return undefined;
        const reader = new DwarfReader(this.sections.get('info'), budget, at);
        reader.end = home.end;
        const abbreviation = home.abbreviations.get(reader.uleb());
        if (abbreviation === undefined) return undefined;
        const attributes = this.readAttributes(reader, home, abbreviation);
        const name = attributes.get(AT.name);
        if (name !== undefined) return this.qualified(home, name, this.scopes.get(at));
        at = reference(home, attributes.get(AT.abstract_origin) ?? attributes.get(AT.specification));
      }
    } catch (error) {
      if (!(error instanceof DwarfError)) throw error;
    }
    return undefined;
  }

  private qualified(unit: Unit, name: Value, scope: Scope | undefined): string | undefined {
    const parts = [this.text(unit, name)];
    for (let at = scope; at !== undefined && parts.length <= MOST_SCOPES; at = at.parent) {
      const outer = at.name && this.text(at.unit, at.name);
      if (outer !== undefined && outer !== '') parts.unshift(outer);
    }
    return parts.at(-1) === '' ? undefined : parts.join('::');
  }

  private text(unit: Unit, { form, value }: Value): string {
    return stringOf(this.sections, 'info', form, value, unit, unit.stringOffsets);
  }

  private unitAt(offset: number): Unit | undefined {
    let low = 0;
    let high = this.units.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.units[middle].start <= offset) low = middle + 1;
      else high = middle;
    }
    const unit = this.units.at(low - 1);
    return low > 0 && unit !== undefined && offset < unit.end ? unit : undefined;
  }

  private readUnit(reader: DwarfReader, start: number, offsetSize: 4 | 8): void {
    const version = reader.u16();
    if (version < 2 || version > 5) throw new DwarfError('an unknown version');
    let addressSize = 4;
    let table: number;
    if (version >= 5) {
      const type = reader.u8();
      if (type !== 1 && type !== 3) throw new DwarfError('a unit of types, or split off');
      addressSize = reader.u8();
      table = reader.unsigned(offsetSize);
    } else {
      table = reader.unsigned(offsetSize);
      addressSize = reader.u8();
    }
    const unit: Unit = {
      start,
      end: reader.end,
      version,
      addressSize,
      offsetSize,
      abbreviations: this.abbreviationsAt(table),
      lineTable: undefined,
      folder: undefined,
      base: 0,
      stringOffsets: 0,
      addressBase: 0,
      rangesBase: 0,
    };
    this.units.push(unit);
    this.readEntries(reader, unit);
  }

  private abbreviationsAt(offset: number): Abbreviations {
    let table = this.abbreviations.get(offset);
    if (table === undefined) this.abbreviations.set(offset, (table = this.readAbbreviations(offset)));
    return table;
  }

  private readAbbreviations(offset: number): Abbreviations {
    const reader = new DwarfReader(this.sections.get('abbrev'), this.budget, offset);
    const table = new Map<number, Abbreviation>();
    for (let code = reader.uleb(); code !== 0; code = reader.uleb()) {
      const tag = reader.uleb();
      const hasChildren = reader.u8() !== 0;
      const attributes: number[] = [];
      for (;;) {
        const attribute = reader.uleb();
        const form = reader.uleb();
        const constant = form === FORM.implicit_const ? reader.sleb() : 0;
        if (attribute === 0 && form === 0) break;
        attributes.push(attribute, form, constant);
        if (attributes.length > 3 * MOST_ATTRIBUTES) throw new DwarfError('too many attributes');
      }
      table.set(code, { tag, hasChildren, attributes });
    }
    return table;
  }

  private readAttributes(reader: DwarfReader, unit: Unit, { tag, attributes }: Abbreviation): Attributes {
    if (!KNOWN_TAGS.has(tag)) {
      this.skipAttributes(reader, unit, attributes);
      return NO_ATTRIBUTES;
    }
    const values = new Map<number, Value>();
    for (let i = 0; i < attributes.length; i += 3) {
      const form = formOf(reader, attributes[i + 1]);
      const value = form === FORM.implicit_const ? attributes[i + 2] : readForm(reader, form, unit);
      if (WANTED.has(attributes[i])) values.set(attributes[i], { form, value });
    }
    return values;
  }

  private skipAttributes(reader: DwarfReader, unit: Unit, attributes: readonly number[]): void {
    for (let i = 0; i < attributes.length; i += 3) {
      const form = formOf(reader, attributes[i + 1]);
      if (form !== FORM.implicit_const) readForm(reader, form, unit);
    }
  }

  /** All entries of a unit, in the order of the file; `levels` are those that are open. */
  private readEntries(reader: DwarfReader, unit: Unit): void {
    const levels: Level[] = [OUTSIDE];
    while (reader.position < reader.end) {
      const offset = reader.position;
      const code = reader.uleb();
      const outer = levels[levels.length - 1];
      if (code === 0) {
        levels.pop();
        if (levels.length <= 1) return;
        continue;
      }
      const abbreviation = unit.abbreviations.get(code);
      if (abbreviation === undefined) throw new DwarfError('an unknown abbreviation');
      const level = this.enter(reader, unit, offset, abbreviation, outer);
      if (!abbreviation.hasChildren) continue;
      levels.push(level);
      if (levels.length > MOST_LEVELS) throw new DwarfError('entries nested too deeply');
    }
  }

  private enter(reader: DwarfReader, unit: Unit, offset: number, abbreviation: Abbreviation, outer: Level): Level {
    const { tag } = abbreviation;
    const attributes = this.readAttributes(reader, unit, abbreviation);
    switch (tag) {
      case TAG.compile_unit:
        this.describeUnit(unit, attributes);
        return outer;
      case TAG.namespace:
      case TAG.class_type:
      case TAG.structure_type:
        return { ...outer, scope: { unit, name: attributes.get(AT.name), parent: outer.scope } };
      case TAG.subprogram:
        if (outer.scope !== undefined) this.scopes.set(offset, outer.scope);
        return { scope: undefined, code: this.codeOf(unit, attributes).at(0), inlined: undefined };
      case TAG.inlined_subroutine: {
        const inlined: Inlined = {
          unit,
          origin: reference(unit, attributes.get(AT.abstract_origin)),
          callFile: attributes.get(AT.call_file)?.value ?? -1,
          callLine: attributes.get(AT.call_line)?.value ?? 0,
          parent: outer.inlined,
          depth: (outer.inlined?.depth ?? 0) + 1,
        };
        if (outer.code === undefined) return outer;
        const [from, to] = outer.code;
        for (const [low, high] of this.codeOf(unit, attributes)) {
          if (low >= from && high <= to) this.pieces.push({ low, high, inlined });
        }
        return { ...outer, inlined };
      }
      default:
        return outer;
    }
  }

  private describeUnit(unit: Unit, attributes: Attributes): void {
    unit.stringOffsets = attributes.get(AT.str_offsets_base)?.value ?? 0;
    unit.addressBase = attributes.get(AT.addr_base)?.value ?? 0;
    unit.rangesBase = attributes.get(AT.rnglists_base)?.value ?? 0;
    unit.lineTable = attributes.get(AT.stmt_list)?.value;
    const folder = attributes.get(AT.comp_dir);
    unit.folder = folder && this.text(unit, folder);
    unit.base = this.ranges.address(unit, attributes.get(AT.low_pc)) ?? 0;
  }

  private codeOf(unit: Unit, attributes: Attributes): Range[] {
    return this.ranges.of(unit, attributes.get(AT.low_pc), attributes.get(AT.high_pc), attributes.get(AT.ranges));
  }
}

/** What the entries within an entry stand in. */
interface Level {
  readonly scope: Scope | undefined;
  /** Of the function. */
  readonly code: Range | undefined;
  readonly inlined: Inlined | undefined;
}

const OUTSIDE: Level = { scope: undefined, code: undefined, inlined: undefined };

/** The form of a value, which may stand before it. */
function formOf(reader: DwarfReader, form: number): number {
  if (form !== FORM.indirect) return form;
  const named = reader.uleb();
  if (named === FORM.indirect || named === FORM.implicit_const) throw new DwarfError('indirect twice');
  return named;
}

/** The offset in `.debug_info` that a reference means; undefined for one into other files. */
function reference(unit: Unit, at: Value | undefined): number | undefined {
  switch (at?.form) {
    case FORM.ref1:
    case FORM.ref2:
    case FORM.ref4:
    case FORM.ref8:
    case FORM.ref_udata:
      return unit.start + at.value;
    case FORM.ref_addr:
      return at.value;
    default:
      return undefined;
  }
}

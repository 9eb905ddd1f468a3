// Which bytes of the code an entry of DWARF is about: from one address to another, or a list of such ranges.
//
// Consumes attributes of an entry; produces ranges within the code section.
//
// DWARF 4 and 5, 2.17
import { addressOf, entryOf, FORM, type DwarfSections, type Widths } from './dwarf-forms.ts';
import { type Budget, DwarfError, DwarfReader } from './dwarf-reader.ts';

/** An attribute's value as readForm gives it. */
export interface Value {
  readonly form: number;
  readonly value: number;
}

/** What ranges depend on in their unit. */
export interface RangeUnit extends Widths {
  readonly base: number;
  readonly addressBase: number;
  readonly rangesBase: number;
}

export type Range = readonly [low: number, high: number];

/** No module has an address so high. */
const BEYOND = 0x7fffffff;

export class RangeReader {
  private readonly sections: DwarfSections;
  private readonly budget: Budget;

  constructor(sections: DwarfSections, budget: Budget) {
    this.sections = sections;
    this.budget = budget;
  }

  /** An address, which may be the number of one in a table. */
  address(unit: RangeUnit, value: Value | undefined): number | undefined {
    return value && addressOf(this.sections, value.form, value.value, unit, unit.addressBase);
  }

  /** The code of an entry; none where the linker dropped it, which then stands at 0, or beyond everything. */
  of(unit: RangeUnit, lowest: Value | undefined, high: Value | undefined, ranges: Value | undefined): Range[] {
    const low = this.address(unit, lowest);
    let found: Range[] = [];
    if (ranges !== undefined) found = unit.version >= 5 ? this.rangeList5(unit, ranges) : this.rangeList4(unit, ranges);
    else if (low !== undefined && high !== undefined) {
      // The end: an address, or a number of bytes.
      found = [[low, this.address(unit, high) ?? low + high.value]];
    }
    return found.filter(([from, to]) => from > 0 && to > from && to < BEYOND);
  }

  /** DWARF 4, 2.17.3 */
  private rangeList4(unit: RangeUnit, { value }: Value): Range[] {
    const reader = new DwarfReader(this.sections.get('ranges'), this.budget, value);
    const ranges: Range[] = [];
    let { base } = unit;
    for (;;) {
      const low = reader.unsigned(unit.addressSize);
      const high = reader.unsigned(unit.addressSize);
      if (low === 0 && high === 0) return ranges;
      if (low === 2 ** (8 * unit.addressSize) - 1) base = high;
      else ranges.push([base + low, base + high]);
    }
  }

  /** DWARF 5, 2.17.3 and 7.25 */
  private rangeList5(unit: RangeUnit, { form, value }: Value): Range[] {
    const { rangesBase, addressBase, addressSize, offsetSize } = unit;
    const lists = this.sections.get('rnglists');
    const offset = form === FORM.rnglistx ? entryOf(lists, rangesBase, value, offsetSize) : value - rangesBase;
    const reader = new DwarfReader(lists, this.budget, rangesBase + (offset ?? Infinity));
    const addressAt = (): number => entryOf(this.sections.get('addr'), addressBase, reader.uleb(), addressSize) ?? 0;
    const ranges: Range[] = [];
    let { base } = unit;
    for (;;) {
      switch (reader.u8()) {
        case 0: // end of list
          return ranges;
        case 1: // base_addressx
          base = addressAt();
          break;
        case 2: // startx_endx
          ranges.push([addressAt(), addressAt()]);
          break;
        case 3: {
          // startx_length
          const low = addressAt();
          ranges.push([low, low + reader.uleb()]);
          break;
        }
        case 4: // offset_pair
          ranges.push([base + reader.uleb(), base + reader.uleb()]);
          break;
        case 5: // base_address
          base = reader.unsigned(addressSize);
          break;
        case 6: // start_end
          ranges.push([reader.unsigned(addressSize), reader.unsigned(addressSize)]);
          break;
        case 7: {
          // start_length
          const low = reader.unsigned(addressSize);
          ranges.push([low, low + reader.uleb()]);
          break;
        }
        default:
          throw new DwarfError('an unknown kind of range');
      }
    }
  }
}

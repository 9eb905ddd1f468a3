// The forms that values of DWARF come in.
//
// Consumes the bytes of an attribute; produces a number: the value, or an offset, with the form saying of what. Values
// that nobody asks for are passed over.
//
// DWARF 5, 7.5.6
import { DwarfError, type DwarfReader, stringAt } from './dwarf-reader.ts';

export const FORM = {
  addr: 0x01,
  block2: 0x03,
  block4: 0x04,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  block1: 0x0a,
  data1: 0x0b,
  flag: 0x0c,
  sdata: 0x0d,
  strp: 0x0e,
  udata: 0x0f,
  ref_addr: 0x10,
  ref1: 0x11,
  ref2: 0x12,
  ref4: 0x13,
  ref8: 0x14,
  ref_udata: 0x15,
  indirect: 0x16,
  sec_offset: 0x17,
  exprloc: 0x18,
  flag_present: 0x19,
  strx: 0x1a,
  addrx: 0x1b,
  ref_sup4: 0x1c,
  strp_sup: 0x1d,
  data16: 0x1e,
  line_strp: 0x1f,
  ref_sig8: 0x20,
  implicit_const: 0x21,
  loclistx: 0x22,
  rnglistx: 0x23,
  ref_sup8: 0x24,
  strx1: 0x25,
  strx2: 0x26,
  strx3: 0x27,
  strx4: 0x28,
  addrx1: 0x29,
  addrx2: 0x2a,
  addrx3: 0x2b,
  addrx4: 0x2c,
} as const;

/** How wide the numbers of a unit are. */
export interface Widths {
  readonly version: number;
  readonly addressSize: number;
  readonly offsetSize: 4 | 8;
}

/** Sections by their names without the leading `.debug_`. */
export type DwarfSections = ReadonlyMap<string, Uint8Array>;

/** Reads a value; of a string or a block, its offset in the section read. */
export function readForm(reader: DwarfReader, form: number, { version, addressSize, offsetSize }: Widths): number {
  switch (form) {
    case FORM.addr:
      return reader.unsigned(addressSize);
    case FORM.data1:
    case FORM.flag:
    case FORM.ref1:
    case FORM.strx1:
    case FORM.addrx1:
      return reader.u8();
    case FORM.data2:
    case FORM.ref2:
    case FORM.strx2:
    case FORM.addrx2:
      return reader.u16();
    case FORM.strx3:
    case FORM.addrx3:
      return reader.u24();
    case FORM.data4:
    case FORM.ref4:
    case FORM.ref_sup4:
    case FORM.strx4:
    case FORM.addrx4:
      return reader.u32();
    case FORM.data8:
    case FORM.ref8:
    case FORM.ref_sig8:
    case FORM.ref_sup8:
      return reader.u64();
    case FORM.data16:
      return reader.skip(16);
    case FORM.sdata:
      return reader.sleb();
    case FORM.udata:
    case FORM.ref_udata:
    case FORM.strx:
    case FORM.addrx:
    case FORM.loclistx:
    case FORM.rnglistx:
      return reader.uleb();
    case FORM.strp:
    case FORM.line_strp:
    case FORM.sec_offset:
    case FORM.strp_sup:
      return reader.unsigned(offsetSize);
    case FORM.ref_addr:
      return reader.unsigned(version < 3 ? addressSize : offsetSize);
    case FORM.flag_present:
      return 1;
    case FORM.string: {
      const { position } = reader;
      reader.skipString();
      return position;
    }
    case FORM.block1:
      return reader.skip(reader.u8());
    case FORM.block2:
      return reader.skip(reader.u16());
    case FORM.block4:
      return reader.skip(reader.u32());
    case FORM.block:
    case FORM.exprloc:
      return reader.skip(reader.uleb());
    default:
      throw new DwarfError('an unknown form');
  }
}

/** Where a string stands: `form` and `value` as readForm gave them, `inline` the section that they were read from. */
export function stringOf(
  sections: DwarfSections,
  inline: string,
  form: number,
  value: number,
  widths: Widths,
  stringOffsets: number,
): string {
  switch (form) {
    case FORM.string:
      return stringAt(sections.get(inline), value);
    case FORM.strp:
      return stringAt(sections.get('str'), value);
    case FORM.line_strp:
      return stringAt(sections.get('line_str'), value);
    case FORM.strx:
    case FORM.strx1:
    case FORM.strx2:
    case FORM.strx3:
    case FORM.strx4: {
      const offset = entryOf(sections.get('str_offsets'), stringOffsets, value, widths.offsetSize);
      return offset === undefined ? '' : stringAt(sections.get('str'), offset);
    }
    default:
      return '';
  }
}

/** An address: itself, or by its number in the table of addresses. */
export function addressOf(
  sections: DwarfSections,
  form: number,
  value: number,
  { addressSize }: Widths,
  addressBase: number,
): number | undefined {
  switch (form) {
    case FORM.addr:
      return value;
    case FORM.addrx:
    case FORM.addrx1:
    case FORM.addrx2:
    case FORM.addrx3:
    case FORM.addrx4:
      return entryOf(sections.get('addr'), addressBase, value, addressSize);
    default:
      return undefined;
  }
}

/** Entry `index` of a table of numbers that begins at `base`. */
export function entryOf(bytes: Uint8Array | undefined, base: number, index: number, size: number): number | undefined {
  const at = base + index * size;
  if (bytes === undefined || !(at >= 0 && at + size <= bytes.length)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
  if (size === 4) return view.getUint32(0, true);
  return size === 8 ? view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32 : undefined;
}

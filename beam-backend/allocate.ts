// Register allocation for one procedure: linear scan over live intervals.
//
// Values that are needed after a call live in Y registers, the rest in X. The blocks from the first to the last that
// makes a call have a stack frame; the ones before and behind have none, and there everything is in X. So a value has
// a place for each of the three zones, and an edge from one zone to another moves it.
//
// Invariant: two values whose intervals overlap never share a register of the same zone.
import { edges, terminatorArgs, type Block, type Instruction, type Value } from '../ir/ir.ts';
import { passedTo, type Division, type Procedure } from '../ir/procedures.ts';

/** Before, within and behind the blocks that have a stack frame. */
export type Zone = 0 | 1 | 2;
export const FRAMED: Zone = 1;

/** What the allocator must know of an instruction. */
export interface Demand {
  /** Every X register is lost. */
  readonly call: boolean;
  /** X registers needed during the instruction, besides its operands. */
  readonly temporaries: number;
  /** They are in use while results are written. */
  readonly apart?: boolean;
  /** How many arguments, the last ones, are read when the call has returned. */
  readonly readsBehind: number;
}

export interface Place {
  readonly kind: 'x' | 'y';
  readonly index: number;
}

interface Interval {
  readonly value: Value | undefined; // undefined: a temporary
  readonly start: number;
  readonly end: number;
  readonly zone: Zone | undefined; // undefined: one register in all zones
  readonly hint: number;
  readonly fixed: boolean;
  readonly temporaries: number[] | undefined;
}

/** More values are alive at some point of a procedure than there are registers, or than a function takes arguments. */
export class OutOfRegisters extends Error {}

/** Of either kind. BEAM has 1,023 X and 1,024 Y; some are left to the emitter. */
export const MAX_REGISTERS = 900;

/** No register: what a place's code is before it is given one. X registers count from 0 up, Y from -1 down. */
const NOWHERE = -32768;

const X: Place[] = [];
const Y: Place[] = [];

/** What the procedures of one function use in turn, by value id where nothing else is said. */
export class Scratch {
  readonly places: Int16Array;
  readonly ends: Int32Array;
  readonly definitions: Int32Array;
  readonly hints: Int16Array;
  /** By block id: where a block of the procedure at hand starts. */
  readonly starts: Int32Array;

  constructor(valueCount: number, blockCount: number) {
    this.places = new Int16Array(3 * valueCount);
    this.ends = new Int32Array(valueCount);
    this.definitions = new Int32Array(valueCount);
    this.hints = new Int16Array(valueCount);
    this.starts = new Int32Array(blockCount);
  }
}

/** Two steps a position: an instruction at p reads at 2p and writes at 2p + 1. */
export class Allocation {
  readonly procedure: Procedure;
  readonly temporaries = new Map<Instruction, readonly number[]>();
  /** Y registers of the frame, without those that the emitter adds. */
  frameSlots = 0;
  /** One more than the highest X register in use. */
  xCount = 0;
  /** For each X register its intervals [start, end, start, end, ...] in order. */
  readonly xIntervals: number[][] = [];
  private readonly starts: Int32Array;
  /** By value id, and for places by zone too: see Scratch. */
  private readonly places: Int16Array;
  private readonly ends: Int32Array;
  private readonly definitions: Int32Array;
  private frameStart = Infinity;
  private frameEnd = Infinity;

  constructor(
    procedure: Procedure,
    division: Division,
    scratch: Scratch,
    demand: (instruction: Instruction) => Demand,
  ) {
    this.procedure = procedure;
    this.starts = scratch.starts;
    this.places = scratch.places;
    this.ends = scratch.ends;
    this.definitions = scratch.definitions;
    const intervals = this.findIntervals(division, scratch, demand);
    this.scan(intervals);
  }

  /** Position of the start of a block; its instructions count on from there. */
  start(block: Block): number {
    return this.starts[block.id];
  }

  /** Zone of a block, by the position of its start. */
  zone(block: Block): Zone {
    const start = 2 * this.starts[block.id];
    return start < this.frameStart ? 0 : start < this.frameEnd ? FRAMED : 2;
  }

  /** The register that holds a value in a zone. */
  place(value: Value, zone: Zone): Place {
    const code = this.places[3 * value.id + zone];
    if (code === NOWHERE) throw new Error(`value ${value.id} has no place in zone ${zone}`);
    return code >= 0 ? (X[code] ??= { kind: 'x', index: code }) : (Y[-1 - code] ??= { kind: 'y', index: -1 - code });
  }

  /** Whether the value has a place that differs from zone to zone. */
  moves(value: Value): boolean {
    return this.places[3 * value.id] !== this.places[3 * value.id + 1];
  }

  /** Whether the value arrives with the procedure, which does not change it. */
  isParameter(value: Value): boolean {
    return this.procedure.params.includes(value);
  }

  /** Whether anybody reads the value. */
  isUsed(value: Value): boolean {
    return this.ends[value.id] > this.definitions[value.id];
  }

  /** Whether somebody reads the value behind position p. */
  isLiveAfter(value: Value, position: number): boolean {
    return this.ends[value.id] > 2 * position;
  }

  /** How many X registers hold a value that is read at position p or behind it. */
  xNeededAt(position: number): number {
    return this.xIntervals.reduce((count, intervals) => count + Number(covers(intervals, 2 * position)), 0);
  }

  // --- intervals ---------------------------------------------------------------------------------------------------

  private findIntervals(
    division: Division,
    scratch: Scratch,
    demand: (instruction: Instruction) => Demand,
  ): Interval[] {
    const { procedure, starts, places, ends, definitions } = this;
    const { hints } = scratch;
    const { startsAt } = division;
    const calls: number[] = [];
    const order: Value[] = [];
    const temporaries: Interval[] = [];
    let position = 0;
    let firstCall: number | undefined;
    let behindCalls = 0;
    const define = (value: Value, at: number): void => {
      definitions[value.id] = at;
      ends[value.id] = at;
      hints[value.id] = -1;
      // Values keep the places that another procedure of the function gave them: forget those.
      places[3 * value.id] = places[3 * value.id + 1] = places[3 * value.id + 2] = NOWHERE;
      order.push(value);
    };
    const use = (value: Value, later = 0): void => {
      if (value.constant === undefined) ends[value.id] = 2 * position + later;
    };
    const hint = (value: Value, register: number): void => {
      if (hints[value.id] < 0) hints[value.id] = register;
    };
    const hintAll = (values: readonly Value[]): void => {
      for (let i = 0; i < values.length; i++) hint(values[i], i);
    };
    for (const param of procedure.params) define(param, 0);
    for (const block of procedure.blocks) {
      starts[block.id] = position;
      if (block !== procedure.entry) for (const param of block.params) define(param, 2 * position);
      let hasCall = false;
      for (const instruction of block.instructions) {
        position++;
        for (const arg of instruction.args) use(arg);
        const { call, temporaries: count, apart, readsBehind } = demand(instruction);
        if (readsBehind > 0) for (const arg of instruction.args.slice(-readsBehind)) use(arg, 1);
        if (call) {
          calls.push(2 * position);
          hasCall = true;
          hintAll(instruction.args);
        }
        if (count > 0) {
          const registers: number[] = [];
          this.temporaries.set(instruction, registers);
          for (let i = 0; i < count; i++) temporaries.push(temporary(2 * position, apart ? 1 : 0, registers));
        }
        for (const result of instruction.results) {
          define(result, 2 * position + 1);
          if (call && instruction.results.length === 1) hint(result, 0);
        }
      }
      position++;
      const terminator = block.terminator!;
      for (const arg of terminatorArgs(terminator)) use(arg);
      if (terminator.kind === 'tail_call') hintAll(terminator.call.args);
      if (terminator.kind === 'return' && terminator.values.length === 1) hint(terminator.values[0], 0);
      for (const { target, args } of edges(terminator)) {
        const next = startsAt[target.id];
        const values = next ? passedTo(next, args) : args;
        for (const value of values) use(value);
        if (next) hintAll(values);
      }
      position++;
      if (hasCall) {
        firstCall ??= starts[block.id];
        behindCalls = position;
      }
    }
    if (firstCall !== undefined) {
      this.frameStart = 2 * firstCall;
      this.frameEnd = 2 * behindCalls;
    }
    const intervals: Interval[] = [];
    for (let i = 0; i < order.length; i++) this.addIntervals(intervals, order[i], i, calls, hints[order[i].id]);
    for (const interval of temporaries) intervals.push(interval);
    return intervals.sort((a, b) => a.start - b.start || Number(b.fixed) - Number(a.fixed));
  }

  /** One interval, or for a value that is needed behind a call one for each zone that it lives in. */
  private addIntervals(to: Interval[], value: Value, order: number, calls: readonly number[], hint: number): void {
    const start = this.definitions[value.id];
    const end = this.ends[value.id];
    const isParam = order < this.procedure.params.length;
    const add = (zone: Zone | undefined, from: number, until: number): void => {
      const fixed = isParam && from === 0 && zone !== FRAMED;
      to.push({ value, start: from, end: until, zone, hint: fixed ? order : hint, fixed, temporaries: undefined });
    };
    if (!crosses(calls, start, end)) {
      // A parameter of a procedure that begins with a frame still arrives in its X register.
      return add(undefined, start, end);
    }
    const { frameStart, frameEnd } = this;
    if (start < frameStart) add(0, start, Math.min(end, frameStart - 1));
    add(FRAMED, Math.max(start, frameStart), Math.min(end, frameEnd - 1));
    if (end >= frameEnd) add(2, frameEnd, end);
  }

  // --- linear scan -------------------------------------------------------------------------------------------------

  private scan(intervals: readonly Interval[]): void {
    const xEnds: number[] = [];
    const yEnds: number[] = [];
    for (const interval of intervals) {
      const { value, start, end, zone, hint, fixed, temporaries } = interval;
      const framed = zone === FRAMED;
      const busy = framed ? yEnds : xEnds;
      const before = zone === 2 ? this.places[3 * value!.id] : NOWHERE;
      const preferred = before >= 0 ? before : hint;
      const index = fixed ? preferred : pickRegister(busy, start, framed ? -1 : preferred);
      if (index >= MAX_REGISTERS) throw new OutOfRegisters('a procedure needs more registers than there are');
      for (let i = busy.length; i < index; i++) busy[i] = -1;
      busy[index] = end;
      if (!framed) (this.xIntervals[index] ??= []).push(start, end);
      if (temporaries) temporaries.push(index);
      else if (zone === undefined) {
        const place = 3 * value!.id;
        this.places[place] = this.places[place + 1] = this.places[place + 2] = index;
      } else this.places[3 * value!.id + zone] = framed ? -1 - index : index;
    }
    for (let i = 0; i < xEnds.length; i++) this.xIntervals[i] ??= [];
    this.xCount = xEnds.length;
    this.frameSlots = yEnds.length;
  }
}

const temporary = (at: number, length: number, registers: number[]): Interval => ({
  value: undefined,
  start: at,
  end: at + length,
  zone: undefined,
  hint: -1,
  fixed: false,
  temporaries: registers,
});

/** Whether a call lies strictly between a definition and the last use. */
function crosses(calls: readonly number[], start: number, end: number): boolean {
  let low = 0;
  let high = calls.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (calls[middle] < start) low = middle + 1;
    else high = middle;
  }
  return low < calls.length && calls[low] < end;
}

/** Whether a point lies in one of some intervals [start, end, start, end, ...], which stand in order. */
function covers(intervals: readonly number[], at: number): boolean {
  let low = 0;
  let high = intervals.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (intervals[2 * middle + 1] < at) low = middle + 1;
    else high = middle;
  }
  return 2 * low < intervals.length && intervals[2 * low] <= at;
}

/** The hinted register if it is free, else the lowest free one. */
function pickRegister(busy: readonly number[], start: number, hint: number): number {
  if (hint >= 0 && hint < 256 && (busy[hint] ?? -1) < start) return hint;
  let index = 0;
  while (index < busy.length && busy[index] >= start) index++;
  return index;
}

export class Value {
    id;
    type;
    /** Inclusive bounds of an `int`; beyond 2^53 rounded outwards. */
    min;
    max;
    constant;
    /** Where it is defined: a parameter's block or the block of its instruction; undefined for a constant. */
    block;
    /** The instruction that defines it; undefined for parameters and constants. */
    definition;
    constructor(id, type, min, max, constant) {
        this.id = id;
        this.type = type;
        this.min = min;
        this.max = max;
        this.constant = constant;
        this.block = undefined;
        this.definition = undefined;
    }
}
/** What an instruction needs beyond its arguments. Fields that an operator does not use keep their default. */
export class Instruction {
    operator;
    args;
    results;
    /** Byte offset of the Wasm instruction, for stack traces; 0 for none. */
    offset;
    /** Index of a function, global, table, memory, segment or element; a type for call_indirect. */
    index;
    /** A second index. */
    index2;
    /** Memory accesses: constant added to the address. */
    displacement;
    /** Memory accesses: 1, 2 or 4 bytes. */
    bytes;
    /** Traps: reason. Runtime calls: module. */
    text;
    /** Runtime calls: function. Float instructions: mnemonic. */
    name;
    /** trap_if and float.test: the test. */
    test;
    constructor(operator, args, results, offset) {
        this.operator = operator;
        this.args = args;
        this.results = results;
        this.offset = offset;
        this.index = 0;
        this.index2 = 0;
        this.displacement = 0;
        this.bytes = 0;
        this.text = '';
        this.name = '';
        this.test = 'ne';
    }
}
export class Block {
    id;
    params = [];
    instructions = [];
    terminator = undefined;
    /** Some edge goes back to it. */
    loop;
    constructor(id, loop) {
        this.id = id;
        this.loop = loop;
    }
}
/** One function: its parameters are those of the first block. */
export class IrFunction {
    name;
    blocks = [];
    /** Number of values returned. */
    results;
    /** Words of the activation's frame tuple; 0 where it needs none. */
    frameWords = 0;
    values = 0;
    blockIds = 0;
    constructor(name, results) {
        this.name = name;
        this.results = results;
    }
    /** How many value ids are given out: ids are 0 to valueCount - 1. */
    get valueCount() {
        return this.values;
    }
    value(type, min = 0, max = 0) {
        return new Value(this.values++, type, min, max);
    }
    constant(type, constant) {
        const range = typeof constant === 'number' ? constant : 0;
        return new Value(this.values++, type, range, range, constant);
    }
    get blockCount() {
        return this.blockIds;
    }
    /** A new block; the caller appends it to `blocks` in its place. */
    block(loop = false) {
        return new Block(this.blockIds++, loop);
    }
}
/** Edges that leave a block, in order. */
export function edges(terminator) {
    switch (terminator.kind) {
        case 'jump':
            return [terminator.edge];
        case 'branch':
            return [terminator.then, terminator.else];
        case 'switch':
            return [...terminator.cases.map((entry) => entry.edge), terminator.otherwise];
        default:
            return [];
    }
}
/** Values that a terminator reads itself, edges' arguments not included. */
export function terminatorArgs(terminator) {
    switch (terminator.kind) {
        case 'branch':
            return terminator.args;
        case 'switch':
            return [terminator.index];
        case 'return':
            return terminator.values;
        case 'tail_call':
            return terminator.call.args;
        default:
            return [];
    }
}

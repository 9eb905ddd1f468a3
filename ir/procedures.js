// Divides a function into procedures: what becomes one BEAM function each.
//
// A procedure is an acyclic piece of the function's graph that is entered at its first block only. Loop headers start
// one, since a back edge must be a call (it counts a reduction), and so does a join that is reached from two
// procedures, since a jump cannot leave a function. An edge to such a block is a tail call; it passes the block's
// parameters and every value that lives into it.
//
// Consumes the second level of the IR.
import { edges, terminatorArgs } from "./ir.js";
export function divide(fn) {
    const predecessors = findPredecessors(fn);
    dropIdleRefreshes(fn, predecessors);
    const liveIn = findLiveIn(fn, predecessors);
    const position = new Int32Array(fn.blockCount);
    fn.blocks.forEach((block, index) => (position[block.id] = index));
    const owner = [];
    const blocks = new Map();
    for (const block of fn.blocks) {
        const from = predecessors[block.id];
        const loops = from.some((source) => position[source.id] >= position[block.id]);
        const first = from.length > 0 && !loops ? owner[from[0].id] : undefined;
        const start = first && from.every((source) => owner[source.id] === first) ? first : block;
        owner[block.id] = start;
        block.loop = loops;
        if (start === block)
            blocks.set(block, [block]);
        else
            blocks.get(start).push(block);
    }
    const startsAt = new Map();
    for (const [entry, members] of blocks) {
        const params = [...entry.params, ...liveIn[entry.id]];
        startsAt.set(entry, { entry, params, blocks: members, loop: entry.loop });
    }
    return { procedures: [...startsAt.values()], startsAt, liveIn };
}
function findPredecessors(fn) {
    const predecessors = Array.from({ length: fn.blockCount }, () => []);
    for (const block of fn.blocks) {
        for (const target of new Set(edges(block.terminator).map((edge) => edge.target))) {
            predecessors[target.id].push(block);
        }
    }
    return predecessors;
}
/** By block id: values used in the block or behind it, and defined before it. */
function findLiveIn(fn, predecessors) {
    const liveIn = Array.from({ length: fn.blockCount }, () => []);
    const stamps = new Int32Array(fn.blockCount).fill(-1);
    const usedIn = Array.from({ length: fn.valueCount });
    const values = [];
    for (const block of fn.blocks) {
        forEachUse(block, (value) => {
            if (value.constant !== undefined || value.block === block)
                return;
            const uses = usedIn[value.id];
            if (!uses) {
                usedIn[value.id] = [block];
                values.push(value);
            }
            else if (uses[uses.length - 1] !== block)
                uses.push(block);
        });
    }
    for (const value of values) {
        const work = usedIn[value.id];
        for (let block = work.pop(); block; block = work.pop()) {
            if (stamps[block.id] === value.id)
                continue;
            stamps[block.id] = value.id;
            liveIn[block.id].push(value);
            for (const source of predecessors[block.id])
                if (source !== value.block)
                    work.push(source);
        }
    }
    return liveIn;
}
function forEachUse(block, use) {
    for (const { args } of block.instructions)
        args.forEach(use);
    const terminator = block.terminator;
    terminatorArgs(terminator).forEach(use);
    for (const edge of new Set(edges(terminator)))
        edge.args.forEach(use);
}
/** The root of the memory is fetched anew after a call only where somebody still asks for it. */
function dropIdleRefreshes(fn, predecessors) {
    const isRefresh = ({ operator }) => operator === 'root.refresh';
    const root = fn.blocks.flatMap((block) => block.instructions).find(isRefresh)?.args[0];
    if (!root)
        return;
    const liveOut = new Set();
    const work = [];
    const isUsed = (block) => block.instructions.some((at) => !isRefresh(at) && at.args.includes(root)) ||
        terminatorArgs(block.terminator).includes(root);
    for (const block of fn.blocks)
        if (isUsed(block) && block !== root.block)
            work.push(block);
    const liveIn = new Set(work);
    for (let block = work.pop(); block; block = work.pop()) {
        for (const source of predecessors[block.id]) {
            liveOut.add(source);
            if (source === root.block || liveIn.has(source))
                continue;
            liveIn.add(source);
            work.push(source);
        }
    }
    for (const block of fn.blocks) {
        let live = liveOut.has(block) || terminatorArgs(block.terminator).includes(root);
        const kept = block.instructions.toReversed().filter((at) => {
            if (isRefresh(at))
                return live;
            live ||= at.args.includes(root);
            return true;
        });
        if (kept.length < block.instructions.length)
            block.instructions = kept.reverse();
    }
}

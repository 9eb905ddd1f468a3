// What monsters want, in AssemblyScript: they go for the nearest player whom they see, go on for some turns where they have
// lost him, and stroll about else. What each remembers is in the plug-in's own memory.
import { Host } from '@extism/as-pdk';

@external("game", "roll")
declare function roll(sides: i32): i32;
@external("game", "look")
declare function look(actor: i32): u64;
@external("extism:host/env", "load_u8")
declare function load(address: u64): i32;
@external("extism:host/env", "free")
declare function free(block: u64): void;

export function abort(_message: string | null, _file: string | null, _line: u32, _column: u32): void {
  unreachable();
}

/** What a monster sees: a square of so many cells, itself in the middle. */
const SIZE: i32 = 11;
const CELLS: i32 = SIZE * SIZE;
const MIDDLE: i32 = CELLS / 2;
const PATIENCE: i32 = 4;
const WALL: u8 = 35;
const FLOOR: u8 = 46;
const PLAYER: u8 = 64;
const DIRECTIONS: StaticArray<u8> = [110, 101, 115, 119];
const STEPS: StaticArray<i32> = [-SIZE, 1, SIZE, -1];
const WAIT: u8 = 46;

class Memory {
  direction: u8 = WAIT;
  patience: i32 = 0;
}

const memories = new Map<u8, Memory>();

/** The first step of a shortest way to a player, or WAIT: breadth first from the middle. */
function pursue(cells: Uint8Array): u8 {
  const first = new Uint8Array(CELLS);
  const queue = new Array<i32>();
  queue.push(MIDDLE);
  for (let at = 0; at < queue.length; at++) {
    const cell = queue[at];
    for (let i = 0; i < 4; i++) {
      const column = cell % SIZE;
      if ((i == 1 && column == SIZE - 1) || (i == 3 && column == 0)) continue;
      const next = cell + STEPS[i];
      if (next < 0 || next >= CELLS || next == MIDDLE || first[next] != 0) continue;
      first[next] = cell == MIDDLE ? DIRECTIONS[i] : first[cell];
      if (cells[next] == PLAYER) return first[next];
      if (cells[next] == FLOOR) queue.push(next);
    }
  }
  return WAIT;
}

function decide(actor: u8): u8 {
  const block = look(actor);
  const cells = new Uint8Array(CELLS);
  for (let i = 0; i < CELLS; i++) cells[i] = <u8>load(block + i);
  free(block);
  if (!memories.has(actor)) memories.set(actor, new Memory());
  const memory = memories.get(actor);
  const direction = pursue(cells);
  if (direction != WAIT) {
    memory.direction = direction;
    memory.patience = PATIENCE;
  } else if (memory.patience > 0) {
    memory.patience--;
  } else {
    const choice = roll(5) - 1;
    memory.direction = choice < 4 ? DIRECTIONS[choice] : WAIT;
  }
  const index = DIRECTIONS.indexOf(memory.direction);
  return index >= 0 && cells[MIDDLE + STEPS[index]] == WALL ? WAIT : memory.direction;
}

/** Input: monsters, a byte each. Output: the same, each followed by where it goes. */
export function plan(): i32 {
  const monsters = Host.input();
  const moves = new Uint8Array(2 * monsters.length);
  for (let i = 0; i < monsters.length; i++) {
    moves[2 * i] = monsters[i];
    moves[2 * i + 1] = decide(monsters[i]);
  }
  Host.output(moves);
  return 0;
}

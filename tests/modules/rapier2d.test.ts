// @dimforge/rapier2d (Rust, 2.4 MB; one function of 282 KB): a ball falls on the ground, in f32 arithmetic throughout;
// whole, and in parts among which the large function is divided.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as raw from '@dimforge/rapier2d/rapier_wasm2d_bg.js';
import { expect, it } from 'vitest';
import { compareWithV8, USUAL } from './replay.ts';

const require = createRequire(import.meta.url);
const STEPS = 30;

it('@dimforge/rapier2d', async () => {
  const play = (): number[] => {
    const module = new WebAssembly.Module(readFileSync(require.resolve('@dimforge/rapier2d/rapier_wasm2d_bg.wasm')));
    const instance = new WebAssembly.Instance(module, { './rapier_wasm2d_bg.js': { ...raw } });
    raw.__wbg_set_wasm(instance.exports);
    return fall();
  };
  const heights = await compareWithV8('rapier2d', play, [...USUAL, { size: 64 * 1024 }]);
  expect(heights).toHaveLength(STEPS);
  expect(heights[0]).toBeLessThan(1);
  // On the ground, whose surface is at 0.1, lies a ball of radius 0.5.
  expect(heights[STEPS - 1]).toBeCloseTo(0.6, 1);
}, 360_000);

/** The ball's height after each step. */
function fall(): number[] {
  const bodies = new raw.RawRigidBodySet();
  const colliders = new raw.RawColliderSet();
  const zero = (): raw.RawVector => new raw.RawVector(0, 0);
  const addBody = (kind: raw.RawRigidBodyType, y: number): number =>
    bodies.createRigidBody(
      ...([true, new raw.RawVector(0, y), raw.RawRotation.identity(), 1, 0, false, zero(), zero(), 0, 0] as const),
      ...([true, true, true, 0, 0, kind, true, false, 0, false, 0, 0, 0] as const),
    );
  const addCollider = (shape: raw.RawShape, parent: number): number | undefined =>
    colliders.createCollider(
      ...([true, shape, zero(), raw.RawRotation.identity(), 0, 0, zero(), 0, 1, 0.5, 0, 0, 0, false] as const),
      ...([0xffff_ffff, 0xffff_ffff, 15, 0, 0, 0, 0, true, parent, bodies] as const),
    );
  const ball = addBody(raw.RawRigidBodyType.Dynamic, 1);
  addCollider(raw.RawShape.ball(0.5), ball);
  addCollider(raw.RawShape.cuboid(10, 0.1), addBody(raw.RawRigidBodyType.Fixed, 0));
  const pipeline = new raw.RawPhysicsPipeline();
  const parameters = new raw.RawIntegrationParameters();
  const islands = new raw.RawIslandManager();
  const [broad, narrow] = [new raw.RawBroadPhase(), new raw.RawNarrowPhase()];
  const soft = new raw.RawSoftBodySet();
  const [joints, multibodies] = [new raw.RawImpulseJointSet(), new raw.RawMultibodyJointSet()];
  const continuous = new raw.RawCCDSolver();
  const position = new Float32Array(2);
  return Array.from({ length: STEPS }, () => {
    const gravity = new raw.RawVector(0, -9.81);
    pipeline.step(
      ...([gravity, parameters, islands, broad, narrow, bodies, colliders, soft, joints] as const),
      ...([multibodies, continuous] as const),
    );
    bodies.rbTranslation(ball, position);
    return position[1];
  });
}

// Promises, async functions and generators: what runs when.
const order = [];
const pause = (times) => (times === 0 ? Promise.resolve() : Promise.resolve().then(() => pause(times - 1)));
order.push('start');
Promise.resolve(1)
  .then((v) => order.push(`then ${v}`))
  .finally(() => order.push('finally'));
(async () => {
  order.push('async start');
  await null;
  order.push('after await');
  try {
    await Promise.reject(new Error('no'));
  } catch (error) {
    order.push(`caught ${error.message}`);
  }
})();
async function* numbers() {
  for (let i = 0; i < 3; i++) {
    await pause(i);
    yield i;
  }
}
(async () => {
  for await (const n of numbers()) order.push(`n${n}`);
  const settled = await Promise.allSettled([pause(2), Promise.reject(new RangeError('x')), 7]);
  order.push(settled.map(({ status, value, reason }) => `${status}:${value ?? reason?.name ?? ''}`).join(','));
  order.push(await Promise.race([pause(5).then(() => 'slow'), pause(1).then(() => 'fast')]));
  order.push(await Promise.any([Promise.reject(1), pause(1).then(() => 'any')]));
  order.push((await Promise.all([1, pause(1), pause(2).then(() => 3)])).join());
  await Promise.any([Promise.reject(1)]).catch((error) => order.push(error.constructor.name));
})().then(() => order.forEach((entry) => print(entry)));
order.push('end');

// source-map (Rust): the module calls back into the host for each mapping while it walks them.
import { expect, it } from 'vitest';
import { compareWithV8 } from './replay.ts';

it('source-map', async () => {
  const count = await compareWithV8('source_map', async () => {
    const { SourceMapConsumer, SourceMapGenerator } = await import('source-map');
    const generator = new SourceMapGenerator({ file: 'out.js' });
    for (let i = 0; i < 400; i++) {
      const name = i % 3 === 0 ? `name${i % 11}` : undefined;
      const original = { line: 1 + ((i * 7) % 97), column: (i * 13) % 41 };
      generator.addMapping({
        source: `in${i % 5}.ts`,
        original,
        generated: { line: 1 + (i >> 3), column: i % 80 },
        name,
      });
    }
    return SourceMapConsumer.with(generator.toJSON(), null, (consumer) => {
      let mappings = 0;
      consumer.eachMapping(() => mappings++);
      consumer.eachMapping(() => mappings++, null, SourceMapConsumer.ORIGINAL_ORDER);
      consumer.computeColumnSpans();
      for (let i = 0; i < 40; i++) {
        const { line, column, source } = consumer.originalPositionFor({ line: 1 + i, column: i * 2 });
        if (source !== null) consumer.generatedPositionFor({ source, line: line!, column: column! });
        consumer.allGeneratedPositionsFor({ source: `in${i % 5}.ts`, line: i + 1, column: undefined as never });
      }
      // What the host throws goes through the module.
      expect(() =>
        consumer.eachMapping(() => {
          throw new Error('enough');
        }),
      ).toThrow('enough');
      return mappings;
    });
  });
  expect(count).toBe(800);
});

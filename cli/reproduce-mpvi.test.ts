import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reproductionSchema } from '../contract/reproduction.ts';
import { writeMadeDigits } from '../tests/made-digits.ts';
import { isSetUp, runFewscan } from '../tests/run-fewscan.ts';
import { temporaryFolder } from '../tests/temporary-folder.ts';

const root = temporaryFolder();
const out = join(root, 'out');
const data = writeMadeDigits(join(root, 'digits'), { train: 1500, test: 100 });
const fewscan = (...args: readonly string[]) => runFewscan(['reproduce', ...args, '--out', out], join(root, 'home'));

describe.skipIf(!isSetUp)('experiments with mixtures over weights', () => {
  test.each([
    ['mpvi-toy', [], ['lambda', 'fixed-weight']],
    ['split-mnist', ['--data', data], ['naive', 'ewc', 'mpvi', 'replay']],
  ])(
    '%s ends in its quick form within a minute with JSON, table and plot, and redraws them from the JSON',
    async (name, options, methods) => {
      const startedMs = performance.now();
      const { status, stdout, stderr } = await fewscan(name, '--quick', '--json', ...options);
      expect(status, stderr).toBe(0);
      expect(performance.now() - startedMs).toBeLessThan(60_000);
      const written = reproductionSchema.parse(JSON.parse(stdout));
      expect(written).toMatchObject({ experiment: `${name}-quick`, quick: true });
      expect(Object.keys(written.summary)).toEqual(methods);
      const files = ['md', 'svg'].map((ending) => join(out, `${name}-quick.${ending}`));
      const drawn = files.map((file) => readFileSync(file, 'utf8'));
      for (const file of files) rmSync(file);
      const again = await fewscan(name, '--quick', '--json', '--draw');
      expect(again.stdout).toBe(stdout);
      expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(drawn);
    },
    120_000,
  );

  test.each([
    ['an unknown setting', ['split-mnist', '--data', data, '--set', 'epocs=3'], 'epocs'],
    ['a setting out of range', ['mpvi-toy', '--set', 'defence=0.9'], 'defence'],
    ['an unknown method', ['mpvi-toy', '--methods', 'gradient'], 'lambda'],
    ['a folder without images', ['split-mnist', '--data', join(root, 'nowhere')], 'train-images-idx3-ubyte'],
    ['drawing what is not there', ['split-mnist', '--draw'], 'split-mnist.json'],
  ])('%s is refused with exit code 2', async (_, args, said) => {
    const { status, stderr } = await fewscan(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(said);
  });
});

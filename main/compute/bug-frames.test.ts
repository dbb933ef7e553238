import { expect, test } from 'vitest';
import { bugFrames } from './bug-frames.ts';

test('tell where a bug was, and neither what it said nor whose folder it was in', () => {
  const stack = [
    'TypeError: Doe^Jane has no voxels',
    ' at home of the patient',
    '    at read (file:///home/jane/fewscan/dist/main/jobs/segment.js:12:7)',
    '    at async file:///C:/Users/Jane/fewscan/node_modules/zod/index.js:3:1',
    '    at node:internal/process:9:1',
  ].join('\n');
  expect(bugFrames(stack)).toEqual([
    'at read (dist/main/jobs/segment.js:12:7)',
    'at async node_modules/zod/index.js:3:1',
    'at node:internal/process:9:1',
  ]);
  const [own] = bugFrames(new Error('here').stack!);
  expect(own).toMatch(/main\/compute\/bug-frames\.test\.ts:\d+:\d+\)?$/);
});

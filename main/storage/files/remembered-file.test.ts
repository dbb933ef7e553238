import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/temporary-folder.ts';
import { rememberFiles } from './remembered-file.ts';
import { writeFileAtomically } from './write-file.ts';

it('parses a file once, anew when another takes its place, and forgets one that is gone', async () => {
  const path = join(temporaryFolder(), 'record.json');
  const parsed: string[] = [];
  const read = rememberFiles((bytes) => {
    const text = new TextDecoder().decode(bytes);
    parsed.push(text);
    return text;
  });
  expect(await read(path)).toBeUndefined();
  for (const text of ['first', 'other']) {
    await writeFileAtomically(path, text); // of the same length
    for (let n = 0; n < 3; n++) expect(await read(path)).toBe(text);
  }
  expect(parsed).toEqual(['first', 'other']);
  rmSync(path);
  expect(await read(path)).toBeUndefined();
});

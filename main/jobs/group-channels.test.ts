import { expect, it } from 'vitest';
import { groupChannels } from './group-channels.ts';

const files = (...names: readonly string[]) => names.map((name) => ({ name, path: `/scans/${name}.nii.gz` }));

it('scans of a model of one channel keep numbers that are no channel of theirs', () => {
  const names = groupChannels(files('patient_0001', 'patient_0002', 'visit_0000'), 1).map(({ name }) => name);
  expect(names).toEqual(['patient_0001', 'patient_0002', 'visit']);
});

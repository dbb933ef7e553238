import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { madeSlice } from '../../../tests/made-dicom.ts';
import { temporaryFolder } from '../../../tests/temporary-folder.ts';
import { parseFile } from '../../imaging/dicom/parse-file.ts';
import { readSegmentation } from '../../imaging/dicom/read-segmentation.ts';
import { sameGrid } from '../../imaging/geometry/grids.ts';
import { stackVolumes } from '../../imaging/geometry/stack-volumes.ts';
import { openPorts } from '../../storage/open-ports.ts';
import { encodedFile } from './encoded-file.ts';

const root = temporaryFolder();
const study = join(root, 'study');
mkdirSync(study);
for (const z of [0, 3, 6]) {
  const pixels = [
    [z, 1, 2],
    [3, 4, 5],
  ];
  writeFileSync(join(study, `${z}`), madeSlice({ instance: z + 1, position: [-4, 7, z], pixels }));
}
const open = async () => {
  const ports = openPorts(temporaryFolder());
  const volume = await ports.scans.readVolume((await ports.scans.listScans(study))[0]!.path);
  return { ports, volume };
};
const labelsOn = <Volume extends { readonly voxels: { readonly length: number } }>(volume: Volume) => ({
  ...volume,
  voxels: Uint8Array.from({ length: volume.voxels.length }, (_, v) => [0, 2, 7][v % 3]!),
});

describe('labels as a DICOM segmentation', () => {
  it('lie on the grid of the images, of their patient and study, with structures that nobody named', async () => {
    const { ports, volume } = await open();
    const { id } = await ports.library.add({ name: 'visit', volume, structures: [] });
    const labels = labelsOn(volume);
    await ports.library.saveLabels(id, labels);
    await ports.library.setStructures(id, [{ label: 2, name: 'lesion' }]);
    const { bytes, name, type } = await encodedFile(ports, { id, file: 'labels.dcm' });
    expect([name, type]).toEqual(['visit-labels.dcm', 'application/dicom']);
    const file = parseFile(bytes, name);
    const found = await readSegmentation(file, name);
    expect(sameGrid(found, volume)).toBe(true);
    expect(Array.from(found.voxels)).toEqual(Array.from(labels.voxels, (label) => [2, 7].indexOf(label) + 1));
    expect(found.structureNames).toEqual({ 1: 'lesion', 2: 'label 7' });
    expect(file.attributes.text('x00100010')).toBe('SECRET^PATIENT');
    expect(file.attributes.code('x0020000d')).toBe('1.2.3');
    const sources = file.attributes
      .items('x52009230')
      .map((frame) => frame.item('x00089124')?.item('x00082112')?.code('x00081155'));
    expect(new Set(sources)).toEqual(new Set(['1.2.3.1', '1.2.3.4', '1.2.3.7']));
  });

  it('are refused for a scan of unknown origin until its DICOM files are opened', async () => {
    const { ports, volume } = await open();
    const { dicom: _, ...plain } = volume;
    const { id } = await ports.library.add({ name: 'nifti', volume: plain, structures: [] });
    await ports.library.saveLabels(id, labelsOn(plain));
    expect((await ports.library.entry(id)).dicom).toBe(false);
    await expect(encodedFile(ports, { id, file: 'labels.dcm' })).rejects.toMatchObject({
      code: 'library/not-from-dicom',
    });
    expect(await ports.library.add({ name: 'again', volume, structures: [] })).toMatchObject({ id, isNew: false });
    expect((await ports.library.entry(id)).dicom).toBe(true);
    expect((await encodedFile(ports, { id, file: 'labels.dcm' })).bytes.length).toBeGreaterThan(1000);
  });

  it('of images joined as channels refer to the first', async () => {
    const { ports, volume } = await open();
    const { id } = await ports.library.add({ name: 'one', volume, structures: [] });
    const kept = await ports.scans.readVolume(ports.library.pathOf(id, 'image'));
    const { dicom: _, ...plain } = kept;
    expect(kept.dicom?.images).toHaveLength(3);
    expect(stackVolumes([kept, plain]).dicom).toEqual(kept.dicom);
    expect(stackVolumes([plain, kept]).dicom).toBeUndefined();
  });
});

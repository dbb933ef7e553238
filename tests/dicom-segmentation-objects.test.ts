import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../main/imaging/decode-image.ts';
import { parseFile } from '../main/imaging/dicom/parse-file.ts';
import { readSegmentation } from '../main/imaging/dicom/read-segmentation.ts';
import { extendLabels } from '../main/imaging/geometry/extend-labels.ts';
import { sameGrid } from '../main/imaging/geometry/grids.ts';
import { readCase } from '../main/jobs/labelled-cases.ts';
import { openPorts } from '../main/storage/open-ports.ts';
import { sharedData } from './peers.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = sharedData === undefined ? '' : join(sharedData, 'dicom', 'dcmqi_seg');
const bytesOf = (file: string) => new Uint8Array(readFileSync(join(folder, file)));

const root = temporaryFolder();
/** A segmentation object, the label image that dcmqi made of it, and the value by which that image marks absent slices. */
const pairs = [
  ['liver.dcm', 'liver_seg.nrrd', 0],
  ['sparse-labelmap-noppv.dcm', 'sparse_labelmap_noppv_seg.nrrd', 0],
  ['sparse-labelmap-ppv5.dcm', 'sparse_labelmap_ppv5_seg.nrrd', 5],
] as const;

describe.skipIf(!existsSync(folder))('segmentation objects', () => {
  test.each(pairs)('%s has the labels of %s, each at its millimetre', async (object, reference, absent) => {
    const parsed = parseFile(bytesOf(object), object);
    const found = await readSegmentation(parsed, object);
    const wanted = decodeImage(bytesOf(reference), undefined, reference);
    const whole = extendLabels(found, wanted);
    expect(whole, 'lies on the lattice of the reference').toBeDefined();
    expect(
      Array.from(whole!.voxels).filter((label, v) => label !== (wanted.voxels[v] === absent ? 0 : wanted.voxels[v]))
        .length,
    ).toBe(0);
    expect(new Set(wanted.voxels).size).toBeGreaterThan(1);
    expect(Object.keys(whole!.structureNames!).length).toBeGreaterThan(0);
  });

  test('that overlap keep the higher number, and say so', async () => {
    const found = await readSegmentation(
      parseFile(bytesOf('partial_overlaps.dcm'), 'partial_overlaps.dcm'),
      'partial_overlaps.dcm',
    );
    const parts = [1, 2, 3].map((n) => decodeImage(bytesOf(`partial_overlaps-${n}.nrrd`)));
    const whole = extendLabels(found, parts[0]!);
    expect(found.warnings.length).toBe(1);
    const highest = parts[0]!.voxels.slice();
    for (const { voxels } of parts)
      for (let v = 0; v < voxels.length; v++) highest[v] = Math.max(highest[v]!, voxels[v]!);
    expect(Array.from(whole!.voxels).filter((label, v) => label !== highest[v]).length).toBe(0);
  });

  test('beside DICOM images are the labels of a data set, on the grid of the images', async () => {
    cpSync(join(folder, 'ct-3slice'), join(root, 'images', 'liver'), { recursive: true });
    cpSync(join(folder, 'liver.dcm'), join(root, 'labels', 'liver.dcm'));
    const ports = openPorts(join(root, 'home'));
    const { cases } = await ports.scans.readDataset({ images: join(root, 'images'), labels: join(root, 'labels') });
    expect(cases.map(({ name }) => name)).toEqual(['liver']);
    const { channels, labels } = await readCase(ports, cases[0]!);
    expect(sameGrid(channels[0]!, labels)).toBe(true);
    expect(labels.structureNames, 'through the decoding child, and laid on the grid').toEqual({ 1: 'Liver' });
    const wanted = decodeImage(bytesOf('liver_seg.nrrd'), undefined, 'liver_seg.nrrd');
    const liver = (voxels: Iterable<number>) => [...voxels].filter((label) => label === 1).length;
    expect(liver(labels.voxels)).toBe(liver(wanted.voxels));
    expect(liver(labels.voxels)).toBeGreaterThan(1000);
  }, 30_000);
});

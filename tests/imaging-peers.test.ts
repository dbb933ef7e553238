import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeImage } from '../main/imaging/decode-image.ts';
import { encodeNifti } from '../main/imaging/nifti/encode.ts';
import { encodeDetachedNrrd, encodeNrrd } from '../main/imaging/nrrd/encode.ts';
import type { Volume } from '../main/imaging/volume.ts';
import { affineOf, allOrientations, countedVolume, tilted } from './imaging-oracle.ts';
import { hasPeer, python, sharedData } from './peers.ts';

/** What an independent reader found in an image. */
interface Answer {
  readonly path: string;
  readonly pair: string | null;
  readonly reader: 'nibabel' | 'SimpleITK';
  readonly affine: readonly (readonly number[])[];
  readonly shape: readonly number[];
  readonly values: string;
}

const peersAbsent = !hasPeer('nibabel') || !hasPeer('SimpleITK');
const folder = mkdtempSync(join(tmpdir(), 'fewscan-imaging-'));
const ours = new Map<string, Volume>();
let answers: readonly Answer[] = [];

const scans = ['images', 'labels'].flatMap((kind) => {
  const place = sharedData === undefined ? '' : join(sharedData, 'hippocampus', kind);
  return existsSync(place)
    ? readdirSync(place)
        .filter((name) => name.endsWith('.nii.gz'))
        .slice(0, 10)
        .map((name) => join(place, name))
    : [];
});

beforeAll(() => {
  if (peersAbsent) return;
  mkdirSync(join(folder, 'ours'));
  writeOurs();
  const script = fileURLToPath(new URL('imaging_peers.py', import.meta.url));
  const { status, stderr } = spawnSync(python!, [script, folder, ...scans], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  answers = JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, volume: Volume, bytes: Uint8Array): void {
  ours.set(name, volume);
  writeFileSync(join(folder, 'ours', name), bytes);
}

function writeOurs(): void {
  for (const [n, code] of allOrientations.entries()) {
    const affineRasMm = tilted(affineOf(code), n % 3 === 0 ? 0 : n);
    const volume = countedVolume({ size: [5, 4, 3], affineRasMm });
    write(`${code}-3d.nii`, volume, encodeNifti(volume));
    write(`${code}.nrrd`, volume, encodeNrrd(volume, { encoding: (['raw', 'gzip', 'ascii'] as const)[n % 3]! }));
  }
  const grid = { size: [5, 4, 3], affineRasMm: tilted(affineOf('LIA'), 27) } as const;
  for (const type of [
    Uint8Array,
    Int8Array,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
  ]) {
    const volume: Volume = {
      ...countedVolume(grid),
      voxels: new type(Array.from({ length: 60 }, (_, n) => n * 2 + 0.5)),
    };
    write(`${type.name}-3d.nii.gz`, volume, encodeNifti(volume, { gzip: true }));
    write(`${type.name}.nrrd`, volume, encodeNrrd(volume));
  }
  const several = countedVolume(grid, 3);
  write('4d.nii.gz', several, encodeNifti(several, { gzip: true }));
  write('4d.nrrd', several, encodeNrrd(several));
  const sheared: Volume = {
    ...countedVolume(grid),
    affineRasMm: [
      [1, 0.3, 0, 5],
      [0, 1, 0, 6],
      [0, 0, 1, 7],
    ],
  };
  write('sheared.nii', sheared, encodeNifti(sheared));
  const long = countedVolume({ size: [33000, 1, 1], affineRasMm: affineOf('ASL') });
  write('long.nii', long, encodeNifti(long));
  const { header, data } = encodeDetachedNrrd(several, 'detached.raw.gz');
  write('detached.nhdr', several, header);
  writeFileSync(join(folder, 'detached.raw.gz'), data);
  writeFileSync(join(folder, 'ours', 'detached.raw.gz'), data);
}

/** The largest differences of affine (mm) and values between a volume and an answer. */
function differences(
  { affineRasMm, voxels }: Volume,
  answer: Answer,
): { readonly affineMm: number; readonly value: number } {
  const bytes = readFileSync(answer.values);
  const expected = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  expect(voxels.length, answer.path).toBe(expected.length);
  let value = 0;
  for (let n = 0; n < expected.length; n++) value = Math.max(value, Math.abs(voxels[n]! - expected[n]!));
  const affineMm = affineRasMm.flatMap((row, x) =>
    row.map((entry, axis) => Math.abs(entry - answer.affine[x]![axis]!)),
  );
  return { affineMm: Math.max(...affineMm), value };
}

function compare(volume: Volume, answer: Answer): void {
  const sides = [...volume.size, ...(volume.components > 1 ? [volume.components] : [])];
  expect(sides, answer.path).toEqual(answer.shape);
  const { affineMm, value } = differences(volume, answer);
  expect(affineMm, `affine of ${answer.path}`).toBeLessThan(1e-5);
  expect(value, `values of ${answer.path}`).toBeLessThan(1e-5);
}

describe.skipIf(peersAbsent)('nibabel and SimpleITK', () => {
  test('read what we write', () => {
    const found = answers.filter(({ path }) => path.startsWith(join(folder, 'ours')));
    expect(found.length).toBe(48 * 3 + 8 * 3 + 5);
    for (const answer of found) compare(ours.get(basename(answer.path))!, answer);
  });

  test('write what we read: every type, byte order, version, pair, slope, qform, unit, NRRD of every type', () => {
    const found = answers.filter(({ path }) => path.startsWith(join(folder, 'theirs')));
    expect(found.length).toBe(2 * 2 * 12 + 2 + 12 + 3 + 20 + 1 + 2 + 1);
    for (const answer of found) compare(read(answer), answer);
  });
});

const read = ({ path, pair }: Answer): Volume =>
  decodeImage(readFileSync(path), pair === null ? undefined : readFileSync(pair), basename(path));

test.skipIf(peersAbsent || scans.length === 0)('real scans and labels read as nibabel reads them', () => {
  const found = answers.filter(({ path }) => scans.includes(path));
  expect(found.length).toBe(scans.length);
  for (const answer of found) {
    const volume = read(answer);
    compare(volume, answer);
    expect(volume.warnings).toEqual([]);
  }
});

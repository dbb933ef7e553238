import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AppError } from '../contract/errors/app-error.ts';
import { decodeFrame } from '../main/imaging/dicom/decode-frame.ts';
import { parseFile } from '../main/imaging/dicom/parse-file.ts';
import { isGrey, pixelFormatOf } from '../main/imaging/dicom/pixel-format.ts';
import { storedValues } from '../main/imaging/dicom/stored-values.ts';
import { sharedData } from './peers.ts';

/** One file's line of `oracle.json`: hashes of its stored pixels by pydicom with GDCM, and by DCMTK. */
interface Line {
  readonly sha256?: string;
  readonly dcmtk_sha256?: string;
  readonly pi?: string;
  readonly error?: string;
}

const folder = sharedData === undefined ? '' : join(sharedData, 'dicom');
const oraclePath = join(folder, 'oracle.json');
const oracle: Readonly<Record<string, Line>> = existsSync(oraclePath)
  ? JSON.parse(readFileSync(oraclePath, 'utf8'))
  : {};
const covered = Object.entries(oracle).filter(([, { sha256, dcmtk_sha256 }]) => sha256 ?? dcmtk_sha256);

/** What we know to differ, and why. */
const known: Readonly<Record<string, string>> = {
  'pydicom_test_files/JPEG2000-embedded-sequence-delimiter.dcm':
    'four bytes of its J2K header were overwritten on purpose: it asks for 14 million tiles; GDCM gives noise',
  'pydicom_test_files/SC_rgb_small_odd_big_endian.dcm':
    'an odd number of bytes in big-endian words: the oracle keeps the padding and drops a byte, we have the pixels of its little-endian twin',
};

async function hashesOf(
  file: string,
): Promise<{ readonly raw: string; readonly masked: string; readonly grey: boolean }> {
  const parsed = parseFile(new Uint8Array(readFileSync(join(folder, file))), file);
  const format = pixelFormatOf(parsed.attributes, file);
  if (!format) throw new AppError('dicom/no-pixels', { kind: 'a header' });
  const [raw, masked] = [createHash('sha256'), createHash('sha256')];
  for (let n = 0; n < format.frames; n++) {
    const samples = await decodeFrame(parsed, format, n, file);
    for (const [hash, { buffer, byteOffset, byteLength }] of [
      [raw, samples],
      [masked, storedValues(samples, format)],
    ] as const)
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return { raw: raw.digest('hex'), masked: masked.digest('hex'), grey: isGrey(format) };
}

describe.skipIf(covered.length === 0)('the conformance files', () => {
  test('have the pixels of the oracle: every grey file, and every colour file that is no JPEG of YCbCr', async () => {
    const wrong: string[] = [];
    let same = 0;
    for (const [file, { sha256, dcmtk_sha256, pi }] of covered) {
      if (known[file]) continue;
      const { raw, masked } = await hashesOf(file);
      if ([raw, masked].some((hash) => hash === sha256 || hash === dcmtk_sha256)) same++;
      // JPEG of YCbCr: our codec turns it into RGB, the oracle keeps it; tests/dicom-pictures.test.ts looks at the colours
      else if (!pi?.startsWith('YBR')) wrong.push(file);
    }
    expect(wrong).toEqual([]);
    expect(same).toBeGreaterThanOrEqual(300);
  }, 60_000);

  test('have the same pixels in words of either byte order, and a damaged image is refused', async () => {
    const odd = 'pydicom_test_files/SC_rgb_small_odd';
    expect((await hashesOf(`${odd}_big_endian.dcm`)).raw).toBe(oracle[`${odd}.dcm`]!.sha256);
    const damaged = hashesOf('pydicom_test_files/JPEG2000-embedded-sequence-delimiter.dcm');
    await expect(damaged).rejects.toMatchObject({ code: 'dicom/codec' });
  });

  test('that our readers could not decode either decode, or give a named error', async () => {
    const others = Object.keys(oracle).filter((file) => !covered.some(([name]) => name === file) || known[file]);
    for (const file of others) {
      const outcome = await hashesOf(file).catch((cause: unknown) => cause);
      if (outcome instanceof Error) expect(outcome, file).toBeInstanceOf(AppError);
    }
    expect(others.length).toBeGreaterThan(50);
  }, 60_000);
});

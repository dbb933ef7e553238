import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../contract/errors/app-error.ts';
import type { Wheel } from './manifest.ts';

/** Throws `native/wheel-damaged` unless the file at `path` is the pinned wheel, to the byte. */
export async function verifyWheel(path: string, { file, byteLength, sha256 }: Wheel): Promise<void> {
  const { size } = await stat(path);
  if (size !== byteLength) {
    throw new AppError('native/wheel-damaged', { path, file, reason: `${size} bytes instead of ${byteLength}` });
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  const found = hash.digest('hex');
  if (found !== sha256) {
    throw new AppError('native/wheel-damaged', { path, file, reason: `SHA-256 ${found} instead of ${sha256}` });
  }
}

import { AppError } from '../../../contract/errors/app-error.ts';
import type { NamedArrays } from '../../numerics/models/named-arrays.ts';
import { sha256 } from '../files/sha256.ts';
import { parseObject } from '../records/versioned-record.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

/** Arrays and JSON data that belong together, in one file that tells whether it is whole. */
export interface SealedArrays {
  readonly arrays: NamedArrays;
  readonly data: Readonly<Record<string, unknown>>;
}

const currentVersion = 1;

/** A safetensors file whose metadata hold `data` and a SHA-256 over data, names, shapes and values. */
export function encodeSealed({ arrays, data }: SealedArrays): Uint8Array {
  const text = JSON.stringify(data);
  return encodeSafetensors(arrays, {
    metadata: { version: String(currentVersion), data: text, sha256: sealOf(arrays, text) },
  });
}

/** @throws AppError `storage/corrupted`, `storage/newer-version` naming `file` */
export function decodeSealed(bytes: Uint8Array, file: string): SealedArrays {
  const { arrays, metadata } = decodeSafetensors(bytes, file);
  const { version, data, sha256: seal } = metadata;
  const found = Number(version);
  if (found > currentVersion) throw new AppError('storage/newer-version', { file, found, known: currentVersion });
  if (found !== currentVersion || data === undefined || seal !== sealOf(arrays, data)) {
    throw new AppError('storage/corrupted', { file, reason: 'its content does not match its SHA-256' });
  }
  return { arrays, data: parseObject(new TextEncoder().encode(data), file) };
}

const sealOf = (arrays: NamedArrays, text: string): string => sha256(text, encodeSafetensors(arrays));

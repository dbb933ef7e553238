import { AppError } from './errors/app-error.ts';

/** A model by name, and by version where one is meant rather than the current one. */
export interface ModelReference {
  readonly name: string;
  readonly modelVersion: number | undefined;
}

/** What models and priors may be called: no path can be made of it, on any system. */
const allowed = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?$/;
/** Names that Windows keeps for devices, with any extension. */
const devices = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** The name as it is. @throws AppError `storage/name` where it could not be a folder's name everywhere */
export function checkName(name: string): string {
  if (!allowed.test(name) || devices.test(name)) throw new AppError('storage/name', { name });
  return name;
}

/** Reads `NAME` or `NAME@VERSION`. @throws AppError `storage/name` */
export function parseModelReference(text: string): ModelReference {
  const [, name, version] = /^(.*?)(?:@([1-9]\d{0,8}))?$/s.exec(text)!; // matches any text
  return { name: checkName(name!), modelVersion: version === undefined ? undefined : Number(version) };
}

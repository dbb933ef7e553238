/** JSON with sorted keys and without spaces: equal data give equal text. NaN and infinities are kept apart as strings. */
export const canonicalJson = (data: unknown): string => JSON.stringify(data, canonicalValue);

function canonicalValue(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

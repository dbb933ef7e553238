const nameBytes = 64;
const itemMarks = [77, 205];

/**
 * Numbers of one entry of a Siemens CSA header (version 2, `SV10`): a count of entries, each with its name, type and items.
 * [] where the header is another one, damaged, or has no such entry.
 */
export function csaNumbers(bytes: Uint8Array, name: string): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (at: number, length: number): string =>
    String.fromCharCode(...bytes.subarray(at, Math.min(at + length, bytes.length))).split('\0')[0]!;
  if (text(0, 4) !== 'SV10' || bytes.length < 16) return [];
  const entries = view.getUint32(8, true);
  let at = 16;
  for (let entry = 0; entry < Math.min(entries, 512); entry++) {
    if (at + 84 > bytes.length) return [];
    const found = text(at, nameBytes) === name;
    const items = view.getInt32(at + nameBytes + 12, true);
    const mark = view.getInt32(at + nameBytes + 16, true);
    if (!itemMarks.includes(mark) || items < 0 || items > 1024) return [];
    at += 84;
    const values: number[] = [];
    for (let item = 0; item < items; item++) {
      if (at + 16 > bytes.length) return [];
      const length = view.getInt32(at, true);
      if (length < 0 || at + 16 + length > bytes.length) return [];
      const value = text(at + 16, length).trim();
      if (value !== '') values.push(Number(value));
      at += 16 + 4 * Math.ceil(length / 4);
    }
    if (found) return values.every(Number.isFinite) ? values : [];
  }
  return [];
}

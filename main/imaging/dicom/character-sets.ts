/** Text encodings by Specific Character Set (PS3.3 C.12.1.1.2), without and with code extensions. */
const encodings: Readonly<Record<string, string>> = {
  'ISO_IR 100': 'iso-8859-1',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'iso-8859-9',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
};

/** Escape sequences of ISO 2022 and the encoding of the bytes after them. */
const escapes: readonly (readonly [readonly number[], string])[] = [
  [[0x28, 0x42], 'iso-8859-1'],
  [[0x28, 0x4a], 'shift_jis'],
  [[0x29, 0x49], 'shift_jis'],
  [[0x2d, 0x41], 'iso-8859-1'],
  [[0x2d, 0x42], 'iso-8859-2'],
  [[0x2d, 0x43], 'iso-8859-3'],
  [[0x2d, 0x44], 'iso-8859-4'],
  [[0x2d, 0x4c], 'iso-8859-5'],
  [[0x2d, 0x47], 'iso-8859-6'],
  [[0x2d, 0x46], 'iso-8859-7'],
  [[0x2d, 0x48], 'iso-8859-8'],
  [[0x2d, 0x4d], 'iso-8859-9'],
  [[0x2d, 0x54], 'windows-874'],
  [[0x24, 0x42], 'iso-2022-jp'],
  [[0x24, 0x28, 0x44], 'jis-x-0212'],
  [[0x24, 0x29, 0x43], 'euc-kr'],
  [[0x24, 0x29, 0x41], 'gbk'],
];
const escapeByte = 0x1b;

/**
 * Text of bytes under the values of Specific Character Set. An unknown set is read as ISO 8859-1, which loses no byte.
 * `\` is the separator of values and never part of one: callers split after decoding.
 */
export function decodeText(bytes: Uint8Array, characterSets: readonly string[]): string {
  const [first = ''] = characterSets;
  const initial = encodings[first.replace('ISO 2022 IR', 'ISO_IR')] ?? 'iso-8859-1';
  if (!bytes.includes(escapeByte)) return decode(bytes, initial);
  let [text, encoding, start] = ['', initial, 0];
  for (let at = bytes.indexOf(escapeByte); at !== -1; at = bytes.indexOf(escapeByte, start)) {
    text += decode(bytes.subarray(start, at), encoding);
    const found = escapes.find(([sequence]) => sequence.every((byte, n) => bytes[at + 1 + n] === byte));
    encoding = found?.[1] ?? initial;
    start = at + 1 + (found?.[0].length ?? 0);
  }
  return text + decode(bytes.subarray(start), encoding);
}

function decode(bytes: Uint8Array, encoding: string): string {
  if (bytes.length === 0) return '';
  if (encoding === 'iso-2022-jp')
    return new TextDecoder(encoding).decode(Uint8Array.of(escapeByte, 0x24, 0x42, ...bytes)); // the decoder wants the escapeByte
  if (encoding === 'jis-x-0212') return new TextDecoder('euc-jp').decode(inEucJp(bytes));
  return new TextDecoder(encoding).decode(bytes);
}

/** Two bytes of JIS X 0212 are three of EUC-JP. */
function inEucJp(bytes: Uint8Array): Uint8Array {
  const result: number[] = [];
  for (let n = 0; n + 1 < bytes.length; n += 2) result.push(0x8f, bytes[n]! | 0x80, bytes[n + 1]! | 0x80);
  return Uint8Array.from(result);
}

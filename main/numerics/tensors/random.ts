/**
 * A point in a tree of independent random streams. Derive one key per purpose and never draw twice from the same key:
 * a result then depends on (seed, path) alone, not on call order, process or back end.
 */
export interface RandomKey {
  readonly state: readonly [number, number];
}

export const rootKey = (seed: number): RandomKey => ({ state: [mix(seed), mix(seed ^ 0x6a09e667)] });

/** `derive(key, 'dropout', pass, layer)` names a stream: same path, same numbers. */
export function derive(key: RandomKey, ...path: readonly (string | number)[]): RandomKey {
  let [a, b] = key.state;
  for (const code of path.flatMap(codes)) {
    a = mix(a ^ code);
    b = mix((b + a) ^ Math.imul(code, 0x9e3779b1));
  }
  return { state: [a, b] };
}

/** The key as two int32, the form that TensorFlow's stateless random ops take. */
export const seedPair = ({ state: [a, b] }: RandomKey): readonly [number, number] => [a | 0, b | 0];

/** `count` uniforms in [0, 1). */
export function uniforms(key: RandomKey, count: number): Float64Array {
  const [a, b] = key.state;
  const values = new Float64Array(count);
  for (let n = 0; n < count; n++) values[n] = mix(a ^ mix(b + n)) / 2 ** 32;
  return values;
}

/** `count` standard normals, by the transform of Box and Muller. */
export function normals(key: RandomKey, count: number): Float64Array {
  const pairs = Math.ceil(count / 2);
  const u = uniforms(key, 2 * pairs);
  const values = new Float64Array(2 * pairs);
  for (let n = 0; n < pairs; n++) {
    const radius = Math.sqrt(-2 * Math.log(1 - u[2 * n]!));
    const angle = 2 * Math.PI * u[2 * n + 1]!;
    values[2 * n] = radius * Math.cos(angle);
    values[2 * n + 1] = radius * Math.sin(angle);
  }
  return values.subarray(0, count);
}

/** The numbers 0 to count - 1 in random order (Fisher and Yates). */
export function shuffled(key: RandomKey, count: number): number[] {
  const order = Array.from({ length: count }, (_, n) => n);
  const u = uniforms(key, count);
  for (let n = count - 1; n > 0; n--) {
    const other = Math.floor(u[n]! * (n + 1));
    [order[n], order[other]] = [order[other]!, order[n]!];
  }
  return order;
}

/** Text and numbers get different prefixes, so that 1 and '1' name different streams. */
const codes = (part: string | number): number[] =>
  typeof part === 'number' ? [0, part | 0] : [1, ...Array.from(part, (c) => c.codePointAt(0)!), part.length];

/** Bijective 32-bit finaliser (lowbias32): every input bit reaches every output bit. */
function mix(value: number): number {
  let x = (value + 0x9e3779b9) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** One weight array; `data` is in C order (last axis fastest). */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Weights as plain data, by name: what storage writes as safetensors and what crosses between jobs. */
export type NamedArrays = Readonly<Record<string, NamedArray>>;

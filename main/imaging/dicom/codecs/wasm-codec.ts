/** One decoded image: samples as bytes (interleaved, little endian), and what the image's own header says. */
export interface DecodedImage {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly components: number;
}

/** Decodes one compressed image. @throws Error with the codec's reason */
export type DecodeImage = (encoded: Uint8Array) => Promise<DecodedImage>;

/**
 * A WebAssembly decoder, loaded when first needed. An image that it could not decode may have left its memory in disorder
 * (later images then hang), so the next one gets a fresh module. Emscripten throws numbers that only the module can explain.
 */
export function wasmDecoder<Name extends string>(
  load: () => Promise<{ readonly default: CodecFactory<Name> }>,
  name: Name,
): DecodeImage {
  let loading: ReturnType<CodecFactory<Name>> | undefined;
  return async (encoded) => {
    loading ??= load().then(({ default: factory }) => factory({ print() {}, printErr() {} }));
    const module = await loading;
    try {
      const decoder = new module[name]();
      const image = decode(decoder, encoded);
      decoder.delete();
      return image;
    } catch (cause) {
      loading = undefined;
      const told = typeof cause === 'number' ? module.getExceptionMessage?.(cause) : cause;
      throw new Error(told instanceof Error ? told.message : String(told ?? 'the compressed image is damaged'), {
        cause,
      });
    }
  };
}

function decode(decoder: WasmDecoder, encoded: Uint8Array): DecodedImage {
  decoder.getEncodedBuffer(encoded.length).set(encoded);
  decoder.decode();
  const { width, height, bitsPerSample, componentCount } = decoder.getFrameInfo();
  const bytes = decoder.getDecodedBuffer().slice(); // out of the module's memory
  return { bytes, width, height, bitsPerSample, components: componentCount };
}

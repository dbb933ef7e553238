/** How pixels are stored. */
export type PixelCoding = 'native' | 'rle' | 'jpeg' | 'jpeg-lossless' | 'jpeg-ls' | 'jpeg-2000' | 'htj2k';

export interface TransferSyntax {
  readonly name: string;
  readonly coding: PixelCoding;
  readonly littleEndian: boolean;
}

const native = (name: string, littleEndian = true): TransferSyntax => ({ name, coding: 'native', littleEndian });
const coded = (name: string, coding: PixelCoding): TransferSyntax => ({ name, coding, littleEndian: true });

/** The transfer syntaxes that we read, by UID (PS3.5 section 10, PS3.6 annex A). */
const transferSyntaxes: Readonly<Record<string, TransferSyntax>> = {
  '1.2.840.10008.1.2': native('implicit little endian'),
  '1.2.840.10008.1.2.1': native('explicit little endian'),
  '1.2.840.10008.1.2.1.98': native('encapsulated uncompressed explicit little endian'),
  '1.2.840.10008.1.2.1.99': native('deflated explicit little endian'),
  '1.2.840.10008.1.2.2': native('explicit big endian', false),
  '1.2.840.113619.5.2': native('GE implicit, big-endian pixels', false),
  '1.2.840.10008.1.2.4.50': coded('JPEG baseline', 'jpeg'),
  '1.2.840.10008.1.2.4.51': coded('JPEG extended', 'jpeg'),
  '1.2.840.10008.1.2.4.53': coded('JPEG spectral selection', 'jpeg'),
  '1.2.840.10008.1.2.4.55': coded('JPEG full progression', 'jpeg'),
  '1.2.840.10008.1.2.4.57': coded('JPEG lossless', 'jpeg-lossless'),
  '1.2.840.10008.1.2.4.70': coded('JPEG lossless, first-order', 'jpeg-lossless'),
  '1.2.840.10008.1.2.4.80': coded('JPEG-LS lossless', 'jpeg-ls'),
  '1.2.840.10008.1.2.4.81': coded('JPEG-LS near-lossless', 'jpeg-ls'),
  '1.2.840.10008.1.2.4.90': coded('JPEG 2000 lossless', 'jpeg-2000'),
  '1.2.840.10008.1.2.4.91': coded('JPEG 2000', 'jpeg-2000'),
  '1.2.840.10008.1.2.4.201': coded('HTJ2K lossless', 'htj2k'),
  '1.2.840.10008.1.2.4.202': coded('HTJ2K lossless RPCL', 'htj2k'),
  '1.2.840.10008.1.2.4.203': coded('HTJ2K', 'htj2k'),
  '1.2.840.10008.1.2.5': coded('RLE', 'rle'),
};

export const implicitLittleEndian = '1.2.840.10008.1.2';
export const explicitLittleEndian = '1.2.840.10008.1.2.1';
export const encapsulatedUncompressed = '1.2.840.10008.1.2.1.98';
export const deflatedLittleEndian = '1.2.840.10008.1.2.1.99';
export const explicitBigEndian = '1.2.840.10008.1.2.2';

/** undefined for a syntax that we cannot read. */
export const transferSyntaxOf = (uid: string): TransferSyntax | undefined => transferSyntaxes[uid];

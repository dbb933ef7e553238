import { type Catalogue, catalogue } from './catalogue.ts';

/** Every code of the catalogue, e.g. `nifti/truncated`. */
export type ErrorCode = keyof Catalogue;
/** The details that the sentence of `Code` is made from. */
export type ErrorDetails<Code extends ErrorCode> = Parameters<Catalogue[Code]>[0];
/** What crosses a process border: no stack, no patient text. */
export interface WireError {
  readonly code: ErrorCode;
  readonly details: unknown;
}

/** A failure that the user can mend (or asked for, `job/cancelled`). Anything else that is thrown is a bug. */
export class AppError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'AppError';
  readonly code: Code;
  readonly details: ErrorDetails<Code>;

  constructor(code: Code, details: ErrorDetails<Code>, options?: ErrorOptions) {
    super((catalogue[code] as (details: ErrorDetails<Code>) => string)(details), options); // paired by Code
    this.code = code;
    this.details = details;
  }

  toWire(): WireError {
    return { code: this.code, details: this.details };
  }

  static fromWire({ code, details }: WireError): AppError {
    return new AppError(code, details as never); // the other side built them from the same catalogue
  }
}

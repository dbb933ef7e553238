import { z } from 'zod';
import { AppError, type WireError } from '../errors/app-error.ts';
import { type CallInput, type CallName, type CallOutput, type CallRequest, calls } from './calls.ts';

/** An answer as it crosses the process border. */
export type Answer =
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly error: WireError }
  | { readonly ok: false; readonly bug: string };

export type Handlers = { readonly [Name in CallName]: (input: CallRequest<Name>) => Promise<CallOutput<Name>> };

/** Makes handlers answer untrusted calls: unknown names and malformed input are refused before any handler runs. */
export function serve(handlers: Handlers): (name: string, input: unknown) => Promise<Answer> {
  return async (name, input) => {
    if (!isCall(name)) return { ok: false, bug: `There is no call "${name.slice(0, 60)}".` };
    const parsed = calls[name].input.safeParse(input);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!; // a failed parse has at least one
      return { ok: false, bug: `${name}: ${issue.path.join('.') || 'input'}: ${issue.message}` };
    }
    try {
      const handler = handlers[name] as (input: unknown) => Promise<unknown>; // parsed by the schema of the same name
      return { ok: true, output: calls[name].output.parse(await handler(parsed.data)) };
    } catch (error) {
      if (error instanceof AppError) return { ok: false, error: error.toWire() };
      return { ok: false, bug: error instanceof Error ? error.message : String(error) };
    }
  };
}

/** The other side: typed calls over any way of sending. @throws AppError of the handler; Error for a bug */
export function connect(send: (name: string, input: unknown) => Promise<unknown>) {
  return async <Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>> => {
    const answer = answerSchema.parse(await send(name, input));
    if (answer.ok) return calls[name].output.parse(answer.output) as CallOutput<Name>; // the schema of this name
    if ('error' in answer) throw AppError.fromWire(answer.error as WireError); // its code was made by the same catalogue
    throw new Error(answer.bug);
  };
}

const answerSchema = z.union([
  z.object({ ok: z.literal(true), output: z.unknown() }),
  z.object({ ok: z.literal(false), error: z.object({ code: z.string(), details: z.unknown() }) }),
  z.object({ ok: z.literal(false), bug: z.string() }),
]);

const isCall = (name: string): name is CallName => Object.hasOwn(calls, name);

import type { CallInput, CallName, CallOutput } from '../contract/app/calls.ts';
import type { JobState } from '../contract/app/job-state.ts';

/** A started app as its window sees it, without a window. */
export interface AppCaller {
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>>;
  get(path: string): Promise<Response>;
  /** Voxels, as an encoded message. @throws Error where they are refused */
  put(path: string, body: Uint8Array): Promise<void>;
  /** Waits until a job has ended. @throws Error where it did not end well */
  done(job: JobState): Promise<JobState>;
}

/** @param address the first address, which works once */
export async function callApp(address: string): Promise<AppCaller> {
  const entered = await fetch(address, { redirect: 'manual' });
  const cookie = entered.headers.get('set-cookie')!.split(';')[0]!; // the first address sets it
  const at = (path: string) => new URL(path, address);
  const call: AppCaller['call'] = async (name, input) => {
    const reply = await fetch(at(`/call/${name}`), {
      method: 'POST',
      body: JSON.stringify(input),
      headers: { cookie },
    });
    const answer = (await reply.json()) as { readonly ok: boolean; readonly output: never };
    if (!answer.ok) throw new Error(JSON.stringify(answer));
    return answer.output;
  };
  return {
    call,
    get: (path) => fetch(at(path), { headers: { cookie } }),
    async put(path, body) {
      const reply = await fetch(at(path), { method: 'PUT', body, headers: { cookie } });
      if (!reply.ok) throw new Error(await reply.text());
    },
    async done({ id }) {
      for (;;) {
        const job = (await call('jobs/list', {})).find((one) => one.id === id)!; // it was started
        if (job.status === 'done') return job;
        if (!['waiting', 'running'].includes(job.status)) throw new Error(`${job.title}: ${job.status}, ${job.error}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}

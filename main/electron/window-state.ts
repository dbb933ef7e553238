import { join } from 'node:path';
import { z } from 'zod';
import { readFileIfThere } from '../storage/files/read-file.ts';
import { writeFileAtomically } from '../storage/files/write-file.ts';

const size = { width: z.number().min(600), height: z.number().min(400), isMaximized: z.boolean() };
const stateSchema = z.object({ x: z.number(), y: z.number(), ...size });
/** Without a place the system chooses one. */
export type WindowState = z.infer<typeof stateSchema> | z.infer<z.ZodObject<typeof size>>;

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const firstState: WindowState = { width: 1440, height: 900, isMaximized: false };
const fileOf = (home: string): string => join(home, 'window.json');

/** Where the window was; the first place where that is unknown, or is on no screen any more. */
export async function readWindowState(home: string, screens: readonly Area[]): Promise<WindowState> {
  const bytes = await readFileIfThere(fileOf(home));
  if (!bytes) return firstState;
  try {
    const state = stateSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    const isSeen = screens.some((area) => holds(area, state.x, state.y));
    return isSeen ? state : { width: state.width, height: state.height, isMaximized: state.isMaximized };
  } catch {
    return firstState;
  }
}

export const saveWindowState = (home: string, state: WindowState): Promise<void> =>
  writeFileAtomically(fileOf(home), JSON.stringify(state));

const holds = ({ x, y, width, height }: Area, left: number, top: number): boolean =>
  left >= x - 50 && left < x + width - 100 && top >= y - 10 && top < y + height - 100;

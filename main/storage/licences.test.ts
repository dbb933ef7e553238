import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { packageLicenceSchema } from '../../contract/app/package-licence.ts';
import { listLicences } from './licences.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
interface Locked {
  readonly version: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
}

describe('the licences of what the program contains', () => {
  it('are those of every package that is installed with it', async () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, Locked>>;
    };
    const installed = Object.entries(lock.packages).flatMap(([path, { version, dev, devOptional, optional }]) => {
      const isOurs = path !== '' && !dev && !devOptional && (!optional || existsSync(join(root, path)));
      return isOurs ? [`${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)} ${version}`] : [];
    });
    expect(installed.length).toBeGreaterThan(40);
    const listed = await listLicences(root);
    const names = listed.map(({ name, version }) => `${name} ${version}`);
    expect(names).toEqual(expect.arrayContaining(installed));
    expect(new Set(names).size).toBe(names.length);
    expect(listed.filter(({ licence }) => /GPL/.test(licence) && !/ OR /.test(licence))).toEqual([]);
    expect(listed.find(({ name }) => name === 'zod')?.text).toContain('Permission is hereby granted');
  });

  it.skipIf(!existsSync(join(root, 'dist/renderer/licences.json')))(
    'are those of what the window took in (skipped where the renderer is not built)',
    async () => {
      const listed = await listLicences(root);
      for (const one of listed) expect(packageLicenceSchema.parse(one)).toEqual(one);
      const names = listed.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['@cornerstonejs/core', '@kitware/vtk.js', 'svelte']));
    },
  );
});

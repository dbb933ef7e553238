import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../tests/temporary-folder.ts';
import { keepAwake } from './keep-awake.ts';
import { menuTemplate } from './menu.ts';
import { isOurs, isOwnPage, scansAmong, schemePrivileges, windowRights } from './own-pages.ts';
import { readWindowState, saveWindowState } from './window-state.ts';

const screen = { x: 0, y: 0, width: 1920, height: 1080 };

describe('the desktop shell', () => {
  it('knows its own pages, and takes no other for one', () => {
    expect(isOwnPage('fewscan://app/index.html')).toBe(true);
    for (const other of [
      'https://app/index.html',
      'fewscan://apps/',
      'fewscan://evil@other/',
      'file:///etc/passwd',
      'javascript:1',
      'no address',
    ])
      expect(isOwnPage(other), other).toBe(false);
  });

  it('gives a window nothing of Node, and lets it ask for nothing from elsewhere', () => {
    expect(windowRights).toMatchObject({ sandbox: true, contextIsolation: true, webSecurity: true });
    for (const right of [
      'nodeIntegration',
      'nodeIntegrationInSubFrames',
      'nodeIntegrationInWorker',
      'webviewTag',
    ] as const)
      expect(windowRights[right], right).toBe(false);
    expect(schemePrivileges).not.toHaveProperty('bypassCSP');
    for (const ours of ['fewscan://app/assets/a.js', 'blob:fewscan://app/1', 'data:image/png;base64,AA'])
      expect(isOurs(ours), ours).toBe(true);
    for (const other of [
      'https://example.org/',
      'http://127.0.0.1/',
      'ws://example.org',
      'file:///etc/passwd',
      'fewscan://other/',
    ])
      expect(isOurs(other), other).toBe(false);
  });

  it('keeps the machine awake while a job computes, and no longer', () => {
    const asked: string[] = [];
    const awake = keepAwake({ start: () => asked.push('start'), stop: (id) => asked.push(`stop ${id}`) });
    for (const isWorking of [false, true, true, false, false, true]) awake(isWorking);
    expect(asked).toEqual(['start', 'stop 1', 'start']);
  });

  it('finds scans among the arguments of a start', () => {
    expect(scansAmong(['--flag', '/a/head.nii.gz', '/b/IM0001.dcm', '/c/notes.txt', '.'])).toEqual([
      '/a/head.nii.gz',
      '/b/IM0001.dcm',
    ]);
  });

  it('puts the window back where it was, unless that screen is gone or the file damaged', async () => {
    const home = temporaryFolder();
    const first = await readWindowState(home, [screen]);
    expect(first).not.toHaveProperty('x');
    await saveWindowState(home, { x: 2000, y: 10, width: 800, height: 600, isMaximized: true });
    expect(await readWindowState(home, [screen])).toEqual({ width: 800, height: 600, isMaximized: true });
    expect(await readWindowState(home, [screen, { ...screen, x: 1920 }])).toMatchObject({ x: 2000, y: 10 });
    await saveWindowState(home, { width: 1, height: 1, isMaximized: false });
    expect(await readWindowState(home, [screen])).toEqual(first);
  });

  it('has a menu on each platform whose wishes are pages or actions of the window', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      const wishes: string[] = [];
      const click = (items: ReturnType<typeof menuTemplate>): void => {
        for (const { submenu, click } of items) {
          if (Array.isArray(submenu)) click2(submenu);
          (click as (() => void) | undefined)?.();
        }
      };
      const click2 = click;
      click(menuTemplate(platform, (wish) => wishes.push(wish)));
      expect(wishes).toEqual(['open-scans', 'library', 'review', 'adapt', 'models', 'activity']);
    }
  });
});

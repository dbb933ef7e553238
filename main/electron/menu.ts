import type { MenuItemConstructorOptions } from 'electron';

/** The menu of each platform; what the app itself does is told to the window as a wish. */
export function menuTemplate(platform: NodeJS.Platform, wish: (name: string) => void): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const to = (label: string, name: string, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => wish(name),
    ...(accelerator ? { accelerator } : {}),
  });
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: 'File',
      submenu: [
        to('Open scans…', 'open-scans', 'CmdOrCtrl+O'),
        { type: 'separator' },
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { label: 'Edit', submenu: [{ role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' }] },
    {
      label: 'View',
      submenu: [
        to('Library', 'library', 'CmdOrCtrl+1'),
        to('Review', 'review', 'CmdOrCtrl+2'),
        to('Adapt', 'adapt', 'CmdOrCtrl+3'),
        to('Models', 'models', 'CmdOrCtrl+4'),
        to('Activity', 'activity', 'CmdOrCtrl+5'),
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
  ];
}

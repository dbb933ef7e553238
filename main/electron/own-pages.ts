/** The app's own scheme: standard, secure, with fetch and streams; nothing else is ever loaded. */
export const scheme = 'fewscan';
export const startPage = `${scheme}://app/index.html`;

export const schemePrivileges = { standard: true, secure: true, supportFetchAPI: true, stream: true } as const;

/** Whether an address is one of our pages; navigation to any other is denied. */
export function isOwnPage(address: string): boolean {
  try {
    const { protocol, host } = new URL(address);
    return protocol === `${scheme}:` && host === 'app';
  } catch {
    return false;
  }
}

/** What a window may do: nothing of Node, nothing but its own pages. */
export const windowRights = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInSubFrames: false,
  nodeIntegrationInWorker: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  webviewTag: false,
  spellcheck: false, // its dictionaries are fetched
} as const;

/** Addresses that a window may ask for: its own pages, what it makes itself, and the developer tools. */
export const isOurs = (address: string): boolean => isOwnPage(address) || /^(data|blob|devtools):/.test(address);

/** Scans among the arguments of a start: what the system passes for a file association. */
export const scansAmong = (args: readonly string[]): string[] =>
  args.filter((one) => /\.(nii|nii\.gz|nrrd|nhdr|dcm|zip|fewscan-model)$/i.test(one));

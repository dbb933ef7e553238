import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['tests/breathe.ts'],
    include: ['{main,contract,cli,native,renderer,tests}/**/*.test.ts'],
    pool: 'forks',
    poolOptions: { forks: { minForks: 1, maxForks: 2 } },
    testTimeout: 60_000,
    hookTimeout: 120_000, // hooks run peers and build the app, on machines that may be busy
  },
});

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'jsdom',
    include: ['test/**/*.test.ts'],
    restoreMocks: true,
    // These packages hold ES modules without saying so to Node.
    server: { deps: { inline: [/@jupyter/, /@jupyterlab/, /@lumino/, /@microsoft/] } },
    coverage: { include: ['src/**'], exclude: ['src/index.ts'] }
  }
});

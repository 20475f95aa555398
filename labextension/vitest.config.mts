import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [
    {
      name: 'svg-as-text',
      enforce: 'pre',
      load: id =>
        id.endsWith('.svg')
          ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))}`
          : null
    }
  ],
  test: {
    environment: 'jsdom',
    include: ['test/**/*.test.{ts,tsx}'],
    setupFiles: ['test/setup.ts'],
    restoreMocks: true,
    // These packages hold ES modules without saying so to Node.
    server: { deps: { inline: [/@jupyter/, /@jupyterlab/, /@lumino/, /@microsoft/] } },
    coverage: {
      reporter: ['text'],
      reportsDirectory: 'node_modules/.coverage',
      include: ['src/**/*.{ts,tsx}'],
      exclude: ['src/index.ts', 'src/**/*.d.ts']
    }
  }
});

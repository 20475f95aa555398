import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  { ignores: ['lib/', 'node_modules/', 'coverage/'] },
  { plugins: { jupyter } },
  jupyter.configs.recommended,
  { files: ['**/*.{ts,tsx,mts,mjs}'], extends: [js.configs.recommended] },
  {
    files: ['**/*.{ts,tsx,mts}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Lumino binds slots by itself: signal.connect(this._slot, this).
      '@typescript-eslint/unbound-method': 'off',
      // All of it is one chunk of a few kB that the first notebook needs anyway.
      'jupyter/prefer-lazy-imports': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }]
    }
  }
);

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IOutput } from '@jupyterlab/nbformat';
import { expect, it, vi } from 'vitest';

import { canonical, outputsDigest, textDigest } from '../../src/restore/digest';

interface IVector {
  name: string;
  outputs: IOutput[];
  canonical: string;
  sha256: string;
}

// The server's own tests read the same file; Vite can't, for its lone surrogates.
const VECTORS = join(import.meta.dirname, '../../../tests/vectors/outputs_digest.json');
const { vectors } = JSON.parse(readFileSync(VECTORS, 'utf8')) as { vectors: IVector[] };

it('writes and hashes outputs as the server does', async () => {
  expect(vectors.length).toBeGreaterThan(0);
  for (const { name, outputs, canonical: written, sha256 } of vectors) {
    expect(canonical(outputs), name).toBe(written);
    expect(await outputsDigest(outputs), name).toBe(sha256);
  }
});

it('leaves out what has no value', () => {
  expect(canonical({ a: undefined })).toBe('{}');
});

it('hashes as everybody does, also without the browser’s own hashing', async () => {
  const known = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(await textDigest('abc')).toBe(known);
  vi.stubGlobal('crypto', {});
  expect(await textDigest('abc')).toBe(known);
  vi.unstubAllGlobals();
});

it('tells outputs apart', async () => {
  const one = { output_type: 'stream', name: 'stdout', text: '1' };
  expect(await outputsDigest([one])).toBe(await outputsDigest([{ ...one }]));
  expect(await outputsDigest([one])).not.toBe(
    await outputsDigest([{ ...one, text: '2' }])
  );
});

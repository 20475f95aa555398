import { expect, it, vi } from 'vitest';

import { canonical, outputsDigest, textDigest } from '../../src/restore/digest';

it('writes each value in one way only', () => {
  expect(canonical({ b: [1.0, 1e21, true, null], a: 'é\n"' })).toBe(
    '{"a":"é\\n\\"","b":[1,1e+21,true,null]}'
  );
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

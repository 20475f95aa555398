import { expect, it } from 'vitest';

import { saveNotebooks, type ISavable } from '../src/notebooks';

class FakeContext implements ISavable {
  saves = 0;
  isReady = true;
  model = { dirty: true, readOnly: false };
  failure: Error | null = null;

  constructor(readonly path: string) {}

  save(): Promise<void> {
    this.saves += 1;
    if (this.failure) {
      return Promise.reject(this.failure);
    }
    this.model.dirty = false;
    return Promise.resolve();
  }
}

const opened = (...contexts: FakeContext[]) => ({
  forEach: (callback: (panel: { context: ISavable }) => void) => {
    contexts.forEach(context => {
      callback({ context });
    });
  }
});

it('saves each notebook with unsaved changes once, however many views it has', async () => {
  const notebook = new FakeContext('a.ipynb');
  expect(await saveNotebooks(opened(notebook, notebook))).toEqual([]);
  expect(notebook.saves).toBe(1);
});

it('leaves alone what has no changes or is still being opened', async () => {
  const clean = new FakeContext('clean.ipynb');
  clean.model.dirty = false;
  const opening = new FakeContext('opening.ipynb');
  opening.isReady = false;
  expect(await saveNotebooks(opened(clean, opening))).toEqual([]);
  expect(clean.saves + opening.saves).toBe(0);
});

it('names what could not be saved and saves the rest', async () => {
  const readOnly = new FakeContext('locked.ipynb');
  readOnly.model.readOnly = true;
  const failing = new FakeContext('failing.ipynb');
  failing.failure = new Error('No space left on device');
  const good = new FakeContext('good.ipynb');
  expect(await saveNotebooks(opened(readOnly, failing, good))).toEqual([
    'locked.ipynb',
    'failing.ipynb'
  ]);
  expect(good.saves).toBe(1);
});

it('does not believe a save that a dialog has dismissed', async () => {
  const dismissed = new FakeContext('dismissed.ipynb');
  dismissed.save = () => Promise.resolve();
  expect(await saveNotebooks(opened(dismissed))).toEqual(['dismissed.ipynb']);
});

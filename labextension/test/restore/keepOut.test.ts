import { PageConfig } from '@jupyterlab/coreutils';
import { afterEach, expect, it, vi } from 'vitest';

import { isKeptByOthers } from '../../src/restore/keepOut';

const NOTEBOOK = { model: { collaborative: false }, path: 'a.ipynb' };

afterEach(() => {
  vi.restoreAllMocks();
  PageConfig.setOption('federated_extensions', '');
});

it('keeps out of shared documents', () => {
  expect(isKeptByOthers(NOTEBOOK)).toBe(false);
  expect(isKeptByOthers({ ...NOTEBOOK, model: { collaborative: true } })).toBe(true);
  expect(isKeptByOthers({ ...NOTEBOOK, path: 'RTC:a.ipynb' })).toBe(true);
});

it('keeps out where the server keeps outputs by itself', () => {
  const extensions = [{ name: 'some' }, { name: '@datalayer/jupyter-server-nbmodel' }];
  PageConfig.setOption('federated_extensions', JSON.stringify(extensions));
  expect(isKeptByOthers(NOTEBOOK)).toBe(true);
});

it('does its work where that extension is installed and turned off', () => {
  const name = '@datalayer/jupyter-server-nbmodel';
  PageConfig.setOption('federated_extensions', JSON.stringify([{ name }]));
  vi.spyOn(PageConfig.Extension, 'isDisabled').mockImplementation(id => id === name);
  expect(isKeptByOthers(NOTEBOOK)).toBe(false);
});

import { showDialog } from '@jupyterlab/apputils';
import type { CodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';
import { beforeEach, expect, it, vi } from 'vitest';

import { EarlierRuns } from '../../src/restore/earlier';
import { cell, FakeRecord, run, stream } from './fakes';

vi.mock('@jupyterlab/apputils', async original => ({
  ...(await original<object>()),
  showDialog: vi.fn()
}));

let record: FakeRecord;
let shown: CodeCellModel;
let inserted: unknown[];
let told: string[];

beforeEach(() => {
  record = new FakeRecord();
  record.history = [{ ...run(), source: 'print(1)' }];
  record.refusals.set(1, new Error('gone'));
  shown = cell('a', 'print(2)', [stream('old\n')]);
  [inserted, told] = [[], []];
});

/** Choose this in the dialog; return what else could be chosen. */
async function choose(label: string): Promise<string[]> {
  let labels: string[] = [];
  vi.mocked(showDialog).mockImplementation(options => {
    labels = (options?.buttons ?? []).map(button => button.label);
    const button = (options?.buttons ?? []).find(each => each.label === label);
    return Promise.resolve({ button, isChecked: null, value: null } as never);
  });
  const panel = {
    context: { localPath: 'a.ipynb' },
    content: { notebookConfig: { recordTiming: false }, activeCellIndex: 0 },
    model: {
      cells: [shown],
      sharedModel: { insertCell: (_: number, made: unknown) => inserted.push(made) }
    }
  } as unknown as NotebookPanel;
  const notifier = {
    notify: (message: string) => {
      told.push(message);
      return '';
    }
  };
  const trans = nullTranslator.load('');
  await new EarlierRuns(record, () => null, notifier, trans).ofCell(panel, 'a');
  return labels;
}

it('inserts the code of a run whose outputs can’t be had, and says so', async () => {
  await choose('Insert as New Cell');
  expect(inserted).toMatchObject([{ source: 'print(1)', outputs: [] }]);
  expect(told).toEqual([expect.stringContaining('gone')]);
});

it('leaves a cell as it is where outputs can’t be had, and says so', async () => {
  await choose('Restore Outputs');
  expect(shown.outputs.toJSON()).toEqual([stream('old\n')]);
  expect(told).toEqual([expect.stringContaining('gone')]);
});

it('does not restore outputs into a cell that is running', async () => {
  expect(await choose('Close')).toContain('Restore Outputs');
  shown.executionState = 'running';
  expect(await choose('Close')).toEqual(['Close', 'Insert as New Cell', 'Restore Code']);
});

import type { CodeCellModel } from '@jupyterlab/cells';
import { beforeEach, expect, it } from 'vitest';

import { SessionExportError } from '../../src/errors';
import type { IRun } from '../../src/restore/contract';
import { Declined } from '../../src/restore/declined';
import type { IOffer, IOutcome, Mode } from '../../src/restore/offers';
import { Restorer } from '../../src/restore/restorer';
import {
  cell,
  display,
  FakeNotebook,
  FakeRecord,
  idle,
  message,
  printed,
  recorded,
  run,
  stream
} from './fakes';

let record: FakeRecord;
let notebook: FakeNotebook;
let mode: Mode;
let restorer: Restorer;
let offered: IOffer[];
let restored: IOutcome[];
let failed: SessionExportError[];
let withdrawn: string[];
let stored: Record<string, string>;
let one: CodeCellModel;
let other: CodeCellModel;

beforeEach(() => {
  record = new FakeRecord();
  notebook = new FakeNotebook();
  mode = 'ask';
  [offered, restored, failed, withdrawn, stored] = [[], [], [], [], {}];
  one = cell('a', 'print(1)');
  other = cell('b', 'print(2)', [stream('old\n')]);
  notebook.all.push(one, other);
  const storage = {
    getItem: (key: string) => stored[key] ?? null,
    setItem: (key: string, value: string) => {
      stored[key] = value;
    }
  };
  restorer = new Restorer({
    api: record,
    asks: {
      tell: () => undefined,
      over: () => undefined
    },
    declined: new Declined(() => storage, 'declined'),
    mode: () => mode,
    notebook,
    tells: {
      offer: offer => offered.push(offer),
      nothing: changed => offered.push(offerOf([], [], changed)),
      restored: outcome => restored.push(outcome),
      failed: error => failed.push(error),
      withdraw: cellId => withdrawn.push(cellId)
    },
    pause: () => Promise.resolve()
  });
});

const offerOf = (sure: IRun[], unsure: IRun[] = [], changed = 0): IOffer => ({
  sure,
  unsure,
  changed
});
const settled = () => new Promise(resolve => setTimeout(resolve, 10));
const texts = (of: CodeCellModel) => of.outputs.toJSON().map(output => output['text']);

it('offers what the record has and the page has not', async () => {
  const newer = await record.keep(one, recorded({}, [stream('1\n')]));
  await record.keep(
    other,
    recorded({ number: 2, execution_count: null }, [stream('old\n')])
  );
  await restorer.look();
  expect(offered).toEqual([offerOf([newer])]);
  expect(texts(one)).toEqual([]);
});

it('restores as a tab that stayed open would show it', async () => {
  const outputs = [stream('1\n'), display('x')];
  const newer = await record.keep(one, recorded({}, outputs));
  const outcome = await restorer.restore([newer]);
  expect(outcome).toEqual({ restored: [newer], changed: 0, error: null });
  expect(one.outputs.toJSON()).toEqual(outputs);
  expect(one.sharedModel.getOutputs()).toEqual(outputs);
  expect(one.executionCount).toBe(3);
  expect(one.trusted).toBe(true);
  expect(one.getMetadata('execution')).toBeUndefined();
  await restorer.look();
  expect(offered).toEqual([]);
});

it('draws each output once, also in a cell that was not trusted', async () => {
  one.trusted = false;
  const newer = await record.keep(one, recorded({}, [display('x'), display('y')]));
  const changes: string[] = [];
  one.outputs.changed.connect((_, { type }) => changes.push(type));
  await restorer.restore([newer]);
  expect(changes).toEqual(['clear', 'add', 'add']);
});

it('leaves what came since the offer alone', async () => {
  const old = await record.keep(one, recorded({}, [stream('old\n')]));
  await record.keep(one, recorded({ msg_id: 'm2' }, [stream('new\n')]));
  expect((await restorer.restore([old])).restored).toEqual([]);
  expect(texts(one)).toEqual([]);

  const next = await record.keep(one, recorded({}, [stream('1\n')]));
  one.executionCount = 4;
  expect((await restorer.restore([next])).restored).toEqual([]);
  expect(texts(one)).toEqual([]);
});

it('does not touch a cell that is run while the record is asked', async () => {
  const newer = await record.keep(one, recorded({}, [stream('1\n')]));
  const restoring = restorer.restore([newer]);
  restorer.leave('a');
  expect(await restoring).toEqual({ restored: [], changed: 0, error: null });
  expect([texts(one), notebook.letGone]).toEqual([[], []]);
  expect(withdrawn).toEqual(['a']);
});

it('keeps times where the notebook keeps them', async () => {
  notebook.keepsTiming = true;
  const found = recorded({}, [stream('1\n')]);
  await restorer.restore([await record.keep(one, found)]);
  expect(one.getMetadata('execution')).toEqual(found.metadata.execution);
});

it('restores at once where that is wanted, and asks where it is not sure', async () => {
  mode = 'always';
  const sure = await record.keep(one, recorded({}, [stream('1\n')]));
  other.executionCount = 9;
  const unsure = await record.keep(
    other,
    recorded({ number: 2, current_kernel: false }, [stream('2\n')])
  );
  await restorer.look();
  expect(restored.map(({ restored }) => restored)).toEqual([[sure]]);
  expect(offered).toEqual([offerOf([], [unsure])]);
});

it('asks nothing where it is not wanted, except for who asks for it', async () => {
  mode = 'never';
  const newer = await record.keep(one, recorded({}, [stream('1\n')]));
  await restorer.look();
  expect(record.asked).toEqual([]);
  restorer.decline([newer]);
  await restorer.look(true);
  expect(offered).toEqual([offerOf([newer])]);
});

it('leaves a cell alone whose code has changed, and says so', async () => {
  const changed = await record.keep(one, recorded({}, [stream('1\n')]));
  const newer = await record.keep(other, recorded({ number: 2 }, [stream('2\n')]));
  one.sharedModel.setSource('print(3)');
  await restorer.look();
  expect(offered).toEqual([offerOf([newer], [], 1)]);
  const outcome = await restorer.restore([changed, newer]);
  expect(outcome).toMatchObject({ restored: [newer], changed: 1 });
  expect(texts(one)).toEqual([]);
});

it('puts back what was there, and does not offer it again', async () => {
  const newer = await record.keep(other, recorded({}, [stream('2\n')]));
  await restorer.restore([newer]);
  expect(texts(other)).toEqual(['2\n']);
  expect(restorer.canUndo).toBe(true);
  restorer.undo();
  expect(texts(other)).toEqual(['old\n']);
  expect(other.executionCount).toBeNull();
  expect(restorer.canUndo).toBe(false);
  await restorer.look();
  expect(offered).toEqual([]);
});

it('puts back what was there before all of several restorings', async () => {
  await restorer.restore([await record.keep(other, recorded({}, [stream('2\n')]))]);
  await restorer.restore([
    await record.keep(one, recorded({ number: 2 }, [stream('1\n')]))
  ]);
  const again = recorded({ msg_id: 'm2' }, [stream('3\n')]);
  await record.keep(other, again);
  await restorer.show('b', again);
  expect([texts(one), texts(other)]).toEqual([['1\n'], ['3\n']]);
  restorer.undo();
  expect([texts(one), texts(other)]).toEqual([[], ['old\n']]);
});

it('puts back what a run has shown since the first restoring', async () => {
  await restorer.restore([await record.keep(other, recorded({}, [stream('2\n')]))]);
  other.outputs.clear();
  other.outputs.add(stream('mine\n'));
  await restorer.show('b', recorded({}, [stream('3\n')]));
  restorer.undo();
  expect(texts(other)).toEqual(['mine\n']);
});

it('shows an earlier run in place of what a cell waits for', async () => {
  one.executionState = 'running';
  await restorer.show('a', recorded({}, [stream('1\n')]));
  expect(notebook.letGone).toEqual(['a']);
  expect([texts(one), one.executionState]).toEqual([['1\n'], 'idle']);
});

it('goes on with an earlier run that is not over', async () => {
  const going = recorded({ status: 'running' }, [stream('1\n')]);
  await record.keep(one, going);
  await restorer.show('a', going);
  notebook.kernel.say(printed('2\n'));
  expect([texts(one), one.executionState]).toEqual([['1\n2\n'], 'running']);
});

it('does not put back into a cell that shows something else by then', async () => {
  await restorer.restore([await record.keep(other, recorded({}, [stream('2\n')]))]);
  other.outputs.clear();
  restorer.undo();
  expect(texts(other)).toEqual([]);
});

it('follows what goes on, to its end', async () => {
  const kernel = notebook.kernel;
  const going = recorded({ status: 'running', execution_count: null }, [stream('1\n')]);
  await restorer.restore([await record.keep(one, going)]);
  expect(one.executionState).toBe('running');
  kernel.say(printed('2\n'));
  expect(texts(one)).toEqual(['1\n2\n']);
  await record.keep(one, recorded({}, [stream('1\n2\n3\n')]));
  kernel.say(idle());
  await settled();
  expect(texts(one)).toEqual(['1\n2\n3\n']);
  expect([one.executionState, one.executionCount]).toEqual(['idle', 3]);
});

it('stops following a cell that runs again, and what is undone', async () => {
  const kernel = notebook.kernel;
  const going = await record.keep(one, recorded({ status: 'running' }, [stream('1\n')]));
  await restorer.restore([going]);
  restorer.leave('a');
  kernel.say(printed('2\n'));
  expect(texts(one)).toEqual(['1\n']);
  one.executionState = 'idle';
  await restorer.restore([going]);
  restorer.undo();
  kernel.say(printed('2\n'));
  expect(texts(one)).toEqual(['1\n']);
  expect(one.executionState).toBe('idle');
});

it('ends what goes on when its kernel has gone', async () => {
  await restorer.restore([
    await record.keep(one, recorded({ status: 'running' }, [stream('1\n')]))
  ]);
  await record.keep(one, recorded({ status: 'lost' }, [stream('1\n')]));
  restorer.kernelGone();
  await settled();
  expect([one.executionState, one.executionCount]).toEqual(['idle', null]);
});

it('updates what a restored cell displays', async () => {
  const found = recorded({}, [display('old')], { displays: { one: [0] } });
  await restorer.restore([await record.keep(one, found)]);
  const update = {
    data: { 'text/plain': 'new' },
    metadata: {},
    transient: { display_id: 'one' }
  };
  notebook.kernel.say(message('update_display_data', update, 'm9'));
  expect(one.outputs.toJSON()).toEqual([display('new')]);
  restorer.dispose();
  notebook.kernel.say(
    message('update_display_data', { ...update, data: { 'text/plain': 'no' } }, 'm9')
  );
  expect(one.outputs.toJSON()).toEqual([display('new')]);
});

it('looks twice before it ends what the page still waits for', async () => {
  one.executionState = 'running';
  const over = await record.keep(one, recorded({}, [stream('1\n')]));
  await restorer.look();
  expect(record.asked).toEqual(['a.ipynb', 'a.ipynb']);
  expect(offered).toEqual([offerOf([over])]);
  await restorer.restore([over]);
  expect(notebook.letGone).toEqual(['a']);
  expect(one.executionState).toBe('idle');
});

it('is not sure that a cut record has more than what the page waits with', async () => {
  other.executionState = 'running';
  const cut = await record.keep(other, recorded({ truncated: true }, [stream('1\n')]));
  await restorer.look();
  expect(offered).toEqual([offerOf([], [cut])]);
});

it('does not offer again what a person has cleared', async () => {
  await record.keep(one, recorded({}, [stream('1\n')]));
  await restorer.cleared(new Set(['a']));
  await restorer.look();
  expect(offered).toEqual([]);
});

it('tells what goes wrong, and restores the rest', async () => {
  const newer = await record.keep(one, recorded({}, [stream('1\n')]));
  record.error = new Error('gone');
  await restorer.look();
  expect(failed.map(({ message }) => message)).toEqual(['gone']);
  expect((await restorer.restore([newer])).error?.message).toBe('gone');
  expect(texts(one)).toEqual([]);
});

it('looks at all cells, though one has too much output to be compared', async () => {
  const large = recorded({ number: 2, execution_count: null }, [stream('old\n')]);
  await record.keep(other, large);
  large.run = { ...large.run, outputs_digest: null };
  const newer = await record.keep(one, recorded({}, [stream('1\n')]));
  record.refusals.set(2, new SessionExportError('OUTPUT_TOO_LARGE', 'too large'));
  await restorer.look();
  expect(offered).toEqual([offerOf([newer])]);
  expect(failed).toEqual([]);
});

it('asks for a notebook’s cells once, however often it is told to look', async () => {
  await Promise.all([restorer.look(), restorer.look(), restorer.look()]);
  expect(record.asked.length).toBeLessThanOrEqual(2);
});

it('asks nobody for numbers alone, and tells who asks that there is nothing', async () => {
  await record.keep(one, recorded({ outputs: 0 }, []));
  await restorer.look();
  expect(offered).toEqual([]);
  await restorer.look(true);
  expect(offered).toEqual([offerOf([])]);
});

it('forgets runs of cells that the notebook has not', async () => {
  const outcome = await restorer.restore([run({ cell_id: 'gone' })]);
  expect(outcome.restored).toEqual([]);
});

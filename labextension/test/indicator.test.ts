import type { ISessionContext } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { SessionExportError } from '../src/errors';
import { recordingIcons } from '../src/icons';
import { RecordingIndicator, type SessionHints } from '../src/indicator';
import { RecordingModel } from '../src/recording';
import { FakeRecordingApi } from './fakes';

class FakeSession implements SessionHints {
  private readonly sender = {} as ISessionContext;
  readonly statusChanged: Signal<ISessionContext, 'busy' | 'idle'> = new Signal(
    this.sender
  );
  readonly kernelChanged: Signal<ISessionContext, never> = new Signal(this.sender);
}

let api: FakeRecordingApi;
let indicator: RecordingIndicator;
let model: RecordingModel;
let session: FakeSession;

beforeEach(() => {
  vi.useFakeTimers();
  api = new FakeRecordingApi();
  model = new RecordingModel(api);
  session = new FakeSession();
  indicator = new RecordingIndicator(
    model,
    session,
    nullTranslator.load('jupyter_session_export'),
    () => 'mine.ipynb'
  );
  Widget.attach(indicator, document.body);
});

afterEach(() => {
  indicator.dispose();
  model.dispose();
  vi.useRealTimers();
});

function button(): HTMLButtonElement {
  const found = indicator.node.querySelector('button');
  if (!found) {
    throw new Error('No button');
  }
  return found;
}

const soon = () => vi.advanceTimersByTimeAsync(1_500);

it('shows the state, says what it means and what a click does', async () => {
  await soon();
  expect(button().textContent).toBe('Recorded');
  expect(button().dataset['state']).toBe('on');
  expect(button().title).toContain('This session is recorded');
  expect(button().ariaLabel).toBe('Recorded. Pause recording this session');
  expect(button().querySelector('svg')).not.toBeNull();
});

it('shows that this notebook is off, and a click records it again', async () => {
  await soon();
  await model.toggleNotebook('mine.ipynb');
  expect(button().textContent).toBe('Notebook off');
  expect(button().title).toContain('What this notebook runs is not kept');
  expect(button().dataset['state']).toBe('off');
  button().click();
  await soon();
  expect(button().textContent).toBe('Recorded');
  expect(api.wanted).toEqual(['paused mine.ipynb', 'on mine.ipynb']);
});

it('shows that the settings have this notebook off, where a click could do nothing', async () => {
  api.answer = { ...api.answer, notebooks_off_by_settings: ['mine.ipynb'] };
  await soon();
  expect(button().textContent).toBe('Notebook off');
  expect(button().dataset['state']).toBe('off');
  expect(button().title).toContain('The settings of this server say so.');
  expect(button().title).not.toContain('Click');
  expect(button().disabled).toBe(true);
  await model.toggleNotebook('mine.ipynb');
  expect(api.wanted).toEqual([]);
});

it('shows the session as recorded where another notebook is off', async () => {
  await soon();
  await model.toggleNotebook('other.ipynb');
  expect(button().textContent).toBe('Recorded');
});

it('pauses and resumes by a click', async () => {
  await soon();
  button().click();
  expect(button().ariaBusy).toBe('true');
  await soon();
  expect(button().textContent).toBe('Paused');
  expect(button().ariaBusy).toBe('false');
  button().click();
  await soon();
  expect(button().textContent).toBe('Recorded');
});

it('leaves the focus in the notebook', () => {
  const press = new MouseEvent('mousedown', { cancelable: true });
  button().dispatchEvent(press);
  expect(press.defaultPrevented).toBe(true);
});

it('looks again when the kernel does something', async () => {
  await soon();
  api.answer = { state: 'stopped', reason: 'The disk is full.' };
  session.statusChanged.emit('busy');
  session.statusChanged.emit('idle');
  await soon();
  expect(button().dataset['state']).toBe('stopped');
  expect(button().title).toContain('The disk is full.');
});

it('looks again when it is shown', async () => {
  indicator.hide();
  await soon();
  const before = api.asked;
  indicator.show();
  await soon();
  expect(api.asked).toBe(before + 1);
});

it('cannot be clicked where there is nothing to record', async () => {
  api.failure = new SessionExportError('NOT_INSTALLED', '');
  await vi.advanceTimersByTimeAsync(31_000);
  expect(button().disabled).toBe(true);
  expect(button().textContent).toBe('Not recorded');
});

it.each(['off', 'ended', 'unknown'] as const)(
  'shows a recording that is %s and cannot be clicked',
  async state => {
    api.answer = { state, reason: 'Because.' };
    await soon();
    expect(button().dataset['state']).toBe(state);
    expect(button().disabled).toBe(true);
    expect(button().title).toContain('Because.');
    expect(button().ariaLabel).toBe(button().textContent);
    expect(button().querySelector('svg')).not.toBeNull();
  }
);

it('has a picture of its own for each state', () => {
  const pictures = Object.values(recordingIcons).map(icon => icon.svgstr);
  expect(new Set(pictures).size).toBe(6);
});

it('asks nothing any more once it is disposed', async () => {
  indicator.dispose();
  indicator.dispose();
  session.statusChanged.emit('busy');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(api.asked).toBe(0);
});

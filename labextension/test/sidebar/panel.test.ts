import { MessageLoop } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { SessionExportError } from '../../src/errors';
import { RecordingModel } from '../../src/recording';
import { SessionsPanel, type IExporter } from '../../src/sidebar/panel';
import { FakeRecordingApi } from '../fakes';
import {
  at,
  ended,
  FakeAsk,
  FakeSidebarApi,
  file,
  finished,
  leftOut,
  NOW,
  session,
  trans,
  transfer
} from './fakes';

class FakeExporter implements IExporter {
  isEnabled = true;
  readonly changed = new Signal<this, void>(this);
  readonly started: object[] = [];

  start(request: object): void {
    this.started.push(request);
  }
}

let api: FakeSidebarApi;
let ask: FakeAsk;
let exporter: FakeExporter;
let panel: SessionsPanel;
let recording: RecordingModel;
let recordingApi: FakeRecordingApi;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  api = new FakeSidebarApi();
  ask = new FakeAsk();
  exporter = new FakeExporter();
  recordingApi = new FakeRecordingApi();
  recording = new RecordingModel(recordingApi);
  panel = new SessionsPanel({ api, ask, exporter, recording, trans });
});

afterEach(() => {
  panel.dispose();
  recording.dispose();
  vi.useRealTimers();
});

/** Let time pass and everything that waits for it happen. */
async function pass(milliseconds = 100): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  MessageLoop.flush();
  await panel.renderPromise;
  // React renders in a task of its own.
  await new Promise(resolve => setImmediate(resolve));
}

async function open(): Promise<void> {
  Widget.attach(panel, document.body);
  await pass();
}

function find(selector: string): HTMLElement {
  const found = panel.node.querySelector<HTMLElement>(selector);
  if (!found) {
    throw new Error(`No ${selector} in ${panel.node.innerHTML}`);
  }
  return found;
}

function button(name: string): HTMLButtonElement {
  const found = [...panel.node.querySelectorAll('button')].find(
    one => (one.getAttribute('aria-label') ?? one.textContent) === name
  );
  if (!found) {
    throw new Error(`No button ${name}`);
  }
  return found;
}

async function click(name: string): Promise<void> {
  button(name).click();
  await pass();
}

const isDead = (one: HTMLButtonElement) => one.ariaDisabled === 'true';

const text = () => panel.node.textContent;

/** What axe finds; jsdom has no layout, so that colours are left to the browser tests. */
async function flaws(): Promise<string[]> {
  vi.useRealTimers();
  const { violations } = await axe.run(panel.node, {
    rules: { 'color-contrast': { enabled: false } }
  });
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
}

describe('what it shows', () => {
  it('is each session, the current one in full', async () => {
    await open();
    expect(text()).toContain('Session 42');
    expect(text()).toContain('12 executions');
    expect(text()).toContain('2 h 5 min old, ends in 23 h if not used');
    expect(text()).toContain('a.ipynb');
    expect(text()).toContain('python3, idle');
    expect(text()).toContain('2 entries1 kB');
    expect(text()).toContain('7 kB before compression');
    expect(text()).toContain('Session 41');
    expect(text()).toContain('Ended 3 d ago');
    expect(await flaws()).toEqual([]);
  });

  it('is each session, also one whose counts nobody knows', async () => {
    api.listed = [session(), ended({ counts: null, bytes: null })];
    await open();
    expect(text()).toContain('Session 42');
    expect(text()).toContain('Session 41');
    await click('Session 41');
    expect(find('[data-session="41"]').textContent).not.toContain('execution');
    await click('Remove Session 41 …');
    expect(ask.questions[0]?.lines[0]).toContain('All that was recorded goes');
  });

  it('is the progress of running exports, with a way to cancel', async () => {
    const downloads = [transfer()];
    api.jobs = [at(45), finished({ id: 'e2', downloads })];
    await open();
    const bars = [...panel.node.querySelectorAll('[role=progressbar]')];
    expect(bars.map(bar => bar.getAttribute('aria-valuenow'))).toEqual(['45', '25']);
    expect(text()).toContain('2 MB/s, about 30 s left');
    button('Cancel session_export_2026-11-20.zip').click();
    await pass();
    expect(api.count('cancel e1')).toBe(1);
    expect(await flaws()).toEqual([]);
  });

  it('is what ended exports left out, when somebody wants to know', async () => {
    api.jobs = [finished({ left_out: 2, session_id: 's1' })];
    api.leftOut_ = [leftOut('data/socket'), leftOut('data/fifo')];
    await open();
    expect(api.count('leftOut')).toBe(0);
    await click('2 files left out');
    await pass();
    expect(text()).toContain('data/fifo');
    expect(text()).toContain('Skipped: It is a socket.');
    expect(await flaws()).toEqual([]);
  });

  it('is how many files an export left out, also when its ZIP has expired', async () => {
    api.jobs = [finished({ state: 'expired', bytes: null, left_out: 2 })];
    await open();
    expect(text()).toContain('Expired · 2 files left out · 2 min ago');
  });

  it('is why an export has failed', async () => {
    const error = { code: 'EXPORT_FAILED', message: 'Disk full.', detail: 'Make room.' };
    api.jobs = [finished({ state: 'failed', bytes: null, error })];
    await open();
    expect(text()).toContain('Failed');
    expect(text()).toContain('Disk full. Make room.');
  });

  it('is that there is nothing, where there is nothing', async () => {
    api.listed = [];
    await open();
    expect(text()).toContain('There is no session yet');
    expect(text()).toContain('None yet.');
    expect(await flaws()).toEqual([]);
  });

  it('is that the extension is missing, and nothing else', async () => {
    api.failures.set('sessions', new SessionExportError('NOT_INSTALLED', ''));
    await open();
    expect(find('[role=alert]').textContent).toContain('is not running');
    expect(panel.node.querySelector('section')).toBeNull();
    expect(await flaws()).toEqual([]);
  });

  it('stays, and says so, when the server is gone; "Retry" asks it again', async () => {
    await open();
    api.failures.set('sessions', new SessionExportError('SERVER_UNREACHABLE', ''));
    await click('Refresh');
    await pass();
    expect(find('[role=alert]').textContent).toContain('does not answer');
    expect(text()).toContain('Session 42');
    api.failures.clear();
    await click('Retry');
    await pass();
    expect(panel.node.querySelector('[role=alert]')).toBeNull();
  });
});

describe('what can be done', () => {
  it('is to download what is chosen', async () => {
    await open();
    find('.jp-SessionExport-section input').click();
    find('.jp-SessionExport-compression label:last-child input').click();
    await pass();
    await click('Download Session 42');
    const include = ['executions', 'debug', 'logs', 'recordings', 'data', 'outputs'];
    expect(exporter.started).toEqual([
      { session_id: 's1', include, compression: 'fast' }
    ]);
  });

  it('is no download while this page makes one, nor of nothing', async () => {
    await open();
    exporter.isEnabled = false;
    exporter.changed.emit();
    await pass();
    expect(isDead(button('Download Session 42'))).toBe(true);
    await click('Download Session 42');
    expect(exporter.started).toEqual([]);
    exporter.isEnabled = true;
    exporter.changed.emit();
    await pass();
    expect(isDead(button('Download Session 42'))).toBe(false);
    for (const box of panel.node.querySelectorAll<HTMLElement>('input:checked')) {
      box.click();
      await pass();
    }
    expect(isDead(button('Download Session 42'))).toBe(true);
  });

  it('is to pause, and it says so aloud', async () => {
    await open();
    await click('Pause recording session 42');
    await pass();
    expect(api.count('recording s1 paused')).toBe(1);
    expect(find('.jp-SessionExport-message').role).toBe('status');
    expect(text()).toContain('is paused');
    await click('Dismiss');
    expect(panel.node.querySelector('.jp-SessionExport-message')).toBeNull();
  });

  it('is to delete and download files of its own', async () => {
    api.files_ = [file('bulk/a.bin'), file('bulk/b.bin'), file('single/c.csv')];
    await open();
    await click('Own files (3)');
    const links = [...panel.node.querySelectorAll('a')];
    expect(links.map(link => link.getAttribute('href'))).toEqual([
      '/sessions/s1/files/download?category=bulk',
      '/sessions/s1/files/bulk/a.bin',
      '/sessions/s1/files/bulk/b.bin',
      '/sessions/s1/files/single/c.csv'
    ]);
    await click('Delete single/c.csv');
    expect(api.count('delete s1 single/c.csv')).toBe(1);
    expect(await flaws()).toEqual([]);
  });

  it.each([
    ['Purge Session 42 …', 'purge s1'],
    ['End Session 42 …', 'end s1 true']
  ])('is "%s"', async (name, asked) => {
    await open();
    await click(name);
    await pass();
    expect(api.count(asked)).toBe(1);
  });

  it('is to remove a session that has ended', async () => {
    await open();
    await click('Session 41');
    await click('Remove Session 41 …');
    expect(api.count('remove s0')).toBe(1);
  });
});

describe('how often it asks', () => {
  const looks = () => api.count('sessions') + api.count('exports');

  it('is never while it is hidden', async () => {
    panel.hide();
    await open();
    await pass(60_000);
    expect(looks()).toBe(0);
    panel.show();
    await pass();
    expect(looks()).toBe(2);
    panel.hide();
    await pass(60_000);
    expect(looks()).toBe(2);
  });

  it('is never while the page is hidden', async () => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    await open();
    await pass(60_000);
    expect(looks()).toBe(0);
  });

  it('is every five seconds while nothing is exported', async () => {
    await open();
    await pass(15_000);
    expect(api.count('exports')).toBe(4);
    expect(api.count('sessions')).toBe(4);
  });

  it('is four times a second while an export is made, and only for exports', async () => {
    api.jobs = [at(45)];
    await open();
    await pass(3_000);
    expect(api.count('exports')).toBeGreaterThanOrEqual(12);
    expect(api.count('exports')).toBeLessThanOrEqual(14);
    expect(api.count('sessions')).toBe(1);
  });

  it('is at once when this page begins an export', async () => {
    await open();
    exporter.isEnabled = false;
    exporter.changed.emit();
    await pass();
    expect(api.count('exports')).toBe(2);
  });

  it('is at once when somebody clicked the indicator', async () => {
    await open();
    recordingApi.answer = { state: 'paused', reason: null };
    await recording.refresh();
    await pass();
    expect(api.count('sessions')).toBe(2);
  });

  it('is less and less while the server is gone', async () => {
    // Each wait is a random one up to thrice the last.
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    api.failures.set('sessions', new SessionExportError('SERVER_UNREACHABLE', ''));
    api.failures.set('exports', new SessionExportError('SERVER_UNREACHABLE', ''));
    await open();
    await pass(10 * 60_000);
    // At its own pace it would look 240 times; how long it waits is drawn by lot.
    expect(looks()).toBeLessThan(100);
  });

  it('is never again once it is disposed', async () => {
    await open();
    const before = looks();
    panel.dispose();
    exporter.changed.emit();
    await recording.refresh();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(looks()).toBe(before);
  });
});

it('tells a screen reader when an export begins and ends', async () => {
  await open();
  const said = find('.jp-SessionExport-hidden[role=status]');
  api.jobs = [at(1)];
  await pass(6_000);
  expect(said.textContent).toBe('An export has begun.');
  api.jobs = [finished()];
  await pass(1_000);
  expect(said.textContent).toBe('The export is ready.');
});

it('has the focus in it when it is opened by a command', async () => {
  await open();
  panel.activate();
  await pass();
  expect(panel.node.contains(document.activeElement)).toBe(true);
});

it('keeps the focus where it is while it is shown anew', async () => {
  await open();
  const pause = button('Pause recording session 42');
  pause.focus();
  api.listed = [
    session({ counts: { notebooks: 9, executions: 99, errors: 9, kernels: 1 } })
  ];
  await pass(6_000);
  expect(text()).toContain('99 executions');
  expect(document.activeElement).toBe(pause);
});

it('does one thing at a time, and a button that waits keeps the focus', async () => {
  await open();
  let answer: () => void = () => undefined;
  const setRecording = vi.spyOn(api, 'setSessionRecording').mockReturnValue(
    new Promise(resolve => {
      answer = resolve;
    })
  );
  const pause = button('Pause recording session 42');
  pause.focus();
  await click('Pause recording session 42');
  await click('Pause recording session 42');
  expect(setRecording).toHaveBeenCalledOnce();
  expect(isDead(pause)).toBe(true);
  // A browser takes the focus from what is disabled, which jsdom does not.
  expect(pause.disabled).toBe(false);
  answer();
  await pass();
  await pass();
  expect(isDead(pause)).toBe(false);
  expect(document.activeElement).toBe(pause);
});

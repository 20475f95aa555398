import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { SessionExportError } from '../src/errors';
import { RecordingModel } from '../src/recording';
import {
  deliveryText,
  endedByReloadText,
  failureText,
  progressText,
  readyText,
  recordingAction,
  recordingLabel,
  recordingTooltip,
  sizeText
} from '../src/texts';
import { FakeRecordingApi, job, ready } from './fakes';

const trans = nullTranslator.load('jupyter_session_export');

describe('progressText', () => {
  const { progress } = job();

  it('names what is done before there is a job', () => {
    expect(progressText('saving', null, trans)).toContain('saving open notebooks');
    expect(progressText('preparing', null, trans)).toContain('asking the server');
    expect(progressText('cancelling', progress, trans)).toContain('cancelling');
  });

  it('names only the stage while the number of files is not known', () => {
    expect(progressText('preparing', progress, trans)).toBe(
      'Download Session: completing the record …'
    );
  });

  it('says how far it is and how long it takes', () => {
    const running = {
      ...progress,
      stage: 'compressing',
      percent: 44.9,
      entries_done: 12,
      entries_total: 300,
      remaining: 4.2
    };
    expect(progressText('preparing', running, trans)).toBe(
      'Download Session: compressing …\n44 %, 12 of 300 files, about 5 s left'
    );
    const bytes = { ...running, bytes_total: 3_200_000_000 };
    expect(progressText('preparing', bytes, trans)).toMatch(
      /\n44 % of 3.2 GB, about 5 s left$/
    );
    const fast = { ...running, bytes_per_second: 5_200_000 };
    expect(progressText('preparing', fast, trans)).toMatch(
      /\n44 %, 12 of 300 files, 5.2 MB\/s, about 5 s left$/
    );
    const long = { ...running, remaining: 600 };
    expect(progressText('preparing', long, trans)).toContain('about 10 min left');
    const unknown = { ...running, remaining: null, entries_done: 0, entries_total: 1 };
    expect(progressText('preparing', unknown, trans)).toMatch(/\n44 %, 0 of 1 file$/);
  });

  it('shows a stage of a newer server as it is', () => {
    const newer = { ...progress, stage: 'polishing' };
    expect(progressText('preparing', newer, trans)).toContain('polishing');
  });

  it.each(['planning', 'sealing', 'ready'])('has words for the stage %s', stage => {
    expect(progressText('preparing', { ...progress, stage }, trans)).toMatch(/ …$/);
  });
});

describe('readyText', () => {
  it('says file name and size', () => {
    expect(readyText(ready(), { kind: 'done' }, [], trans)).toBe(
      'session_export_2026-11-20.zip (12.3 MB) was sent to your browser.'
    );
    expect(readyText(ready({ bytes: null }), { kind: 'done' }, [], trans)).toBe(
      'session_export_2026-11-20.zip was sent to your browser.'
    );
  });

  it('says how many files were left out', () => {
    expect(readyText(ready({ left_out: 3 }), { kind: 'unseen' }, [], trans)).toContain(
      '3 files were left out; manifest.json says why.'
    );
    expect(readyText(ready({ left_out: 1 }), { kind: 'unseen' }, [], trans)).toContain(
      '1 file was left out; manifest.json says why.'
    );
  });

  it('says how many notebooks could not be saved', () => {
    expect(readyText(ready(), { kind: 'unseen' }, ['a.ipynb'], trans)).toContain(
      '1 notebook could not be saved; the ZIP has it as it was on disk.'
    );
  });

  it('says what became of the download', () => {
    const unseen = readyText(ready(), { kind: 'unseen' }, [], trans);
    expect(unseen).toContain('has not begun to download it.');
    const cut = { kind: 'interrupted', position: 45, total: 100 } as const;
    const text = readyText(ready(), cut, [], trans);
    expect(text).toContain('was interrupted at 45 %.');
    // JupyterLab cuts longer ones.
    expect(text.length).toBeLessThanOrEqual(140);
  });
});

describe('deliveryText', () => {
  const going = { kind: 'sending', position: 5_000_000, total: 12_345_678 } as const;

  it('names the file before the browser asks for it', () => {
    expect(deliveryText(ready(), { kind: 'starting' }, trans)).toBe(
      'Download Session: handing session_export_2026-11-20.zip to the browser …'
    );
  });

  it('says how far it is, how fast and how long it takes', () => {
    const known = { ...going, bytesPerSecond: 1_500_000, remaining: 4.9 };
    expect(deliveryText(ready(), known, trans)).toBe(
      'Downloading session_export_2026-11-20.zip …\n40 % of 12.3 MB, 1.5 MB/s, about 5 s left'
    );
  });

  it('says no more than is known', () => {
    const unknown = { ...going, bytesPerSecond: null, remaining: null };
    expect(deliveryText(ready(), unknown, trans)).toMatch(/\n40 % of 12.3 MB$/);
    const nothing = { ...unknown, bytesPerSecond: 0, position: 0, total: 0 };
    expect(deliveryText(ready(), nothing, trans)).toMatch(/\n0 % of 0 B$/);
  });
});

it('endedByReloadText names the download and what stopped it', () => {
  expect(endedByReloadText(ready(), trans)).toBe(
    'The download of session_export_2026-11-20.zip was stopped when this page was reloaded.'
  );
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1 kB'],
  [999_960, '1 MB'],
  [12_345_678, '12.3 MB'],
  [123_456_789, '123 MB'],
  [1.5e9, '1.5 GB'],
  [2e15, '2,000 TB']
])('sizeText(%i) is %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

describe('failureText', () => {
  it('shows message, code and detail of the server', () => {
    const error = new SessionExportError('STORE_UNAVAILABLE', 'Full.', 'Make room.');
    expect(failureText(error, trans)).toBe('Full. (STORE_UNAVAILABLE)\nMake room.');
    const bare = new SessionExportError('INTERNAL', '');
    expect(failureText(bare, trans)).toBe('Something went wrong. (INTERNAL)');
  });

  it.each([
    ['SERVER_UNREACHABLE', 'does not answer'],
    ['NOT_INSTALLED', 'server extension jupyter_session_export is not running'],
    ['CANCELLED_SESSION_CHANGE', 'the session has changed.\nraw'],
    ['UNAUTHENTICATED', 'sign in again'],
    ['FORBIDDEN', 'sign in again'],
    ['BAD_ANSWER', 'status 500']
  ])('has a sentence of its own for %s', (code, sentence) => {
    const error = new SessionExportError(code, 'raw', null, 500);
    expect(failureText(error, trans)).toContain(sentence);
  });
});

describe('the recording', () => {
  const known = async (api: FakeRecordingApi) => {
    const model = new RecordingModel(api);
    await model.refresh();
    return model;
  };

  it.each([
    ['on', 'Recorded', 'Pause', 'is recorded'],
    ['paused', 'Paused', 'Resume', 'is paused'],
    ['stopped', 'Stopped', 'Try', 'has stopped']
  ] as const)('when %s has a word, an action and a meaning', async (state, ...texts) => {
    const api = new FakeRecordingApi();
    api.answer = { state, reason: 'Because.' };
    const model = await known(api);
    const [word, action, meaning] = texts;
    expect(recordingLabel(model, trans)).toBe(word);
    expect(recordingAction(model, trans)).toContain(action);
    expect(recordingTooltip(model, trans)).toContain(meaning);
    expect(recordingTooltip(model, trans)).toContain('\nBecause.\nClick: ');
  });

  it.each([
    ['off', 'Not recorded', 'is not recorded'],
    ['ended', 'Ended', 'has ended']
  ] as const)('when %s has a word, a meaning and no action', async (state, ...texts) => {
    const api = new FakeRecordingApi();
    api.answer = { state, reason: 'Because.' };
    const model = await known(api);
    const [word, meaning] = texts;
    expect(recordingLabel(model, trans)).toBe(word);
    expect(recordingAction(model, trans)).toBeNull();
    expect(recordingTooltip(model, trans)).toContain(meaning);
    expect(recordingTooltip(model, trans)).toMatch(/\nBecause\.$/);
  });

  it.each([
    ['NOT_INSTALLED', 'Not recorded'],
    ['SERVER_UNREACHABLE', 'Recording?']
  ])('when nothing is known (%s) says so and why', async (code, word) => {
    const api = new FakeRecordingApi();
    api.failure = new SessionExportError(code, 'raw');
    const model = await known(api);
    expect(recordingLabel(model, trans)).toBe(word);
    expect(recordingAction(model, trans)).toBeNull();
    expect(recordingTooltip(model, trans)).toContain('is not known');
    expect(recordingTooltip(model, trans).split('\n')).toHaveLength(2);
  });
});

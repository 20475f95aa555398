import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { IRecording } from '../src/api';
import { SessionExportError } from '../src/errors';
import { RecordingModel } from '../src/recording';
import { deferred, FakeRecordingApi } from './fakes';

let api: FakeRecordingApi;
let model: RecordingModel;

beforeEach(() => {
  vi.useFakeTimers();
  api = new FakeRecordingApi();
  model = new RecordingModel(api);
});

afterEach(() => {
  model.dispose();
  vi.useRealTimers();
});

const dead = new SessionExportError('SERVER_UNREACHABLE', 'No answer');

describe('what is known', () => {
  it('is nothing before the first answer', () => {
    expect(model.state).toBe('unknown');
    expect(model.reason).toBeNull();
  });

  it('is what the server said, with its reason', async () => {
    api.answer = { state: 'stopped', reason: 'The disk is full.' };
    await model.refresh();
    expect(model).toMatchObject({ state: 'stopped', reason: 'The disk is full.' });
  });

  it('is nothing again when the server does not answer', async () => {
    await model.refresh();
    api.failure = dead;
    await model.refresh();
    expect(model).toMatchObject({ state: 'unknown', error: dead });
  });

  it('recovers with the server', async () => {
    api.failure = dead;
    await model.refresh();
    api.failure = null;
    await model.refresh();
    expect(model).toMatchObject({ state: 'on', error: null });
  });

  it('is asked for once, however many want to know at a time', async () => {
    await Promise.all([model.refresh(), model.refresh(), model.refresh()]);
    expect(api.asked).toBe(1);
  });
});

describe('a click', () => {
  it('pauses what is on and resumes what is paused', async () => {
    await model.refresh();
    await model.toggle();
    expect(model.state).toBe('paused');
    await model.toggle();
    expect(model.state).toBe('on');
    expect(api.wanted).toEqual(['paused', 'on']);
  });

  it('tries to resume what has stopped', async () => {
    api.answer = { state: 'stopped', reason: null };
    await model.refresh();
    await model.toggle();
    expect(api.wanted).toEqual(['on']);
  });

  it.each(['off', 'ended', 'unknown'] as const)('on %s does nothing', async state => {
    api.answer = { state, reason: null };
    await model.refresh();
    expect(model.isChangeable).toBe(false);
    await model.toggle();
    expect(api.wanted).toEqual([]);
  });

  it('while another is on its way does nothing', async () => {
    await model.refresh();
    await Promise.all([model.toggle(), model.toggle()]);
    expect(api.wanted).toEqual(['paused']);
  });

  it('that fails leaves the state and tells why', async () => {
    await model.refresh();
    api.failure = dead;
    await model.toggle();
    expect(model).toMatchObject({ state: 'on', error: dead, busy: false });
  });

  it('is not undone by an answer from before it', async () => {
    await model.refresh();
    const late = deferred<IRecording>();
    vi.spyOn(api, 'recording').mockReturnValueOnce(late.promise);
    const asked = model.refresh();
    await model.toggle();
    late.resolve({ state: 'on', reason: null });
    await asked;
    expect(model.state).toBe('paused');
  });
});

describe('keeping it fresh', () => {
  const viewer = { isVisible: true };

  beforeEach(() => {
    viewer.isVisible = true;
  });

  it('looks at once and then every 30 seconds while someone sees it', async () => {
    model.attach(viewer);
    await vi.advanceTimersByTimeAsync(100);
    expect(api.asked).toBe(1);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(api.asked).toBe(1);
    await vi.advanceTimersByTimeAsync(31_000);
    expect(api.asked).toBe(3);
  });

  it('asks nothing while no viewer is visible', async () => {
    viewer.isVisible = false;
    model.attach(viewer);
    model.hint();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(api.asked).toBe(0);
  });

  it('asks nothing while the page is hidden', async () => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    model.attach(viewer);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(api.asked).toBe(0);
  });

  it('asks nothing after the last viewer has gone', async () => {
    const first = model.attach(viewer);
    const second = model.attach({ isVisible: true });
    await vi.advanceTimersByTimeAsync(100);
    first.dispose();
    second.dispose();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(api.asked).toBe(1);
  });

  it('starts again with the next viewer', async () => {
    model.attach(viewer).dispose();
    await vi.advanceTimersByTimeAsync(100);
    model.attach(viewer);
    await vi.advanceTimersByTimeAsync(100);
    expect(api.asked).toBe(1);
  });

  it('answers a burst of hints with one look, when it is calm', async () => {
    model.attach(viewer);
    await vi.advanceTimersByTimeAsync(100);
    for (let hint = 0; hint < 20; hint++) {
      model.hint();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(api.asked).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(api.asked).toBe(2);
  });

  it('asks a dead server less and less often', async () => {
    // Lumino draws each pause between the shortest and thrice the last: here the middle.
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    api.failure = dead;
    model.attach(viewer);
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    expect(api.asked).toBeLessThan(20);
  });

  it('ends with the model', async () => {
    const attached = model.attach(viewer);
    model.hint();
    model.dispose();
    model.dispose();
    attached.dispose();
    model.hint();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(model.isDisposed).toBe(true);
    expect(api.asked).toBe(0);
  });
});

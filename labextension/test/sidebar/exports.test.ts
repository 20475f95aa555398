import { beforeEach, describe, expect, it } from 'vitest';

import { SessionExportError } from '../../src/errors';
import { ExportsModel } from '../../src/sidebar/exports';
import { at, FakeSidebarApi, finished, NOW, transfer, watched } from './fakes';

let api: FakeSidebarApi;
let model: ExportsModel;
let now: number;

beforeEach(() => {
  api = new FakeSidebarApi();
  now = NOW;
  model = new ExportsModel(api, () => now);
});

const dead = new SessionExportError('SERVER_UNREACHABLE', 'No answer');

describe('exports', () => {
  it('run while they are made or sent', async () => {
    api.jobs = [
      at(10, { id: 'made' }),
      finished({ id: 'sent', downloads: [transfer()] }),
      finished({ id: 'ready' }),
      watched({ id: 'dead', state: 'cancelled' })
    ];
    await model.refresh();
    expect(model.running.map(job => job.id)).toEqual(['made', 'sent']);
    expect(model.finished.map(job => job.id)).toEqual(['ready', 'dead']);
  });

  it('stay when the server does not answer, beside the error', async () => {
    api.jobs = [finished()];
    await model.refresh();
    api.failures.set('exports', dead);
    await model.refresh();
    expect(model.error).toBe(dead);
    expect(model.jobs).toHaveLength(1);
  });
});

describe('the next look', () => {
  it('is a quarter of a second away while an export is made, else seconds', async () => {
    expect(model.interval).toBe(5_000);
    api.jobs = [at(10)];
    await model.refresh();
    expect(model.interval).toBe(250);
  });

  it('is a second away while one is sent', async () => {
    api.jobs = [finished({ downloads: [transfer()] })];
    await model.refresh();
    expect(model.interval).toBe(1_000);
  });

  it('is a second away for a while after one was ready, as its download begins', async () => {
    api.jobs = [at(99)];
    await model.refresh();
    api.jobs = [finished()];
    await model.refresh();
    expect(model.interval).toBe(1_000);
    for (let look = 0; look < 5; look++) {
      await model.refresh();
    }
    expect(model.interval).toBe(5_000);
  });

  it('is a second away after somebody asked for a download', () => {
    model.expectDownload();
    expect(model.interval).toBe(1_000);
  });
});

describe('the speed of a download', () => {
  const sent = (bytes: number) =>
    finished({ downloads: [transfer({ sent_bytes: bytes })] });

  async function see(bytes: number): Promise<number | null> {
    const job = sent(bytes);
    api.jobs = [job];
    await model.refresh();
    now += 1_000;
    return model.speed(job, transfer())?.bytesPerSecond ?? null;
  }

  it('is not known at the first look', async () => {
    expect(await see(1_000)).toBeNull();
  });

  it('is that of the last seconds', async () => {
    await see(0);
    expect(await see(1_000)).toBe(1_000);
    for (const bytes of [2_000, 3_000, 4_000, 5_000, 6_000]) {
      await see(bytes);
    }
    for (const bytes of [16_000, 26_000, 36_000, 46_000, 56_000]) {
      await see(bytes);
    }
    expect(await see(66_000)).toBe(10_000);
  });
});

describe('cancelling', () => {
  it('asks the server once and looks again', async () => {
    api.jobs = [at(10)];
    await model.refresh();
    const cancelled = model.cancel('e1');
    expect(model.isCancelling('e1')).toBe(true);
    await Promise.all([cancelled, model.cancel('e1')]);
    expect(model.isCancelling('e1')).toBe(false);
    expect(api.count('cancel')).toBe(1);
    expect(api.asked.at(-1)).toBe('exports');
  });

  it('tells its caller what went wrong, and can be tried again', async () => {
    api.failures.set('cancel', dead);
    await expect(model.cancel('e1')).rejects.toBe(dead);
    expect(model.isCancelling('e1')).toBe(false);
  });
});

it('forgets what an export left out together with the export', async () => {
  api.jobs = [finished({ left_out: 1 })];
  await model.refresh();
  const before = model.leftOut('e1');
  expect(model.leftOut('e1')).toBe(before);
  api.jobs = [];
  await model.refresh();
  expect(before.isDisposed).toBe(true);
});

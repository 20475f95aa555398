import { afterEach, describe, expect, it, vi } from 'vitest';

import { requestAPI, SessionExportApi } from '../src/api';
import { SessionExportError } from '../src/errors';
import { ready, settings } from './fakes';

afterEach(() => {
  vi.useRealTimers();
});

const json = (data: unknown, status = 200) =>
  Promise.resolve(new Response(JSON.stringify(data), { status }));

async function failure(answer: (request: Request) => Promise<Response>) {
  const reason: unknown = await requestAPI('session', settings(answer)).catch(
    (thrown: unknown) => thrown
  );
  expect(reason).toBeInstanceOf(SessionExportError);
  return reason as SessionExportError;
}

describe('requestAPI', () => {
  it('asks below the base URL and returns the JSON', async () => {
    const urls: string[] = [];
    const data = await requestAPI<{ id: string }>(
      'session',
      settings(request => {
        urls.push(request.url.replace(/\?.*/, ''));
        return json({ id: 's1' });
      })
    );
    expect(data.id).toBe('s1');
    expect(urls).toEqual(['http://localhost:8888/base/session-export/api/session']);
  });

  it('returns undefined for an empty answer', async () => {
    const nothing = settings(() => Promise.resolve(new Response(null, { status: 204 })));
    expect(await requestAPI('exports/e1', nothing)).toBeUndefined();
  });

  it('rejects with code, message, detail and status of the server', async () => {
    const body = { code: 'STORE_UNAVAILABLE', message: 'Full.', detail: 'Make room.' };
    const error = await failure(() => json(body, 507));
    expect(error).toMatchObject({ ...body, status: 507 });
  });

  it.each([
    [404, 'NOT_INSTALLED'],
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [500, 'BAD_ANSWER'],
    [502, 'SERVER_UNREACHABLE'],
    [504, 'SERVER_UNREACHABLE']
  ])('gives a status %i without a code of ours the code %s', async (status, code) => {
    expect((await failure(() => json({ message: 'Not Found' }, status))).code).toBe(code);
  });

  it('takes an HTML page instead of JSON for a bad answer', async () => {
    const page = () => Promise.resolve(new Response('<html>Sign in</html>'));
    expect((await failure(page)).code).toBe('BAD_ANSWER');
  });

  it('says that a dead server does not answer', async () => {
    const dead = () => Promise.reject(new TypeError('Failed to fetch'));
    expect((await failure(dead)).code).toBe('SERVER_UNREACHABLE');
  });

  it('gives up on a server that hangs', async () => {
    vi.useFakeTimers();
    const hanging = (request: Request) =>
      new Promise<Response>((_, reject) => {
        request.signal.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      });
    const pending = failure(hanging);
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await pending).code).toBe('SERVER_UNREACHABLE');
  });

  it('rejects with the reason of the signal when the caller gives up', async () => {
    const controller = new AbortController();
    const asked = requestAPI(
      'session',
      settings(() => {
        controller.abort(new Error('enough'));
        return Promise.reject(new TypeError('aborted'));
      }),
      { signal: controller.signal }
    );
    await expect(asked).rejects.toThrow('enough');
  });
});

describe('SessionExportApi', () => {
  it('creates, follows and cancels an export by its routes', async () => {
    const calls: string[] = [];
    const api = new SessionExportApi(
      settings(async request => {
        const path = new URL(request.url).pathname.split('/api/')[1] ?? '';
        calls.push(`${request.method} ${path} ${await request.text()}`.trim());
        return request.method === 'DELETE'
          ? new Response(null, { status: 204 })
          : await json(ready());
      })
    );
    await api.create({ scope: 'session', client_id: 'c1' });
    await api.follow('e1', new AbortController().signal);
    await api.cancel('e1');
    expect(calls).toEqual([
      'POST exports {"scope":"session","client_id":"c1"}',
      'GET exports/e1',
      'DELETE exports/e1'
    ]);
  });

  it('has no token in the URL of a download', () => {
    const api = new SessionExportApi(settings(() => json({})));
    expect(api.downloadUrl('a/b')).toBe(
      'http://localhost:8888/base/session-export/api/exports/a%2Fb/download'
    );
  });

  it('sets the recording and asks for it', async () => {
    const calls: string[] = [];
    const api = new SessionExportApi(
      settings(async request => {
        calls.push(`${request.method} ${await request.text()}`.trim());
        return json({
          id: 's1',
          number: 1,
          recording: { state: 'paused', reason: null }
        });
      })
    );
    expect(await api.setRecording('paused')).toEqual({ state: 'paused', reason: null });
    expect(await api.recording()).toEqual({ state: 'paused', reason: null });
    expect(calls).toEqual(['POST {"state":"paused"}', 'GET']);
  });
});

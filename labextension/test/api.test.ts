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
    [424, 'SERVER_UNREACHABLE'],
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

  it('tells of this page, and asks for exports and what they left out', async () => {
    const calls: string[] = [];
    const ledger = { left_out: [], total: 0 };
    const api = new SessionExportApi(
      settings(request => {
        const { pathname, searchParams } = new URL(request.url);
        // JupyterLab adds the time to a GET, against caches.
        const query = [...searchParams].filter(([, value]) => value !== '');
        calls.push(
          `${request.method} ${pathname.split('/api/')[1] ?? ''} ${query.join(' ')}`.trim()
        );
        return json({ exports: [ready()], ...ledger });
      })
    );
    await api.raiseEpoch('c/1');
    expect(await api.exports(5)).toEqual([ready()]);
    expect(await api.ledger('e1')).toMatchObject(ledger);
    expect(calls).toEqual([
      'POST clients/c%2F1/epoch',
      'GET exports limit,5',
      'GET exports/e1/ledger offset,0 limit,200'
    ]);
  });

  it('has no token in the URL of a download', () => {
    const api = new SessionExportApi(settings(() => json({})));
    expect(api.downloadUrl('a/b')).toBe(
      'http://localhost:8888/base/session-export/api/exports/a%2Fb/download'
    );
  });

  it('has the XSRF token in it where the page has that cookie', () => {
    const api = new SessionExportApi(settings(() => json({})));
    const plain = api.downloadUrl('e1');
    const cookie = vi.spyOn(document, 'cookie', 'get');
    cookie.mockReturnValue('a=1; _xsrf=2|ab&c=|12; my_xsrf=no');
    expect(api.downloadUrl('e1')).toBe(`${plain}?_xsrf=2%7Cab%26c%3D%7C12`);
    cookie.mockReturnValue('_xsrf=first; _xsrf=last');
    expect(api.downloadUrl('e1')).toBe(`${plain}?_xsrf=last`);
    cookie.mockReturnValue('a=1; my_xsrf=no');
    expect(api.downloadUrl('e1')).toBe(plain);
    cookie.mockImplementation(() => {
      throw new DOMException('Sandboxed', 'SecurityError');
    });
    expect(api.downloadUrl('e1')).toBe(plain);
  });

  it.each([
    [{ state: 'off', reason: 'By the settings.' }, 'off'],
    [{ state: 'ended', reason: 'Of another server.' }, 'ended'],
    [{ state: 'rewinding', reason: 'Newer.' }, 'unknown'],
    [{ state: 'constructor', reason: null }, 'unknown']
  ])('knows the recording %j as %s', async (recording, state) => {
    const api = new SessionExportApi(settings(() => json({ id: 's1', recording })));
    const expected = { state, reason: recording.reason };
    expect(await api.recording()).toEqual(expected);
    expect(await api.setRecording('on')).toEqual(expected);
  });

  it('takes a session that tells nothing of its recording for unknown', async () => {
    const api = new SessionExportApi(settings(() => json({ id: 's1' })));
    expect(await api.recording()).toEqual({ state: 'unknown', reason: null });
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

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { SidebarApi } from '../../src/sidebar/api';
import { settings } from '../fakes';
import { session, watched } from './fakes';

interface IAsked {
  method: string;
  path: string;
  body: string;
}

let asked: IAsked[];
let answer: unknown;
let api: SidebarApi;

beforeEach(() => {
  asked = [];
  api = new SidebarApi(
    settings(async request => {
      const path = request.url.replace(
        'http://localhost:8888/base/session-export/api',
        ''
      );
      asked.push({ method: request.method, path, body: await request.text() });
      return new Response(JSON.stringify(answer));
    })
  );
});

afterEach(() => {
  document.cookie = '_xsrf=; max-age=0';
});

/** What was asked for, without the parameter that Jupyter adds against caches. */
const routes = () =>
  asked.map(({ method, path }) => `${method} ${path.replace(/[?&]\d{13}$/, '')}`);

describe('reading', () => {
  it('lists sessions, their content and exports', async () => {
    answer = { sessions: [session()], total: 1 };
    expect(await api.sessions(50)).toEqual({ sessions: [session()], total: 1 });
    answer = { files: [] };
    expect(await api.files('s1')).toEqual([]);
    answer = { exports: [watched()] };
    expect(await api.exports()).toEqual([watched()]);
    answer = { session_id: 's1' };
    await api.stats('s1');
    answer = { left_out: [], total: 0 };
    await api.leftOut('e1', 100, 100);
    expect(routes()).toEqual([
      'GET /sessions?limit=50',
      'GET /sessions/s1/files',
      'GET /exports?limit=20',
      'GET /sessions/s1/stats',
      'GET /exports/e1/ledger?offset=100&limit=100'
    ]);
  });

  it('takes a state of a recording that a newer server knows for unknown', async () => {
    answer = {
      sessions: [{ ...session(), recording: { state: 'dreaming', reason: null } }],
      total: 1
    };
    expect((await api.sessions(1)).sessions[0]?.recording.state).toBe('unknown');
  });
});

describe('changing', () => {
  it('sends what the contract wants', async () => {
    answer = { removed: { executions: 1, bytes: 2 } };
    expect(await api.purge('s1', { execution: 7 })).toEqual({ executions: 1, bytes: 2 });
    answer = {};
    await api.setSessionRecording('s1', 'paused');
    await api.end('s1', true);
    await api.remove('s1');
    await api.cancel('e1');
    expect(asked.map(({ body }) => body)).toEqual([
      '{"execution":7}',
      '{"state":"paused"}',
      '{"shutdown_kernels":true}',
      '',
      ''
    ]);
    expect(routes()).toEqual([
      'DELETE /sessions/s1/records',
      'POST /sessions/s1/recording',
      'POST /sessions/s1/end',
      'DELETE /sessions/s1',
      'DELETE /exports/e1'
    ]);
  });

  it('escapes each name of a path', async () => {
    answer = {};
    await api.deleteFile('s1', 'bulk/50 %/ä?.csv');
    expect(routes()).toEqual(['DELETE /sessions/s1/files/bulk/50%20%25/%C3%A4%3F.csv']);
  });
});

describe('links', () => {
  it('lead to files and exports below the base URL', () => {
    const base = 'http://localhost:8888/base/session-export/api/';
    expect(api.fileUrl('s1', 'single/a b.csv')).toBe(
      `${base}sessions/s1/files/single/a%20b.csv`
    );
    expect(api.filesUrl('s1', 'bulk')).toBe(
      `${base}sessions/s1/files/download?category=bulk`
    );
    expect(api.downloadUrl('e1')).toBe(`${base}exports/e1/download`);
  });

  it('have the XSRF token where the page has one', () => {
    document.cookie = '_xsrf=secret';
    expect(api.fileUrl('s1', 'a')).toMatch(/\?_xsrf=secret$/);
    expect(api.filesUrl('s1', 'bulk')).toMatch(/\?category=bulk&_xsrf=secret$/);
  });
});

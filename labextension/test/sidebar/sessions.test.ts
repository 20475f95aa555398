import { beforeEach, describe, expect, it } from 'vitest';

import { SessionExportError } from '../../src/errors';
import { DEFAULT_CHOICE, withSection } from '../../src/sidebar/choice';
import { isCurrent, PAGE, SessionsModel } from '../../src/sidebar/sessions';
import { ended, FakeSidebarApi, NOW, session } from './fakes';

let api: FakeSidebarApi;
let model: SessionsModel;
let now: number;

beforeEach(() => {
  api = new FakeSidebarApi();
  now = NOW;
  model = new SessionsModel(api, () => now);
});

const dead = new SessionExportError('SERVER_UNREACHABLE', 'No answer');

describe('the list', () => {
  it('is unknown before the first answer', () => {
    expect(model.sessions).toBeNull();
    expect(model.error).toBeNull();
  });

  it('is what the server says', async () => {
    await model.refresh();
    expect(model.sessions?.map(one => one.number)).toEqual([42, 41]);
    expect(model.total).toBe(2);
  });

  it('stays when the server does not answer, beside the error', async () => {
    await model.refresh();
    api.failures.set('sessions', dead);
    await model.refresh();
    expect(model.error).toBe(dead);
    expect(model.sessions).toHaveLength(2);
    api.failures.clear();
    await model.refresh();
    expect(model.error).toBeNull();
  });

  it('is asked for once, however many want it at a time', async () => {
    await Promise.all([model.refresh(), model.refresh()]);
    expect(api.count('sessions')).toBe(1);
  });

  it('has more when somebody asks for more', async () => {
    api.listed = Array.from({ length: PAGE + 1 }, (_, i) => ended({ id: `s${i}` }));
    await model.refresh();
    expect(model.sessions).toHaveLength(PAGE);
    await model.more();
    expect(model.sessions).toHaveLength(PAGE + 1);
  });
});

describe('what is expanded', () => {
  it('is the current session at first, and nothing else', async () => {
    await model.refresh();
    expect(model.isExpanded('s1')).toBe(true);
    expect(model.isExpanded('s0')).toBe(false);
    expect(api.asked).toEqual(['sessions 50', 'stats s1', 'files s1']);
  });

  it('stays folded once somebody has folded it', async () => {
    await model.refresh();
    await model.toggle(session());
    await model.refresh();
    expect(model.isExpanded('s1')).toBe(false);
  });

  it('is asked for at once', async () => {
    await model.refresh();
    await model.toggle(ended());
    expect(api.count('stats s0')).toBe(1);
    expect(model.details('s0').files).toHaveLength(1);
  });

  it('is the next current session, too', async () => {
    await model.refresh();
    api.listed = [session({ id: 's2', number: 43 }), ended({ id: 's1', number: 42 })];
    await model.refresh();
    expect(model.isExpanded('s2')).toBe(true);
    expect(model.isExpanded('s1')).toBe(true);
  });

  it('is forgotten with its session', async () => {
    await model.refresh();
    api.listed = [];
    await model.refresh();
    expect(model.isExpanded('s1')).toBe(false);
    expect(model.details('s1').stats).toBeNull();
  });
});

describe('the content of a session', () => {
  it('is not asked for again while nothing has changed', async () => {
    await model.refresh();
    await model.refresh();
    expect(api.count('stats')).toBe(1);
  });

  it('is asked for again when the session has changed', async () => {
    await model.refresh();
    api.listed = [session({ last_active_at: '2026-11-20T11:59:00Z' })];
    await model.refresh();
    expect(api.count('stats')).toBe(2);
  });

  it('is asked for again when it is old', async () => {
    await model.refresh();
    now += 20_000;
    await model.refresh();
    expect(api.count('files')).toBe(2);
  });

  it('is asked for again after something was done', async () => {
    await model.refresh();
    await model.renew();
    expect(api.count('files')).toBe(2);
  });

  it('keeps what is known when a part of it fails', async () => {
    await model.refresh();
    api.failures.set('stats', dead);
    api.files_ = [];
    await model.renew();
    const details = model.details('s1');
    expect(details.error).toBe(dead);
    expect(details.stats).not.toBeNull();
    expect(details.files).toEqual([]);
    api.failures.clear();
    await model.refresh();
    expect(model.details('s1').error).toBeNull();
  });
});

describe('the choice', () => {
  it('is of each session its own', () => {
    model.choose('s1', choice => withSection(choice, 'workspace', true));
    expect(model.choice('s1').include).toContain('workspace');
    expect(model.choice('s0')).toBe(DEFAULT_CHOICE);
  });
});

it('takes a session for current that this server writes and that has not ended', () => {
  expect(isCurrent(session())).toBe(true);
  expect(isCurrent(session({ this_server: false }))).toBe(false);
  expect(isCurrent(ended({ this_server: true }))).toBe(false);
});
